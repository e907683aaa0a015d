"""Shares at a desk: typing them, and reading what they wait for."""

from __future__ import annotations

from decimal import Decimal

from desk_bench import ALICE, CHANNEL, SNAPSHOT, DeskBench, Person

from bot.accounts import Account
from bot.desk import ShareAsk, Taken
from bot.grammar import ShareIntent, parse
from bot.journal import Holding
from bot.transfers import State, Transfer

SPOT, MAKER = Account("htx", "spot"), Account("coinw", "39000001")
ALL = "all usdt htx:spot -> htx:linear-swap"
HALF = "half usdt htx:spot -> htx:linear-swap"


def wish(bench: DeskBench, text: str = ALL, by: Person = ALICE, key: str | None = None) -> str:
    """Type a share. Returns the private answer."""
    intent = parse(text, bench.desk.house.config.venues)
    assert isinstance(intent, ShareIntent)
    return bench.desk.wish(ShareAsk(key or bench.new_key(), by, CHANNEL, text, intent), bench.soon).result()


def read(
    bench: DeskBench, available: str | None = "800", account: Account = SPOT, currency: str = "USDT", problem: str = ""
) -> None:
    """Let the exchange's reader read an account now."""
    holding = Holding(None if available is None else Decimal(available), problem, bench.clock.now())
    bench.desk.note_reading(Taken(account, currency, holding)).result()


def granted(bench: DeskBench, text: str = ALL, available: str = "800", by: Person = ALICE) -> Transfer:
    """A share that was worked out and proposed, its card posted."""
    wish(bench, text, by)
    read(bench, available)
    bench.post()
    ((number,),) = bench.read("SELECT max(id) FROM transfers")
    return bench.get(number)


def agreed(bench: DeskBench, text: str = ALL, available: str = "800") -> Transfer:
    """A share whose figure was confirmed and may leave."""
    transfer = granted(bench, text, available)
    bench.confirm(transfer)
    assert bench.get(transfer.id).state is State.APPROVED
    return bench.get(transfer.id)


def claim(bench: DeskBench, transfer: Transfer, available: str | None) -> Transfer | None:
    left = None if available is None else Decimal(available)
    return bench.desk.claim(transfer.id, SNAPSHOT, left).result()


def told(bench: DeskBench) -> list[tuple[str, str, str]]:
    """To whom, where and what was said privately, in what waits to be told."""
    events = [bench.desk.event(parcel.event_seq or 0).result() for parcel in bench.parcels("private")]
    return [(event.data["person"], event.data["channel"], event.data["words"]) for event in events if event]


def waiting(bench: DeskBench) -> int:
    return int(bench.read("SELECT count(*) FROM wishes")[0][0])
