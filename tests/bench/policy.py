"""How long a verdict takes: 200 rules, 1,000 people, limits and 1,000 transfers of the last day.

    python tests/bench/policy.py [--json]

Times depend on the machine, so each is also given as a multiple of one piece of work done beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, time
from decimal import Decimal
from time import perf_counter

from figures import Figure, Part, median, show, us

from bot.accounts import Account, Route
from bot.policy import Hours, Quorum, Request, Rule, Spent, Tier, decide

PEOPLE = [f"U{number:04}" for number in range(1000)]
SPOT = Account("htx", "spot")
MARGINS = [Account("htx", "linear-swap", f"COIN{number}-USDT") for number in range(200)]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOURS = Hours(frozenset(range(5)), time(8), time(18), "Europe/Berlin")
MESSAGE = {"type": "block_actions", "user": {"id": "U0001"}, "actions": [{"value": "x" * 60}] * 2}
ROUNDS, REPEATS = 20, 50
SETTING = (
    f"200 rules, 1,000 people, limits, and 1,000 transfers of the last day; the median of {ROUNDS} rounds of "
    f"{REPEATS} verdicts. Beside it, a small JSON object written and read: about what one message from Slack costs."
)


def usdt(amount: int) -> dict[str, Decimal]:
    return {"USDT": Decimal(amount)}


def rule(number: int) -> Rule:
    """All people, one margin account of its own: only the rule that decides differs from the others by its route."""
    treasurers, directors = frozenset(PEOPLE[:20]), frozenset(PEOPLE[15:25])
    tiers = (
        Tier(usdt(100), (Quorum("treasurers", treasurers, 1),)),
        Tier(usdt(1000), (Quorum("treasurers", treasurers, 2), Quorum("directors", directors, 1)), second_factor=True),
    )
    return Rule(
        name=f"rule-{number}",
        who=frozenset(PEOPLE),
        sources=frozenset({SPOT}),
        destinations=frozenset({MARGINS[number]}),
        currencies=frozenset({"USDT"}),
        per_transfer=usdt(10**6),
        per_day=usdt(10**9),
        per_person_per_day=usdt(10**8),
        tiers=tiers,
        hours=HOURS,
        reason_required=True,
    )


def request(margin: Account) -> Request:
    return Request(PEOPLE[-1], Route(SPOT, margin), "USDT", Decimal(5000), "topping up")


def took(work: Callable[[], object]) -> float:
    """The median over the rounds of what one call took, in seconds."""

    def one_round() -> float:
        begun = perf_counter()
        for _ in range(REPEATS):
            work()
        return (perf_counter() - begun) / REPEATS

    return median(one_round() for _ in range(ROUNDS))


def measure() -> Part:
    rules = [rule(number) for number in range(200)]
    spent = [
        Spent(PEOPLE[number], Route(SPOT, MARGINS[-1]), "USDT", Decimal("1250.5")) for number in range(len(PEOPLE))
    ]
    elsewhere = Account("htx", "linear-swap", "OTHER-USDT")
    allowed = decide(request(MARGINS[-1]), rules, NOW, spent)
    assert allowed.allowed and allowed.used.by_all == Decimal("1250500"), "the verdict that is measured is a yes"
    assert not decide(request(elsewhere), rules, NOW, spent).allowed
    message_s = took(lambda: json.loads(json.dumps(MESSAGE)))
    figures = []
    for name, margin, before in [
        ("first rule, nothing spent", MARGINS[0], []),
        ("last rule, nothing spent", MARGINS[-1], []),
        ("last rule, 1,000 transfers", MARGINS[-1], spent),
        ("no rule, the nearest is named", elsewhere, spent),
    ]:
        asked = request(margin)
        verdict_s = took(lambda asked=asked, before=before: decide(asked, rules, NOW, before))
        beside = f"{verdict_s / message_s:.1f} × one JSON object there and back, {us(message_s)}"
        figures.append(Figure(name, us(verdict_s), beside))
    return Part("A verdict of the policy", "python tests/bench/policy.py", SETTING, figures)


if __name__ == "__main__":
    show(measure)
