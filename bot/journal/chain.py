"""The hash chain over `events`: one row's hash covers its content and the hash before it.

`hash = sha256(previous_hash + json)` in hex, where json holds the other columns except `hash` and `previous_hash`, keys
sorted, separators `,` and `:`, not ASCII-escaped, UTF-8. `data` goes in as the text the column holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring as _quoted
from typing import Any

# What the first event follows.
GENESIS = "0" * 64

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Event:
    """One row of `events`. `actor` is a Slack user id, or `desk` when nobody pressed anything."""

    seq: int
    at: str
    transfer_id: int | None
    kind: str
    actor: str
    data: Mapping[str, Any]
    previous_hash: str
    hash: str

    @property
    def head(self) -> str:
        """The chain head as of this event, as people compare it: `#12 1a2b3c4d5e6f`."""
        return f"#{self.seq} {self.hash[:12]}"


@dataclass(frozen=True)
class Head:
    """The end of a journal's chain: which journal, how many events, and the hash that stands for all of them."""

    journal: str
    seq: int
    hash: str


def canonical(value: object) -> str:
    """Write JSON in the one way the chain hashes."""
    return _CANONICAL.encode(value)


def link(seq: int, at: str, transfer_id: int | None, kind: str, actor: str, data: str, previous_hash: str) -> str:
    """Return the hash of one row. `data` is the column's text."""
    # `canonical` of the row, written out: an audit does this a million times.
    about = "null" if transfer_id is None else transfer_id
    row = (
        f'{{"actor":{_quoted(actor)},"at":{_quoted(at)},"data":{_quoted(data)},"kind":{_quoted(kind)},'
        f'"seq":{seq},"transfer_id":{about}}}'
    )
    return hashlib.sha256((previous_hash + row).encode()).hexdigest()
