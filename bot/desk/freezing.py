"""The emergency stop: while an exchange is frozen nothing leaves it; what is on its way settles as ever.

Anybody on the allowlist may freeze, from the chat or a shell. Unfreezing takes an admin who did not freeze.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.desk.house import House, Person
from bot.desk.refusing import turn_away
from bot.journal import EVERYTHING, Freeze, Transaction

REASON_MAX = 200


@dataclass(frozen=True)
class Order:
    """An order to freeze. `exchange` is a connection's name or `EVERYTHING`; `actor` a user id, or who used a shell."""

    exchange: str
    reason: str
    actor: str


def freeze(tx: Transaction, house: House, key: str, person: Person, exchange: str, reason: str) -> str:
    """Freeze one exchange or all. Returns the answer, for everybody in the channel to read."""
    return tx.once(key, lambda: _freeze(tx, house, person, Order(exchange, reason, person.user)))


def _freeze(tx: Transaction, house: House, person: Person, order: Order) -> str:
    exchange = order.exchange
    what = _what(exchange)
    if not house.config.is_listed(person.team, person.user):
        answer = "You are not on this desk's allowlist. Nothing changed."
        turn_away(tx, person, "", f"freeze {exchange or 'all'}", answer)
        return answer
    if not stop(tx, order):
        standing = next(freeze for freeze in tx.freezes.all() if freeze.exchange == exchange)
        return f"{exchange or 'Everything'} is frozen already, by {_who(house, standing)}: {standing.reason}."
    return (
        f"{house.name_of(person.user)} froze {what}: {order.reason}. Nothing leaves until an admin other than "
        f"{house.name_of(person.user)} unfreezes it; what was already sent settles."
    )


def obey(tx: Transaction, house: House, orders: Iterable[Order]) -> None:
    """Carry out what a shell ordered. The same order twice is one freeze; one of no exchange here is of all of them."""
    for order in orders:
        known = order.exchange in house.config.connections
        stop(tx, order if known else replace(order, exchange=EVERYTHING))


def stop(tx: Transaction, order: Order) -> bool:
    """Let nothing leave any more and tell the audit channel. Returns False when exactly that was frozen already."""
    if not tx.freezes.add(order.exchange, order.actor, order.reason):
        return False
    event = tx.event("frozen", order.actor, exchange=order.exchange or "all", reason=order.reason)
    tx.outbox.tell("audit", None, event.seq)
    return True


def unfreeze(tx: Transaction, house: House, key: str, person: Person, exchange: str) -> tuple[str, bool]:
    """Lift the freeze of one exchange, or every freeze. Returns the answer, and whether anything was lifted."""
    given = tx.answer_given(key)
    if given is not None:
        return given, False
    frozen = [freeze for freeze in tx.freezes.all() if exchange in (EVERYTHING, freeze.exchange)]
    problem = _unfreeze_problem(tx, house, person, exchange, frozen)
    if problem:
        turn_away(tx, person, "", f"unfreeze {exchange or 'all'}", problem)
        answer = f"{problem} Nothing changed."
    else:
        for freeze in frozen:
            tx.freezes.lift(freeze.exchange)
            event = tx.event(
                "unfrozen", person.user, exchange=freeze.exchange or "all", froze=freeze.actor, reason=freeze.reason
            )
            tx.outbox.tell("audit", None, event.seq)
        lifted = " and ".join(_what(freeze.exchange) for freeze in frozen)
        rest = tx.freezes.of(exchange)
        now = frozen_in_words(house, rest) if rest else "What is confirmed and still in time leaves now."
        answer = f"{house.name_of(person.user)} unfroze {lifted}. {now}"
    tx.remember(key, answer)
    return answer, not problem


def _unfreeze_problem(tx: Transaction, house: House, person: Person, exchange: str, frozen: list[Freeze]) -> str | None:
    if not frozen and tx.freezes.of(exchange):
        return f"{exchange} is not frozen by itself; everything is, which `unfreeze all` lifts."
    if not frozen:
        return f"{exchange or 'Nothing'} is {'not ' if exchange else ''}frozen."
    if not house.config.is_listed(person.team, person.user) or person.user not in house.config.admins:
        return "Only admins of this desk can unfreeze."
    own = next((freeze for freeze in frozen if freeze.actor == person.user), None)
    if own is not None:
        return f"You froze {_what(own.exchange)}, so another admin must unfreeze it."
    return None


def frozen_in_words(house: House, freeze: Freeze) -> str:
    """Say that, by whom and why nothing leaves."""
    return f"{freeze.exchange or 'Everything'} is frozen by {_who(house, freeze)}: {freeze.reason}."


def _what(exchange: str) -> str:
    return exchange or "everything"


def _who(house: House, freeze: Freeze) -> str:
    return house.name_of(freeze.actor)
