"""`transferdesk restore`: go on from a backup, with nothing sent from it that the backup holds as unsent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import configured
from bot.clock import SystemClock
from bot.errors import StartError
from bot.paths import database_path

if TYPE_CHECKING:
    from bot.desk.restoring import Restored
    from bot.witness import Sighting


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--offline", is_flag=True, help="Do not ask Slack; needs --last-id.")
@click.option("--last-id", type=click.IntRange(0, 10**12), help="The last transfer anybody has seen: 57 for T57.")
def command(file: Path, offline: bool, last_id: int | None) -> None:
    """Make FILE, a backup, the journal. The desk must be stopped; the database in its place is laid aside, not deleted.

    Everything unsent in it becomes cancelled, what was being sent becomes unknown, and it becomes a journal of its own,
    so that the one it was copied from can be told from it. It begins frozen. Ids go on after the last transfer Slack
    has seen; to ask Slack it needs the environment of `transferdesk run`.

    When Slack cannot be read, say --offline and name the last transfer, rather one too high than one too low: an id
    given twice would name two transfers. The next start holds it against the audit channel.
    """
    if offline and last_id is None:
        raise click.UsageError("--offline needs --last-id: without Slack only you can know the last transfer")
    from bot.journal.database import Lock

    database = database_path(os.environ).resolve()
    lock = Lock(database)
    lock.take()
    try:
        for line in _restore(database, file, offline, last_id or 0):
            click.echo(line)
    finally:
        lock.release()


def _restore(database: Path, file: Path, offline: bool, last_id: int) -> Iterator[str]:
    from bot.desk.restoring import restore
    from bot.journal.backup import examine, put_back

    if file.resolve() == database:
        raise StartError(f"{file}: is the database itself; restore from a copy that `transferdesk backup` made")
    examine(file)
    lines = None if offline else _seen_by_slack()
    restored, aside = put_back(database, file, SystemClock().now(), lambda tx: restore(tx, lines, last_id))
    if aside is not None:
        yield f"{aside}: the database that was here until now"
    yield from _in_words(database, file, restored)


def _seen_by_slack() -> tuple[Sighting, ...]:
    from bot.app import listen

    try:
        return asyncio.run(listen(*configured.read()))
    except StartError as error:
        raise StartError(
            f"{error}\nNothing was restored. It needs to know which transfers Slack has seen; if Slack cannot be read, "
            "look for the last one yourself and say --offline --last-id NUMBER"
        ) from None


def _in_words(database: Path, file: Path, restored: Restored) -> Iterator[str]:
    previous = restored.previous
    yield (
        f"{database}: restored from {file}, chain head #{previous.seq} {previous.hash[:12]}; "
        f"it continues journal {previous.journal[:8]} as {restored.journal[:8]}"
    )
    yield f"cancelled, as they were not sent by then: {', '.join(restored.cancelled) or 'none'}"
    yield f"sent without an answer in the backup, now unknown: {', '.join(restored.unknown) or 'none'}"
    missing = range(restored.last_kept + 1, restored.last_given + 1)
    if missing:
        span = f"T{missing[0]}" + (f" to T{missing[-1]}" if len(missing) > 1 else "")
        yield f"made after the backup, so not in this journal: {span}; their outcomes are in the audit channel"
    yield f"the next transfer is T{restored.last_given + 1}; nothing is sent until `transferdesk run`"
    yield "everything is frozen: an admin looks at the exchanges' records, then lifts it with /transfer unfreeze"
