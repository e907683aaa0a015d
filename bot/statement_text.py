"""A comparison of an exchange's records with the journal, in words: sentences, tables and JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.accounts import for_people, plain
from bot.clock import to_text
from bot.evidence import Entry
from bot.report_text import Table
from bot.statement import Claim, Comparison, Moved, Told, by_currency

_ENTRY_HEADS = ("When (UTC)", "From", "To", "Amount", "Currency")
_ENTRY_ALIGNED = ("left", "left", "left", "decimal", "left")
_CLAIM_HEADS = ("Transfer", "Sent (UTC)", "From", "To", "Amount", "Currency")
_CLAIM_ALIGNED = ("left", "left", "left", "left", "decimal", "left")
_FOREIGN = "sent as another exchange user"
_TOO_OLD = "older than the records"

Names = Mapping[str, str]  # how canonical addresses are typed, where that differs


def sentences(found: Comparison, foreign: Sequence[Claim]) -> list[str]:
    """Say how many lines are whose, and what does not agree."""
    said = [f"Moved by the desk: {_summed(found.ours)}. Moved by others: {_summed(found.others)}."]
    late = [told for told in found.missing if told.is_fresh]
    missing = [told for told in found.missing if not told.is_fresh]
    if missing:
        said.append(f"On record as done and not in the exchange's records: {_named([one.claim for one in missing])}.")
    if late:
        said.append(f"Done only minutes ago and not in the records yet: {_named([one.claim for one in late])}.")
    if found.contradicted:
        claims = {claim.transfer.id: claim for moved in found.contradicted for claim in moved.claims}
        said.append(f"On record as not executed, and a line of nobody's fits: {_named(list(claims.values()))}.")
    if found.unanswered:
        said.append(f"Without an answer: {_named([one.claim for one in found.unanswered])}.")
    if found.out_of_reach:
        said.append(f"Not to be found, because {_TOO_OLD}: {_named(list(found.out_of_reach))}.")
    if foreign:
        said.append(f"Not to be found, because {_FOREIGN}: {_named(foreign)}.")
    return said


def tables(found: Comparison, accounts: Names) -> list[Table]:
    """Return every line with what it is, and every transfer whose line is missing or open; empty ones left out."""
    listed = (
        ("Moved by the desk", _lines(found.ours, "Transfer")),
        ("Moved by others", _lines(found.others, "Could be")),
        ("On record as done, not in the exchange's records", _transfers(found.missing, "Perhaps", accounts)),
        ("Without an answer", _transfers(found.unanswered, "Could be the line of", accounts)),
    )
    return [Table(title, *table) for title, table in listed if table[-1]]


def as_json(found: Comparison, foreign: Sequence[Claim], notes: Sequence[str], until: datetime) -> dict[str, Any]:
    """Return a comparison for a program: amounts as decimal text, moments as UTC ISO 8601, transfers by name."""
    return {
        "agrees": found.agrees,
        "since": to_text(found.since),
        "until": to_text(until),
        "moved_by_the_desk": [_entry(one.entry) | {"transfer": _names(one.claims)[0]} for one in found.ours],
        "moved_by_others": [_entry(one.entry) | {"could_be": _names(one.claims)} for one in found.others],
        "not_found": [_told(one) | {"may_be_too_soon": one.is_fresh} for one in found.missing],
        "without_an_answer": [_told(one) for one in found.unanswered],
        "not_compared": [
            *({"transfer": claim.transfer.name, "why": _TOO_OLD} for claim in found.out_of_reach),
            *({"transfer": claim.transfer.name, "why": _FOREIGN} for claim in foreign),
        ],
        "notes": list(notes),
    }


def _summed(moved: Sequence[Moved]) -> str:
    lines = "1 line" if len(moved) == 1 else f"{len(moved) or 'no'} lines"
    sums = [f"{for_people(amount)} {currency}" for currency, amount in sorted(by_currency(moved).items())]
    return f"{lines}, {', '.join(sums)}" if sums else lines


def _named(claims: Sequence[Claim]) -> str:
    return ", ".join(_names(claims))


def _names(claims: Sequence[Claim]) -> list[str]:
    return [claim.transfer.name for claim in sorted(claims, key=lambda claim: claim.transfer.id)]


def _lines(moved: Sequence[Moved], last: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows = tuple(
        (
            _moment(one.entry.at),
            one.entry.source or one.entry.kind or "?",
            one.entry.destination,
            for_people(one.entry.amount),
            one.entry.currency,
            _remark(one),
        )
        for one in moved
    )
    return (*_ENTRY_HEADS, last), (*_ENTRY_ALIGNED, "left"), rows


def _remark(one: Moved) -> str:
    claims = [
        claim.transfer.name + ("" if claim.transfer.exchange_reference else f" ({_state(claim)})")
        for claim in one.claims
    ]
    return ", ".join(claims) or one.entry.doubt


def _state(claim: Claim) -> str:
    return claim.transfer.state.value.replace("_", " ")


def _transfers(
    told: Sequence[Told], last: str, accounts: Names
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows = tuple(
        (
            one.claim.transfer.name,
            _moment(one.claim.sent.first),
            *(
                accounts.get(str(side), str(side))
                for side in (one.claim.transfer.route.source, one.claim.transfer.route.destination)
            ),
            for_people(one.claim.transfer.amount),
            one.claim.transfer.currency,
            ", ".join(_moment(entry.at) for entry in one.entries) or ("too soon to say" if one.is_fresh else "none"),
        )
        for one in told
    )
    return (*_CLAIM_HEADS, last), (*_CLAIM_ALIGNED, "left"), rows


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "unknown"


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "line": entry.id,
        "at": to_text(entry.at) if entry.at else None,
        "at_is_exact": entry.is_exact,
        "from": entry.source,
        "to": entry.destination,
        "currency": entry.currency,
        "amount": plain(entry.amount),
        "kind": entry.kind,
        "doubt": entry.doubt,
    }


def _told(told: Told) -> dict[str, Any]:
    transfer = told.claim.transfer
    return {
        "transfer": transfer.name,
        "state": transfer.state.value,
        "sent_at": to_text(told.claim.sent.first),
        "route": str(transfer.route),
        "currency": transfer.currency,
        "amount": plain(transfer.amount),
        "lines": [_entry(entry) for entry in told.entries],
    }
