"""`transferdesk audit exchange` beside a running desk: the desk's lines, others' lines, and what has no line."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from scene import Play, Scene
from sqlite_utils.utils import sqlite3

from bot.clock import SystemClock, to_text
from bot.sandbox.world import ALICE, MAKER

ROOT = Path(__file__).parents[2]
# The pauses between its reads have tests of their own; here they are as short as the sandbox's rate limits allow.
HURRY = "import time; sleep = time.sleep; time.sleep = lambda seconds: sleep(seconds / 3)"
COMMAND = ("-c", f"{HURRY}; from bot.cli import main; main()", "audit", "exchange")


async def run(scene: Scene, *arguments: str) -> tuple[int, str]:
    """Run the command as a process of its own, with a desk's environment."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *COMMAND,
        *arguments,
        cwd=ROOT,
        env=scene.environment | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert err == b""
    assert process.returncode is not None
    return process.returncode, out.decode()


async def found(scene: Scene) -> tuple[int, dict[str, Any]]:
    code, text = await run(scene, "--json", "--since", "1d")
    return code, json.loads(text)


async def done(scene: Scene, number: int, text: str, says: str = "Done") -> None:
    await scene.acts.type(ALICE, text)
    await scene.acts.confirm(ALICE, number)
    await scene.acts.card_saying(number, says)


def lines(rows: list[dict[str, Any]], *what: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in what) for row in rows]


def show_records(scene: Scene) -> None:
    for exchange in scene.world.exchanges:
        exchange.records_lag_s = 0


def test_beside_a_running_desk_every_line_is_told_with_its_transfer_or_as_nobodys(play: Play) -> None:
    async def act(scene: Scene) -> None:
        show_records(scene)
        async with scene.desk():
            await done(scene, 1, "250 usdt htx:spot -> htx:linear-swap")
            await done(scene, 2, "40 usdt coinw:master -> coinw:maker")
            scene.world.htx.book.move("spot", "otc", "BTC", Decimal("0.5"))
            scene.world.coinw.book.move(MAKER, "master", "USDT", Decimal(7))
            events = scene.rows("SELECT * FROM events")
            code, said = await found(scene)
            _, told = await run(scene)
            assert scene.rows("SELECT * FROM events") == events
            assert (len(scene.world.htx.requests), len(scene.world.coinw.requests)) == (1, 1)
        htx, coinw = said["htx"], said["coinw"]
        assert code == 0
        what = ("transfer", "amount", "currency", "from", "to")
        assert lines(htx["moved_by_the_desk"], *what) == [("T1", "250", "USDT", "spot", "linear-swap")]
        assert lines(coinw["moved_by_the_desk"], *what) == [("T2", "40", "USDT", "master", "sub")]
        what = ("could_be", *what[1:])
        assert lines(htx["moved_by_others"], *what) == [([], "0.5", "BTC", "spot", "otc")]
        assert lines(coinw["moved_by_others"], *what) == [([], "7", "USDT", "sub", "master")]
        assert (htx["not_found"], coinw["not_found"]) == ([], [])
        assert "Moved by the desk: 1 line, 250 USDT. Moved by others: 1 line, 0.5 BTC." in told
        assert "does not tell which sub-account" in told
        assert "not which margin account" in told

    play(act)


@pytest.mark.parametrize(("fault", "there"), [("drop_after", 1), ("drop_before", 0)])
def test_a_transfer_without_an_answer_is_told_with_what_is_there_for_it(play: Play, fault: str, there: int) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.htx.faults.plan(fault)
            await done(scene, 1, "75 usdt htx:linear-swap -> htx:spot", "do not repeat it")
        show_records(scene)
        code, said = await found(scene)
        (unknown,) = said["htx"]["without_an_answer"]
        assert (code, unknown["transfer"], unknown["state"], len(unknown["lines"])) == (0, "T1", "unknown", there)
        assert lines(said["htx"]["moved_by_others"], "amount", "could_be") == [("75", ["T1"])] * there

    play(act)


def test_a_success_that_never_was_and_a_refusal_that_was_one_are_found(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await done(scene, 1, "250 usdt htx:spot -> htx:linear-swap")
            scene.world.htx.faults.plan("http_429")
            await done(scene, 2, "40 usdt htx:spot -> htx:linear-swap", "nothing moved")
        show_records(scene)
        assert (await found(scene))[0] == 0
        # Somebody rewrites the desk's own record: what was done was not, and what was refused was, a while ago.
        with closing(sqlite3.connect(scene.database)) as connection:
            earlier = to_text(SystemClock().now() - timedelta(minutes=20))
            connection.execute("UPDATE transfers SET state = 'succeeded', sent_at = ? WHERE id = 2", [earlier])
            connection.execute("UPDATE transfers SET state = 'refused' WHERE id = 1")
            connection.commit()
        code, said = await found(scene)
        assert (code, said["htx"]["agrees"], said["coinw"]["agrees"]) == (1, False, True), said
        assert lines(said["htx"]["not_found"], "transfer", "amount", "may_be_too_soon") == [("T2", "40", False)]
        assert lines(said["htx"]["moved_by_others"], "amount", "could_be") == [("250", ["T1"])]
        told = (await run(scene))[1]
        assert "On record as done and not in the exchange's records: T2." in told
        assert "On record as not executed, and a line of nobody's fits: T1." in told

    play(act)


def test_an_exchange_that_cannot_be_read_is_said_and_hides_no_other(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.htx.faults.break_reads(None, "http_503_before")
            code, said = await found(scene)
        assert (code, said["htx"]["agrees"], said["coinw"]["agrees"]) == (1, False, True)
        assert "HTTP 503" in said["htx"]["problem"]

    play(act)


def test_a_span_that_is_none_is_said(play: Play) -> None:
    async def act(scene: Scene) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *COMMAND, "--since", "yesterday"), cwd=ROOT, stderr=asyncio.subprocess.PIPE
        )
        _, err = await process.communicate()
        assert (process.returncode, b"like 7d or 12h" in err) == (2, True)

    play(act)
