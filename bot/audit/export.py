"""`export`: a journal as files that anybody can read and check without this program.

`events.jsonl` (one object an event, exactly the columns), `transfers.csv`, `policies/HASH.toml`, `verify.py`
(`standalone`), `README.txt`, and `manifest.json` with the sha256 and the number of rows of each, written last.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.audit import standalone
from bot.audit.chain import EVENTS
from bot.audit.verify import STEP, name_of
from bot.clock import to_text
from bot.errors import StartError
from bot.export import inert
from bot.journal.chain import GENESIS, Head

_COLUMNS = ("seq", "at", "transfer_id", "kind", "actor", "data", "previous_hash", "hash")
_PIECE = 1 << 20  # characters written at once


def export(db: Database, folder: Path, now: datetime, progress: Callable[[int], None] = lambda _: None) -> Head:
    """Write a journal opened by `verify.reading` into a folder, which must be empty or not there.

    Returns:
        The head of the chain.

    Raises:
        StartError: the folder holds something, or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StartError(f"{folder}: is not empty; name a folder that is, or none yet")
        head, files = _write_all(db, folder, progress)
        manifest = {
            "journal": head.journal,
            "exported_at": to_text(now),
            "head": {"seq": head.seq, "hash": head.hash},
            "files": files,
        }
        _write(folder / "manifest.json", [json.dumps(manifest, indent=2), "\n"])
    except OSError as error:
        raise StartError(f"{folder}: cannot be written ({error.strerror})") from None
    return head


def _write_all(db: Database, folder: Path, progress: Callable[[int], None]) -> tuple[Head, dict[str, Any]]:
    files: dict[str, Any] = {}

    def put(name: str, texts: Iterable[str], no_rows: int | None = None) -> None:
        """Write a file. `no_rows`: how many of its lines are none; None where it has no rows at all."""
        digest, count = _write(folder / name, texts)
        files[name] = {"sha256": digest} | ({} if no_rows is None else {"rows": count - no_rows})

    last: list[Any] = [0, GENESIS]
    put("events.jsonl", _events(db, last, progress), no_rows=0)
    put("transfers.csv", _transfers(db), no_rows=1)
    (folder / "policies").mkdir(mode=0o700)
    for digest, text in db.conn.execute("SELECT hash, text FROM policies ORDER BY hash"):
        if not str(digest).isalnum():
            raise StartError(f"{folder}: a policy's hash is no hash; see `transferdesk audit verify`")
        put(f"policies/{digest}.toml", [text])
    put("verify.py", [Path(standalone.__file__).read_text(encoding="utf-8")])
    put("README.txt", [_README])
    return Head(name_of(db), int(last[0]), str(last[1])), files


def _events(db: Database, last: list[Any], progress: Callable[[int], None]) -> Iterator[str]:
    """Yield every event as a line; `last` holds number and hash of the last one in the end."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    count = 0
    for row in db.conn.execute(EVENTS):
        yield encode(dict(zip(_COLUMNS, row, strict=True))) + "\n"
        last[:] = row[0], row[-1]
        count += 1
        if count % STEP == 0:
            progress(STEP)
    progress(count % STEP)


def _transfers(db: Database) -> Iterator[str]:
    line = io.StringIO(newline="")
    writer = csv.writer(line)
    rows = db.conn.execute("SELECT * FROM transfers ORDER BY id")
    writer.writerow([column[0] for column in rows.description])
    yield line.getvalue()
    for row in rows:
        line.seek(0)
        line.truncate()
        writer.writerow([inert(value) if isinstance(value, str) else value for value in row])
        yield line.getvalue()


def _write(path: Path, texts: Iterable[str]) -> tuple[str, int]:
    """Write a file for its owner alone. Returns its sha256, and how many texts that were."""
    digest, count = hashlib.sha256(), 0
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(opened, "wb") as file:
        for piece, texts_in_it in _pieces(texts):
            raw = piece.encode("utf-8")
            digest.update(raw)
            file.write(raw)
            count += texts_in_it
    return digest.hexdigest(), count


def _pieces(texts: Iterable[str]) -> Iterator[tuple[str, int]]:
    piece: list[str] = []
    size = 0
    for text in texts:
        piece.append(text)
        size += len(text)
        if size >= _PIECE:
            yield "".join(piece), len(piece)
            piece, size = [], 0
    yield "".join(piece), len(piece)


_README = """\
An export of a Transferdesk journal
===================================

events.jsonl    One JSON object a line, an event each, with exactly the columns of the table: seq, at, transfer_id,
                kind, actor, data, previous_hash, hash. `data` is a text, itself JSON.
transfers.csv   Every transfer as it stood. Where a cell, or what follows a semicolon in it, begins as a formula does
                (= + - @, a tab or a line break), an apostrophe is put before that.
policies/       Every version of desk.toml that was in force, named by the sha256 of its text. `policy` in an event's
                data names the one in force then, `policy_hash` the one the card was drawn under.
manifest.json   The journal's name, the chain head, and the sha256 and number of rows of each file.
verify.py       Checks all of it: python3 verify.py. Standard library only, Python 3.8 or newer; read it first.

How an event is hashed: sha256, in hex, of `previous_hash` followed by the JSON of the other columns but for `hash` and
`previous_hash`, keys sorted, separators `,` and `:`, not ASCII-escaped, in UTF-8. The first follows 64 zeros.

What verify.py cannot know: whether somebody wrote all these files anew, hashes and all. So hold the chain head in
manifest.json against what others have seen: every outcome in the desk's audit channel ends with `chain #NUMBER HASH`,
and so does one line a day. Find the event of that number in events.jsonl: it must have that hash. Whoever has the
program and the desk's Slack token can let it compare every line: transferdesk audit verify --export DIR --slack.
"""
