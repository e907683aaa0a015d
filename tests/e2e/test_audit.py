"""The audit before a whole desk and the audit channel it wrote to: rewriting history then takes two systems."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from scene import Play, Scene
from sqlite_utils.utils import sqlite3
from tampering import disarm
from test_copies_of_the_database import COINW, done, sent, transferdesk

from bot.journal.chain import GENESIS, link
from bot.sandbox.world import AUDIT


def rewritten(database: Path, *statements: str) -> None:
    """Change a journal and compute its chain anew, as somebody does who has read this program."""
    connection = sqlite3.connect(database, isolation_level=None)
    disarm(connection)
    for statement in statements:
        connection.execute(statement)
    rows = connection.execute("SELECT at, transfer_id, kind, actor, data FROM events ORDER BY seq").fetchall()
    connection.execute("DELETE FROM events")
    previous = GENESIS
    for seq, row in enumerate(rows, start=1):
        digest = link(seq, *row, previous)
        connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [seq, *row, previous, digest])
        previous = digest
    connection.close()


async def found(scene: Scene, *arguments: str) -> str:
    said = await transferdesk(scene, "audit", "verify", *arguments)
    assert said.returncode == 1, said.stdout + said.stderr
    return said.stdout


def test_a_journal_is_held_against_everything_the_channel_has_seen(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await sent(scene, 1)
            told = json.loads(await done(scene, "audit", "verify", "--slack", "--json"))  # while the desk runs
            assert told["ok"]
            await sent(scene, 2, COINW)
        kept = scene.folder / "kept.db"
        shutil.copy(scene.database, kept)
        said = await done(scene, "audit", "verify", "--slack")
        lines = scene.world.slack.workspace.messages(AUDIT)
        assert f"{len(lines)} lines of it in the audit channel" in said

        # The tail cut off: from the journal alone nothing can be seen.
        ((last,),) = scene.rows("SELECT min(seq) FROM events WHERE transfer_id = 2")
        rewritten(
            scene.database,
            f"DELETE FROM events WHERE seq >= {last}",
            "DELETE FROM outbox WHERE transfer_id = 2",
            "DELETE FROM looks WHERE transfer_id = 2",
            "DELETE FROM transfers WHERE id = 2",
        )
        assert "all is as it should be" in await done(scene, "audit", "verify")
        assert f"the tail was cut off after #{last - 1}" in await found(scene, "--slack")

        # Another history.
        shutil.copy(kept, scene.database)
        version = "UPDATE events SET data = replace(data, '\"sqlite\":\"3', '\"sqlite\":\"4') WHERE kind = 'started'"
        rewritten(scene.database, version)
        assert "all is as it should be" in await done(scene, "audit", "verify")
        assert "as the channel has seen it" in await found(scene, "--slack")

        # An export of that, whole in itself.
        forged = scene.folder / "forged"
        await done(scene, "audit", "export", str(forged))
        assert "all is as it should be" in await done(scene, "audit", "verify", "--export", str(forged))
        assert "as the channel has seen it" in await found(scene, "--slack", "--export", str(forged))
        shutil.copy(kept, scene.database)
        honest = scene.folder / "honest"
        await done(scene, "audit", "export", str(honest))
        assert "all is as it should be" in await done(scene, "audit", "verify", "--slack", "--export", str(honest))

    play(act)


def test_a_channel_that_cannot_be_read_is_no_witness(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            await sent(scene, 1)
        scene.world.slack.switches.turn_on("history_fails")
        said = await transferdesk(scene, "audit", "verify", "--slack")
        assert said.returncode == 2
        assert f"Slack channel {AUDIT}: cannot be read" in said.stderr

    play(act)
