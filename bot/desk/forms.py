"""A transfer asked for in a form: the form may be sent again after a refusal, and is taken once."""

from __future__ import annotations

from bot.desk.house import Ask, House, Refusal
from bot.desk.requests import propose
from bot.desk.wishes import ShareAsk, wish
from bot.journal import Transaction


def take(tx: Transaction, house: House, ask: Ask | ShareAsk, form: str) -> str | Refusal:
    """Do what a typed line would. Returns the private answer; a `Refusal` is for the form, which stays open.

    Args:
        ask: its key names this sending of the form: each is a delivery of its own.
        form: names the form, however often it is sent. Once it was taken, every further sending of it, and every
            sending that came before, gets the answer given then.
    """
    for key in (form, ask.key):
        given = tx.answer_given(key)
        if given is not None:
            return given
    answer = propose(tx, house, ask) if isinstance(ask, Ask) else wish(tx, house, ask)
    if not isinstance(answer, Refusal):
        tx.remember(form, answer)
    return answer
