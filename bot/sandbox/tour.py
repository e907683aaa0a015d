"""The short tour: what the desk is for, done by the sandbox's people and checked against the exchanges' books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path

# Not Python's own: two SQLite libraries in one process drop each other's locks on one file.
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]

from bot.report_picture import HOW, can_draw
from bot.sandbox.acts import Acts
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.world import ALICE, BOB, CAROL, DAN, MALLORY, TREASURY, World

Say = Callable[[str], None]

# The exchange's records come a little after the fact, so that the look that finds nothing can be seen as well.
RECORDS_LAG_S = 3.0
EVIDENCE_WITHIN_S = 20.0
REPORT_WITHIN_S = 30.0  # the first picture loads a library


class Broken(Exception):
    """A step of the tour did not end as it should."""


class Tour:
    """Plays the tour in a running world with a running desk, and tells what happens."""

    def __init__(self, world: World, database: Path, say: Say) -> None:
        self._world = world
        self._acts = Acts(
            world, lambda number: self._count(f"transfers WHERE id = {number} AND card_ts IS NOT NULL") == 1
        )
        self._database = database
        self._say = say

    async def play(self) -> bool:
        """Play all steps. Returns whether each ended as it should."""
        steps: tuple[tuple[str, Callable[[], Awaitable[None]]], ...] = (
            ("Alice moves collateral on HTX", self._htx),
            ("Bob funds a CoinW sub-account", self._coinw),
            ("Bob moves half of that account on, by way of the master", self._two_steps),
            ("Alice moves more, so somebody else must agree", self._approval),
            ("Mallory, who is not on the allowlist, tries", self._stranger),
            ("Alice pulls the emergency stop", self._freeze),
            ("HTX executes a transfer, and its answer is lost", self._lost_answer),
            ("A request never reaches CoinW, and nobody says so", self._no_trace),
            ("Alice asks what was moved", self._report),
            ("The exchanges' books and the desk's journal agree", self._agreement),
        )
        whole = True
        for number, (title, step) in enumerate(steps, 1):
            self._say(f"{number}. {title}")
            try:
                await step()
            except (Broken, TimeoutError, LookupError) as problem:
                whole = False
                self._say(f"   FAILED: {str(problem) or type(problem).__name__}")
        return whole

    async def _htx(self) -> None:
        spot, swap = self._balance(self._world.htx, "spot"), self._balance(self._world.htx, "linear-swap")
        await self._type(ALICE, "Alice", "250 usdt from htx:spot to htx:linear-swap")
        await self._acts.confirm(ALICE, 1)
        await self._acts.card_saying(1, "Done")
        self._expect(self._balance(self._world.htx, "spot") == spot - 250, "HTX spot is 250 USDT less")
        self._expect(self._balance(self._world.htx, "linear-swap") == swap + 250, "HTX linear-swap is 250 USDT more")

    async def _coinw(self) -> None:
        maker = self._balance(self._world.coinw, "39000001")
        await self._type(BOB, "Bob", "10 usdt coinw:master -> coinw:maker")
        await self._acts.card_saying(2, "transfer_confirm")
        refused = await self._acts.press(ALICE, 2, "transfer_confirm")
        self._say(f"   Alice presses Bob's button, and only she reads: {refused}")
        self._expect("Only bob" in refused, "nobody confirms for somebody else")
        await self._acts.confirm(BOB, 2)
        await self._acts.card_saying(2, "Done")
        self._expect(self._balance(self._world.coinw, "39000001") == maker + 10, "the sub-account has 10 USDT more")

    async def _two_steps(self) -> None:
        maker, arbitrage = (self._balance(self._world.coinw, uid) for uid in ("39000001", "39000002"))
        await self._type(BOB, "Bob", "half usdt coinw:maker -> coinw:arbitrage")
        await self._acts.confirm(BOB, 3)
        await self._acts.card_saying(3, "The second step, T4: Done")
        moved = self._balance(self._world.coinw, "39000002") - arbitrage
        self._expect(moved == maker / 2, f"half of what was on maker, {moved} USDT, is on arbitrage")

    async def _approval(self) -> None:
        requests = len(self._world.htx.requests)
        await self._type(ALICE, "Alice", "why 3500 usdt htx:spot -> htx:linear-swap")
        await self._type(ALICE, "Alice", "3500 usdt htx:spot -> htx:linear-swap reason margin call on BTC")
        await self._acts.confirm(ALICE, 5)
        refused = await self._acts.approve(ALICE, 5)
        self._say(f"   Alice presses Approve, and only she reads: {refused}")
        self._expect("others must approve" in refused, "nobody approves what they asked for")
        for user, who in ((CAROL, "Carol"), (DAN, "Dan")):
            self._expect(len(self._world.htx.requests) == requests, "nothing was sent so far")
            answer = await self._acts.approve_with_code(user, 5, self._world.code(user))
            self._say(f"   {who} approves with the code on the phone, and reads: {answer}")
        await self._acts.card_saying(5, "Done")
        self._expect(len(self._world.htx.requests) == requests + 1, "two had agreed, and one request was sent")

    async def _freeze(self) -> None:
        await self._type(ALICE, "Alice", "freeze htx a key may have leaked", "everybody reads")
        answer = await self._type(BOB, "Bob", "20 usdt htx:spot -> htx:linear-swap")
        self._expect("htx is frozen" in answer, "nothing leaves HTX")
        answer = await self._type(ALICE, "Alice", "unfreeze htx")
        self._expect("Only admins" in answer, "who is no admin cannot lift it")
        await self._type(CAROL, "Carol, an admin,", "unfreeze htx", "everybody reads")

    async def _stranger(self) -> None:
        before = len(self._world.slack.workspace.messages(TREASURY))
        answer = await self._type(MALLORY, "Mallory", "5000 usdt htx:spot -> htx:linear-swap")
        self._expect("not on this desk's allowlist" in answer, "she is told so privately")
        self._expect(len(self._world.slack.workspace.messages(TREASURY)) == before, "the channel saw nothing")
        self._expect(self._count("events WHERE kind = 'turned_away' AND actor = 'U05MALLORY'") == 1, "it is on record")

    async def _lost_answer(self) -> None:
        requests = len(self._world.htx.requests)
        self._world.htx.faults.plan("drop_after")
        self._world.htx.records_lag_s = RECORDS_LAG_S
        await self._type(ALICE, "Alice", "75 usdt htx:spot -> htx:linear-swap")
        await self._acts.confirm(ALICE, 6)
        await self._acts.card_saying(6, "do not repeat it")
        self._expect(len(self._world.htx.requests) == requests + 1, "one request was sent, and never again")
        await self._type(ALICE, "Alice, thinking it failed,", "75 usdt htx:spot -> htx:linear-swap")
        await self._acts.card_saying(7, "Confirm is withheld")
        self._expect("transfer_confirm" not in self._acts.card_text(7), "the second one cannot be confirmed")
        self._say("   The desk reads HTX's ledger until the line is there …")
        await self._acts.card_saying(6, "Settled by evidence", EVIDENCE_WITHIN_S)
        self._expect(
            len(self._world.htx.requests) == requests + 1, "T6 is done, by evidence and without another request"
        )

    async def _no_trace(self) -> None:
        self._world.coinw.faults.plan("drop_before")
        await self._type(BOB, "Bob", "5 usdt coinw:maker -> coinw:master")
        await self._acts.confirm(BOB, 8)
        await self._acts.card_saying(8, "The records show no such transfer", EVIDENCE_WITHIN_S)
        self._expect("do not repeat it" in self._acts.card_text(8), "nothing found proves nothing; it stays unknown")
        answer = await self._acts.press(CAROL, 8, "transfer_resolve_not_executed")
        self._say(f"   Carol, an admin, presses It was not executed. She reads: {answer}")
        self._expect("could still carry out" in answer, "too early for anybody to know; T8 waits for two admins")

    async def _report(self) -> None:
        await self._type(ALICE, "Alice", "report")
        slack = self._world.slack
        await slack.wait_for(lambda: len(self._acts.replies("Report, ")) == 1, REPORT_WITHIN_S)
        table = self._acts.replies("Report, ")[0]
        self._say(f"   … and everybody: {table.text}")
        if not can_draw():
            self._say(f"   {HOW}")
            return
        beneath = partial(slack.workspace.thread, TREASURY, table.ts)
        await slack.wait_for(lambda: len(beneath()) == 2, REPORT_WITHIN_S)
        (picture,) = beneath()[1].files
        self._say(f"   A picture hangs beneath it. It says: {picture.alt_txt}")
        self._expect("htx:spot -" in picture.alt_txt, "it shows what left HTX spot")

    async def _agreement(self) -> None:
        for exchange in self._world.exchanges:
            moved = sorted((each.source, each.destination, each.amount) for each in exchange.executed)
            done, lost = self._journalled(exchange.name, "succeeded"), self._journalled(exchange.name, "unknown")
            movements = "1 movement" if len(moved) == 1 else f"{len(moved)} movements"
            self._expect(moved == done, f"{exchange.name}: {movements}, each one done in the journal")
            if lost:
                self._say(f"   … and {len(lost)} without an answer, which is not in the exchange's books")

    async def _type(self, user: str, who: str, text: str, how: str = "reads, privately") -> str:
        self._say(f"   {who} types: /transfer {text}")
        answer = await self._acts.type(user, text)
        self._say(f"   … and {how}: {answer}".replace("\n", "\n     "))
        return answer

    def _expect(self, holds: bool, claim: str) -> None:
        if not holds:
            raise Broken(f"expected: {claim}")
        self._say(f"   ✓ {claim}")

    def _balance(self, exchange: Lookalike, account: str) -> Decimal:
        return exchange.book.balance(account, "USDT")

    def _journalled(self, exchange: str, state: str) -> list[tuple[str, str, Decimal]]:
        """Return the transfers in a state, by the exchange's own names of accounts."""
        sql = "SELECT source, destination, amount FROM transfers WHERE exchange = ? AND state = ?"
        rows = self._read(sql, exchange, state)
        return sorted((row[0].partition(":")[2], row[1].partition(":")[2], Decimal(row[2])) for row in rows)

    def _count(self, what: str) -> int:
        return int(self._read(f"SELECT count(*) FROM {what}")[0][0])  # noqa: S608 - the texts stand above

    def _read(self, sql: str, *values: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()
