"""A report in words: what it says in sentences, as tables for a fixed-width font, as JSON, and of its picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tabulate import tabulate

from bot.accounts import for_people, plain
from bot.clock import to_text
from bot.report import Flow, Report, Share, Sums, Volume
from bot.transfers import State

FLOW_HEADS = ("Account", "Transfers", "In", "Out", "Net")

Names = Mapping[str, str]  # what desk.toml calls a canonical address or a user id, where it does


@dataclass(frozen=True)
class Table:
    """One table, every cell already text. `more` counts rows that were left out."""

    title: str
    heads: tuple[str, ...]
    aligned: tuple[str, ...]  # as `tabulate` calls it, a column each
    rows: tuple[tuple[str, ...], ...]
    more: int = 0

    def __str__(self) -> str:
        table = tabulate(self.rows, self.heads, "simple", disable_numparse=True, colalign=self.aligned)
        return f"{table}\n… and {self.more} more" if self.more else table

    def within(self, length_max: int) -> Table:
        """Return the table with as many of its first rows as fit into so many characters."""
        fitting = self
        while fitting.rows and len(str(fitting)) > length_max:
            fitting = replace(fitting, rows=fitting.rows[:-1], more=fitting.more + 1)
        return fitting


def period(report: Report) -> str:
    """Write the days a report is about: `14 to 21 November 2026 (UTC)`."""
    return f"{_days(report.since, report.until)} (UTC)"


def sentences(report: Report) -> list[str]:
    """Say how much of what was asked for was done, how long it took, and what is not counted."""
    if not report.requests:
        said = ["No request ended."]
    else:
        others = [f"{count} {_ended(state)}" for state, count in report.endings.items() if state is not State.SUCCEEDED]
        said = [
            f"{_counted(report.requests, 'request')} ended, {report.done} of them done "
            f"({100 * report.done // report.requests}%){': ' if others else ''}{', '.join(others)}."
        ]
    if report.durations is not None:
        took = report.durations
        said.append(
            f"From the proposal to the end: half in {lasted(took.median)}, nine of ten in "
            f"{lasted(took.ninth_decile)}, the slowest {lasted(took.slowest)}."
        )
    if report.unanswered:
        named, more = report.unanswered[:_NAMED_MAX], len(report.unanswered) - _NAMED_MAX
        said.append(
            f"Not counted, because sent and without an answer: {', '.join(named)}{f' and {more} more' * (more > 0)}."
        )
    return said


def tables(report: Report, people: Names, accounts: Names) -> list[Table]:
    """Return the flows of each currency, the one most requests moved first, then who requested and who approved."""
    found = []
    for currency in currencies(report):
        rows = tuple(_flow(flow, accounts) for flow in report.flows if flow.currency == currency)
        volume = next((volume for volume in report.volumes if volume.currency == currency), Volume(currency, 0, _NONE))
        title = f"{currency}: {for_people(volume.moved)} moved by {_counted(volume.requests, 'request')}"
        found.append(Table(title, FLOW_HEADS, _FLOW_ALIGNED, rows))
    who = (("Requested by", report.requesters), ("Approved by", report.approvers))
    return found + [_people(title, shares, people) for title, shares in who if shares]


def currencies(report: Report) -> list[str]:
    """Return what was moved, the currency most requests moved first."""
    moved_by = {volume.currency: volume.requests for volume in report.volumes}
    # A currency may have flows and no volume: of its only route no more than the first step was done.
    return sorted({flow.currency for flow in report.flows}, key=lambda currency: (-moved_by.get(currency, 0), currency))


def picture_in_words(report: Report, accounts: Names, length_max: int) -> str:
    """Say what the picture of a report shows, for those who cannot see it."""
    said = f"Net flow by account, {period(report)}."
    for flow in report.flows:
        following = f" {accounts.get(flow.account, flow.account)} {signed(flow.net)} {flow.currency}."
        if len(said) + len(following) > length_max - len(_REST):
            return said + _REST
        said += following
    return said


_NONE = Decimal(0)
_NAMED_MAX = 10  # transfers without an answer
_SUMS_MAX = 4  # currencies said of one person
_FLOW_ALIGNED = ("left", "right", "decimal", "decimal", "decimal")
_REST = " The rest is in the table."


def signed(amount: Decimal) -> str:
    """Write a gain or a loss: `+750`, `-1,250.50`, `0`."""
    sign = {1: "+", 0: "", -1: "-"}[int(amount.compare(0))]
    return sign + for_people(abs(amount))


def lasted(time: timedelta) -> str:
    """Write how long something took, in the two largest units that say something: `2 min 10 s`."""
    seconds = max(0, round(time.total_seconds()))
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count} {name}" if count else "")
    return " ".join(filter(None, parts[:2])) or "less than 1 s"


def as_json(report: Report, people: Names, accounts: Names) -> dict[str, Any]:
    """Return a report for a program: amounts as decimal text, moments as UTC ISO 8601, times in whole seconds."""
    took = report.durations
    return {
        "since": to_text(report.since),
        "until": to_text(report.until),
        "requests": report.requests,
        "done": report.done,
        "endings": {state.value: count for state, count in report.endings.items()},
        "seconds": took
        and {
            "median": round(took.median.total_seconds()),
            "ninth_decile": round(took.ninth_decile.total_seconds()),
            "slowest": round(took.slowest.total_seconds()),
        },
        "volumes": {
            volume.currency: {"moved": plain(volume.moved), "requests": volume.requests} for volume in report.volumes
        },
        "flows": [
            {
                "account": flow.account,
                "name": accounts.get(flow.account, flow.account),
                "currency": flow.currency,
                "transfers": flow.transfers,
                "in": plain(flow.incoming),
                "out": plain(flow.outgoing),
                "net": plain(flow.net),
            }
            for flow in report.flows
        ],
        "requesters": [_part(share, people) for share in report.requesters],
        "approvers": [_part(share, people) for share in report.approvers],
        "unanswered": list(report.unanswered),
    }


def _part(share: Share, people: Names) -> dict[str, Any]:
    return {
        "person": share.person,
        "name": people.get(share.person, share.person),
        "requests": share.requests,
        "done": share.done,
        "moved": {currency: plain(amount) for currency, amount in share.moved.items()},
    }


def _flow(flow: Flow, accounts: Names) -> tuple[str, ...]:
    name = accounts.get(flow.account, flow.account)
    return name, str(flow.transfers), for_people(flow.incoming), for_people(flow.outgoing), signed(flow.net)


def _people(title: str, shares: Sequence[Share], people: Names) -> Table:
    rows = tuple(
        (people.get(share.person, share.person), str(share.requests), str(share.done), _sums(share.moved))
        for share in shares
    )
    return Table(title, ("Person", "Requests", "Done", "Moved"), ("left", "right", "right", "left"), rows)


def _sums(sums: Sums) -> str:
    said = [f"{for_people(amount)} {currency}" for currency, amount in sums.items()]
    more = f" and {len(said) - _SUMS_MAX} more" if len(said) > _SUMS_MAX else ""
    return ", ".join(said[:_SUMS_MAX]) + more or "nothing"


def _ended(state: State) -> str:
    return state.value.replace("_", " ")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _days(since: datetime, until: datetime) -> str:
    first = f"{since:%d %B %Y}".lstrip("0")
    if since.year == until.year:
        first = f"{since:%d %B}".lstrip("0") if since.month != until.month else f"{since.day}"
    return f"{first} to {f'{until:%d %B %Y}'.lstrip('0')}"
