"""What the journal has to say to an exchange's records: what was sent, as whom, and what it was sent from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk_bench import COMMAND, DeskBench

from bot.desk.stating import claims, currencies
from bot.transfers import Accepted, NotSent, Refused, Unknown


def sent(bench: DeskBench, exchange: str = "htx", ago: timedelta = timedelta(days=1)) -> list[tuple[str, str, bool]]:
    """Name, state and whether it is the present user's, of what was sent."""
    since = bench.clock.now() - ago
    found = bench.journal.run(lambda tx: list(claims(tx, bench.desk.house, exchange, since))).result()
    return [(claim.transfer.name, claim.transfer.state.value, own) for claim, own in found]


def test_only_what_was_sent_has_a_say(bench: DeskBench) -> None:
    for outcome in (Accepted("1"), Refused("1300", "no"), NotSent("could not connect")):
        bench.settled(outcome)
    bench.proposed("7 usdt htx:spot -> htx:linear-swap")
    bench.settled(Unknown("no answer"), "8 usdt htx:linear-swap -> htx:spot")
    assert [(name, state) for name, state, _ in sent(bench)] == [
        ("T1", "succeeded"),
        ("T2", "refused"),
        ("T3", "not_sent"),
        ("T5", "unknown"),
    ]
    assert sent(bench, "coinw") == []
    bench.clock.advance(hours=1)
    assert sent(bench, ago=timedelta(minutes=59)) == []


@pytest.mark.parametrize(("user", "own"), [("63628520", True), ("11111111", False)])
def test_what_another_exchange_user_sent_is_told_apart(bench: DeskBench, user: str, own: bool) -> None:
    bench.settled(Accepted("1"), COMMAND)
    keys, users = {"htx": "ffffffffffff", "coinw": "6a5b4c3d2e1f"}, {"htx": user, "coinw": "39000001,39000002"}
    bench.restart(keys=keys, users=users)
    assert sent(bench) == [("T1", "succeeded", own)]


def test_the_currencies_of_a_connection_are_those_of_its_rules_and_of_its_past(bench: DeskBench) -> None:
    def known(exchange: str) -> set[str]:
        return set(bench.journal.run(lambda tx: currencies(tx, bench.desk.house, exchange)).result())

    assert (known("htx"), known("coinw")) == ({"USDT"}, {"USDT", "BTC"})
    bench.proposed("1 btc coinw:master -> coinw:maker")
    bench.restart(('currencies = ["USDT", "BTC"]', 'currencies = ["ETH"]'))
    assert known("coinw") == {"BTC", "ETH"}
