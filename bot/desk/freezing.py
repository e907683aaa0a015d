"""The emergency stop: while an exchange is frozen nothing leaves it; what is on its way settles as ever.

Anybody on the allowlist may freeze, from the chat or a shell. Unfreezing takes an admin who did not freeze.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot import words
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
    if not house.config.is_listed(person.team, person.user):
        answer = f"{words.NOT_LISTED} {words.NOTHING_CHANGED}"
        turn_away(tx, person, "", words.TRIED_TO_STOP.format(what="freeze", exchange=exchange or "all"), answer)
        return answer
    if not stop(tx, order):
        standing = next(freeze for freeze in tx.freezes.all() if freeze.exchange == exchange)
        return words.FROZEN_ALREADY.format(
            what=exchange or words.EVERYTHING.capitalize(), person=house.name_of(standing.actor), reason=standing.reason
        )
    return words.FROZE.format(person=house.name_of(person.user), what=_what(exchange), reason=order.reason)


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
        turn_away(tx, person, "", words.TRIED_TO_STOP.format(what="unfreeze", exchange=exchange or "all"), problem)
        answer = f"{problem} {words.NOTHING_CHANGED}"
    else:
        for freeze in frozen:
            tx.freezes.lift(freeze.exchange)
            event = tx.event(
                "unfrozen", person.user, exchange=freeze.exchange or "all", froze=freeze.actor, reason=freeze.reason
            )
            tx.outbox.tell("audit", None, event.seq)
        lifted = " and ".join(_what(freeze.exchange) for freeze in frozen)
        rest = tx.freezes.of(exchange)
        now = frozen_in_words(house, rest) if rest else words.LEAVES_NOW
        answer = words.UNFROZE.format(person=house.name_of(person.user), what=lifted, now=now)
    tx.remember(key, answer)
    return answer, not problem


def _unfreeze_problem(tx: Transaction, house: House, person: Person, exchange: str, frozen: list[Freeze]) -> str | None:
    if not frozen and tx.freezes.of(exchange):
        return words.NOT_FROZEN_BY_ITSELF.format(what=exchange)
    if not frozen:
        return words.NOT_FROZEN.format(what=exchange) if exchange else words.NOTHING_FROZEN
    if not house.config.is_listed(person.team, person.user) or person.user not in house.config.admins:
        return words.ADMINS_UNFREEZE
    own = next((freeze for freeze in frozen if freeze.actor == person.user), None)
    if own is not None:
        return words.OWN_FREEZE.format(what=_what(own.exchange))
    return None


def frozen_in_words(house: House, freeze: Freeze) -> str:
    """Say that, by whom and why nothing leaves."""
    person = house.name_of(freeze.actor)
    return words.FROZEN.format(
        what=freeze.exchange or words.EVERYTHING.capitalize(), person=person, reason=freeze.reason
    )


def _what(exchange: str) -> str:
    return exchange or words.EVERYTHING
