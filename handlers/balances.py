"""The private answer to `/transfer balances`: what can leave the accounts somebody's rules name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import accumulate, groupby

from bot import words
from bot.accounts import for_people
from bot.desk import Desk, Inquiry, Line
from handlers.bell import Bell
from handlers.markup import escape, inert, moment
from handlers.previews import PROBLEM_SHOWN_MAX
from handlers.replies import Replies

# As long as people wait without looking away; a reading may take longer and is shown as being under way.
WAIT_S = 8.0
ACCOUNTS_SHOWN_MAX = 40
ACCOUNT_MAX = 1200  # characters of one account's currencies
TEXT_MAX = 3900  # a message may have 4000 characters


class BalanceAnswers:
    """Follows an acknowledged question up, once what it asks for was read, or after a while with what there is."""

    def __init__(self, desk: Desk, replies: Replies, wait_s: float = WAIT_S) -> None:
        self._desk = desk
        self._replies = replies
        self._wait_s = wait_s
        self._bell = Bell(desk)

    async def follow(self, inquiry: Inquiry, response_url: str) -> None:
        """Wait for the readings that are under way, then tell them."""
        listed = await self.read(inquiry)
        await self._replies.answer(response_url, balances(listed))

    async def read(self, inquiry: Inquiry) -> tuple[Line, ...]:
        """Return what there is once nothing more is awaited, or when nobody waits any longer."""
        with self._bell.listening() as rung:
            try:
                async with asyncio.timeout(self._wait_s):
                    while True:
                        rung.clear()
                        listed = await asyncio.wrap_future(self._desk.balances(inquiry))
                        if not any(line.is_awaited for line in listed):
                            return listed
                        await rung.wait()
            except TimeoutError:
                return await asyncio.wrap_future(self._desk.balances(inquiry))


def balances(listed: tuple[Line, ...]) -> str:
    """Render one line an account: every currency, with when it was read, or why it is not known. Pure."""
    told = [f"`{escape(account)}` {_currencies(lines)}" for account, lines in groupby(listed, key=_account)]
    shown, size = [], 0
    for line in told[:ACCOUNTS_SHOWN_MAX]:
        size += len(line) + 1
        if size > TEXT_MAX:
            break
        shown.append(line)
    more = len(told) - len(shown)
    return "\n".join([words.BALANCES, *shown, *([words.MORE_ACCOUNTS.format(count=more)] if more else [])])


def _currencies(lines: Iterable[Line]) -> str:
    """Tell as many currencies as fit into one account's part; one account alone fills no message."""
    told = list(map(_currency, lines))
    sizes = accumulate(len(currency) + 2 for currency in told)
    fitting = [currency for currency, size in zip(told, sizes, strict=True) if size <= ACCOUNT_MAX]
    more = len(told) - len(fitting)
    return "; ".join([*fitting, *([words.MORE_BALANCES.format(count=more)] if more else [])])


def _account(line: Line) -> str:
    return line.account


def _currency(line: Line) -> str:
    holding = line.holding
    if line.hidden:
        return words.BALANCE_HIDDEN.format(currency=line.currency, problem=line.hidden)
    if holding is None:
        return words.BALANCE_AWAITED.format(currency=line.currency)
    at = moment(holding.at)
    if holding.available is None:
        problem = inert(holding.problem, PROBLEM_SHOWN_MAX)
        if line.is_awaited:
            return words.BALANCE_UNREAD_AGAIN.format(currency=line.currency, problem=problem, moment=at)
        return words.BALANCE_UNREAD.format(currency=line.currency, problem=problem, moment=at)
    amount = f"{for_people(holding.available)} {line.currency}"
    if line.is_awaited:
        return words.BALANCE_AGAIN.format(amount=amount, moment=at)
    return words.BALANCE.format(amount=amount, moment=at)
