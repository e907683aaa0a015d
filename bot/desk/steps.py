"""A route of two steps: the second waits for the first, and what can be done when it fails with the money half way."""

from __future__ import annotations

from bot import words
from bot.accounts import Route
from bot.desk.house import Ask, Click, House, ask_again, move, twins
from bot.desk.refusing import turn_away
from bot.desk.requests import IN_WORDS, card_problem, propose_now
from bot.grammar import TransferIntent
from bot.journal import Transaction
from bot.transfers import FINAL, OPEN, State, Transfer

FAILED = FINAL - {State.SUCCEEDED}
# What a person presses, and what it is called on the record.
AGAIN, BACK = "try the second step again", "send it back"


def carry_on(tx: Transaction, house: House) -> None:
    """Let every second step follow what became of its first: go on, be asked again, or end with it.

    Of every exchange, also of one that is no longer in desk.toml and has no lane.
    """
    for second in list(tx.select("state = ?", State.WAITING.value)):
        first = tx.get(second.follows or 0)
        if first is None or first.state in FAILED:
            move(tx, second, State.CANCELLED, outcome=f"{words.FIRST_STEP_FAILED} {words.NOTHING_SENT}")
        elif first.state is State.SUCCEEDED:
            _release(tx, house, first, second)


def _release(tx: Transaction, house: House, first: Transfer, second: Transfer) -> None:
    unknown = next((twin for twin in twins(tx, second) if twin.state is State.UNKNOWN), None)
    if unknown is not None:
        ask_again(tx, house, second, words.EQUAL_UNANSWERED.format(transfer=unknown.name))
    elif first.sent_at is None or tx.now > first.sent_at + house.config.send_within:
        # Whoever agreed did so to something that would happen at once.
        ask_again(tx, house, second, words.FIRST_STEP_LATE.format(transfer=first.name))
    else:
        move(tx, second, State.APPROVED, reserved_at=tx.now, deadline=tx.now + house.config.send_within, outcome=None)


def second_step(tx: Transaction, first: Transfer) -> Transfer | None:
    """Return the second step of a route, however it stands; None for what is no route's first step."""
    return next(tx.select("follows = ? AND retry_of IS NULL", first.id), None)


def remedies(tx: Transaction, second: Transfer) -> tuple[Transfer, ...]:
    """Return what was begun to move the money on, or back, after a second step failed; oldest first."""
    return tuple(tx.select("retry_of = ?", second.id))


def is_stranded(tx: Transaction, second: Transfer) -> bool:
    """Tell whether the money is half way: the first step was done, the second failed, and nothing moves it on."""
    first = tx.get(second.follows) if second.follows and second.retry_of is None else None
    half_way = first is not None and first.state is State.SUCCEEDED and second.state in FAILED
    return half_way and not any(one.state in OPEN or one.state is State.SUCCEEDED for one in remedies(tx, second))


def move_on(tx: Transaction, house: House, click: Click, what: str) -> str:
    """Propose, for whoever pressed the button, what takes stranded money further or back. Returns the private answer.

    Args:
        what: `AGAIN` or `BACK`.
    """
    return tx.once(click.key, lambda: _move_on(tx, house, click, what))


def _move_on(tx: Transaction, house: House, click: Click, what: str) -> str:
    second = tx.get(click.transfer_id)
    problem = card_problem(tx, click, second)
    if problem is None and not house.config.is_listed(click.person.team, click.person.user):
        problem = words.NOT_LISTED
    if problem is None and second is not None and not is_stranded(tx, second):
        problem = words.NOTHING_LEFT_TO_DO.format(transfer=second.name, state=IN_WORDS[second.state])
    if problem is not None or second is None:
        turn_away(tx, click.person, click.channel, f"{what}: T{click.transfer_id}", problem or "")
        return f"{problem} {words.NOTHING_CHANGED}"
    first = tx.get(second.follows or 0)
    origin = first.route.source if first else second.route.source
    route = second.route if what == AGAIN else Route(second.route.source, origin)
    intent = TransferIntent(route, second.currency, second.amount, second.reason)
    follows = second.follows if what == AGAIN else None
    ask = Ask(click.key, click.person, second.channel, f"{what}: {second.name}", intent, follows, second.id)
    return propose_now(tx, house, ask)


def lead(tx: Transaction, transfer: Transfer) -> Transfer:
    """Return the transfer whose card shows this one."""
    return tx.get(transfer.card_of) or transfer
