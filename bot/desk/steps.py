"""A route of two steps: the second waits for the first, and what can be done when it fails with the money half way."""

from __future__ import annotations

from datetime import timedelta

from bot import words
from bot.accounts import Route
from bot.desk.house import FAILED, Ask, Click, House, ask_again, move, twins
from bot.desk.looking import alarm
from bot.desk.refusing import turn_away
from bot.desk.requests import card_problem, propose_now
from bot.grammar import TransferIntent
from bot.journal import Transaction
from bot.transfers import State, Transfer

# Clocks are set right by small steps all the time; one that goes back further makes deadlines meaningless.
CLOCK_STEP_MAX = timedelta(seconds=5)

# What a person presses, and what it is called on the record.
AGAIN, BACK = words.SECOND_AGAIN, words.BACK_AGAIN


def carry_on(tx: Transaction, house: House) -> None:
    """Let every second step whose first is done go on, or be asked again.

    Of every exchange, also of one that is no longer in desk.toml and has no lane.
    """
    for second in list(tx.select("state = ?", State.WAITING.value)):
        first = tx.get(second.follows or 0)
        if first is not None and first.state is State.SUCCEEDED:
            _release(tx, house, first, second)


def _release(tx: Transaction, house: House, first: Transfer, second: Transfer) -> None:
    unknown = next((twin for twin in twins(tx, second) if twin.state is State.UNKNOWN), None)
    if unknown is not None:
        ask_again(tx, house, second, words.EQUAL_UNANSWERED.format(transfer=unknown.name))
    elif tx.now < (latest := tx.latest_since(State.SENDING.value, first)) - CLOCK_STEP_MAX:
        ask_again(tx, house, second, words.CLOCK_WENT_BACK)
    elif first.sent_at is None or max(tx.now, latest) > first.sent_at + house.config.send_within:
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
    """Tell whether the money is half way: the first step was done, the second failed, and nothing moves it on.

    Not where it may have left after all: the records seem to show so, or the journal was restored from a backup since
    and knows neither whether the second was sent nor what was begun about it.
    """
    first = tx.get(second.follows) if second.follows and second.retry_of is None else None
    if first is None or first.state is not State.SUCCEEDED:
        return False
    if tx.was_restored_since(next(tx.events("transfer_id = ?", second.id, limit=1))):
        return False
    return all(one.state in FAILED and alarm(tx, one) is None for one in (second, *remedies(tx, second)))


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
        problem = words.NOTHING_LEFT_TO_DO.format(transfer=second.name, state=words.IN_WORDS[second.state])
    if problem is not None or second is None:
        attempt = words.TRIED_TO_MOVE_ON.format(what=what, transfer=f"T{click.transfer_id}")
        turn_away(tx, click.person, click.channel, attempt, problem or "")
        return f"{problem} {words.NOTHING_CHANGED}"
    first = tx.get(second.follows or 0)
    origin = first.route.source if first else second.route.source
    route = second.route if what == AGAIN else Route(second.route.source, origin)
    intent = TransferIntent(route, second.currency, second.amount, second.reason)
    follows = second.follows if what == AGAIN else None
    asked = words.TRIED_TO_MOVE_ON.format(what=what, transfer=second.name)
    ask = Ask(click.key, click.person, second.channel, asked, intent, follows, second.id)
    return propose_now(tx, house, ask)


def lead(tx: Transaction, transfer: Transfer) -> Transfer:
    """Return the transfer whose card shows this one."""
    return tx.get(transfer.card_of) or transfer
