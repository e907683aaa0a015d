"""`transferdesk audit`: hold the journal, a backup or an export against itself and the audit channel, or write one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli import configured, statement
from bot.clock import SystemClock
from bot.paths import database_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

    from bot.audit.differences import Differences
    from bot.witness import Sighting


@click.group("audit")
def command() -> None:
    """Check the record, or take it elsewhere. Reads only, while the desk runs or not."""


command.add_command(statement.command)


@command.command("verify")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--export", "folder", type=click.Path(path_type=Path), help="Check an export instead of a journal.")
@click.option("--slack", is_flag=True, help="Compare every line the audit channel has seen of desks, too.")
@click.option("--json", "as_json", is_flag=True, help="Say what was found as JSON.")
def verify(file: Path | None, folder: Path | None, slack: bool, as_json: bool) -> None:
    """Check FILE, a backup or a journal; the desk's own when it is not named.

    Follows the hash chain, works out every transfer again from the events and compares it with the tables, and judges
    every step, approval and send by the policy of its moment. Names what differs first, and counts the rest; the exit
    code is then 1. With --slack it needs the environment of `transferdesk run`.
    """
    if file is not None and folder is not None:
        raise click.UsageError("name a FILE or an --export, not both")
    # Before the journal is read: what a line tells has been in the journal by then.
    lines = _seen_by_slack() if slack else None
    found = _of_export(folder, lines) if folder else _of_journal(file or database_path(os.environ).resolve(), lines)
    differences: Differences = found.pop("differences")
    if as_json:
        click.echo(json.dumps({**found, "ok": not differences.total, "differences": differences.as_json()}, indent=2))
    else:
        _tell(found, differences)
    sys.exit(1 if differences.total else 0)


@command.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write the journal into DIR, which must be empty: events, transfers, policies, and a script that checks them."""
    from bot.audit.export import export
    from bot.audit.verify import reading

    with reading(database_path(os.environ).resolve()) as db, _progress(db, "exporting") as progress:
        head = export(db, folder, SystemClock().now(), progress)
    click.echo(f"{folder}: {head.seq} events of journal {head.journal[:8]}, chain head #{head.seq} {head.hash}")
    click.echo(f"check it anywhere: python3 {folder / 'verify.py'}")


def _of_journal(file: Path, lines: tuple[Sighting, ...] | None) -> dict[str, Any]:
    from bot.audit import channel
    from bot.audit.verify import hashes, reading, verify

    with reading(file) as db:
        with _progress(db, "verifying") as progress:
            report = verify(db, file, progress)
        head = report.head
        compared = {}
        if lines is not None:
            known = hashes(db, channel.asked(lines))
            compared = {"lines": channel.compare(lines, head, report.names, known, report.differences)}
    return {
        "checked": str(file),
        "journal": head.journal,
        "head": {"seq": head.seq, "hash": head.hash},
        "events": report.events,
        "transfers": report.transfers,
        "not_whole": {"transfers_of_an_older_version": report.partly, "events_without_a_policy": report.unjudged},
        "differences": report.differences,
        **compared,
    }


def _of_export(folder: Path, lines: tuple[Sighting, ...] | None) -> dict[str, Any]:
    from bot.audit import channel
    from bot.audit.exported import examine

    exported = examine(folder, channel.asked(lines or ()))
    head = exported.head
    compared = {}
    if lines is not None:
        # What was told after the export is not in it.
        compared = {
            "lines": channel.compare(lines, head, exported.names, exported.hashes, exported.differences, is_whole=False)
        }
    return {
        "checked": str(folder),
        "journal": head.journal,
        "head": {"seq": head.seq, "hash": head.hash},
        "events": exported.events,
        "differences": exported.differences,
        **compared,
    }


def _tell(found: dict[str, Any], differences: Differences) -> None:
    head = found["head"]
    counts = f"{found['events']} events" + (f", {found['transfers']} transfers" if "transfers" in found else "")
    click.echo(f"{found['checked']}: journal {found['journal'][:8]}, {counts}")
    click.echo(f"chain head #{head['seq']} {head['hash']}")
    if "lines" in found:
        click.echo(f"{found['lines']} lines of it in the audit channel")
    for what, count in found.get("not_whole", {}).items():
        if count:
            click.echo(f"not compared in every column, as less was written then: {count} {what.replace('_', ' ')}")
    if differences.first is None:
        click.echo("all is as it should be")
        return
    click.echo(f"first: {differences.first}")
    if differences.total > 1:
        where = ", ".join(f"{count} in {table}" for table, count in sorted(differences.counts.items()))
        click.echo(f"{differences.total} differences: {where}")


def _seen_by_slack() -> tuple[Sighting, ...]:
    from bot.app import listen

    return asyncio.run(listen(*configured.read(), only_audit=True))


@contextmanager
def _progress(db: Database, label: str) -> Iterator[Callable[[int], None]]:
    """Show how far it is, to people only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    last = db.conn.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
    with click.progressbar(length=last, label=label, file=sys.stderr) as bar:
        yield bar.update
