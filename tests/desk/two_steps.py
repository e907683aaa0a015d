"""A route of two steps on a desk: asked for, confirmed, sent by hand one step at a time."""

from __future__ import annotations

from desk_bench import ALICE, SNAPSHOT, DeskBench, Person

from bot.accounts import Account
from bot.transfers import Accepted, Outcome, Refused, Transfer

MAKER, MASTER, ARBITRAGE = (Account("coinw", name) for name in ("39000001", "master", "39000002"))
COINW_RULE = 'currencies = ["USDT", "BTC"]'
ALL = '["coinw:master", "coinw:maker", "coinw:arbitrage"]'
INTO = 'from = ["coinw:maker"]\nto = ["coinw:master"]'
OUT = 'from = ["coinw:master"]\nto = ["coinw:arbitrage"]'
NO = Refused("1301", "Insufficient amount available.")


def ask(bench: DeskBench, by: Person = ALICE, amount: str = "250") -> str:
    return bench.ask(f"{amount} usdt coinw:maker -> coinw:arbitrage", by)


def proposed(bench: DeskBench, by: Person = ALICE) -> tuple[Transfer, Transfer]:
    """Both steps, on a card."""
    last = bench.read("SELECT coalesce(max(id), 0) FROM transfers")[0][0]
    assert ask(bench, by).startswith(f"T{last + 1}: 250 USDT from")
    bench.post()
    return bench.get(last + 1), bench.get(last + 2)


def confirmed(bench: DeskBench) -> tuple[Transfer, Transfer]:
    first, second = proposed(bench)
    bench.confirm(first)
    return bench.get(first.id), bench.get(second.id)


def send(bench: DeskBench, outcome: Outcome) -> Transfer | None:
    """What a lane does: take what is next, send it, write down what came of it."""
    following = bench.desk.what_next("coinw").result().transfer
    if following is None or bench.desk.claim(following.id, SNAPSHOT).result() is None:
        return None
    bench.desk.settle(following.id, outcome).result()
    return bench.get(following.id)


def half_way(bench: DeskBench, outcome: Outcome = NO) -> tuple[Transfer, Transfer]:
    """The first step done, the second not."""
    first, second = confirmed(bench)
    send(bench, Accepted("1"))
    send(bench, outcome)
    bench.post()
    assert bench.state(first) == "succeeded"
    return bench.get(first.id), bench.get(second.id)


def states(bench: DeskBench) -> list[str]:
    return [state for (state,) in bench.read("SELECT state FROM transfers ORDER BY id")]


def tiers(*lines: str) -> tuple[str, str]:
    return COINW_RULE, "\n".join((COINW_RULE, *lines))
