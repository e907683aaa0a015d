"""Lists of transfers: the history a page at a time, and all that is wanted as the rows of a file. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice
from operator import attrgetter

from bot import words
from bot.accounts import label, near_miss
from bot.clock import to_text
from bot.desk.approving import APPROVED
from bot.desk.asking import find_person, nobody
from bot.desk.house import House, Person
from bot.desk.refusing import ASKED_MAX, turn_away
from bot.desk.views import View, view
from bot.export import Row
from bot.filters import Filter
from bot.journal import Transaction
from bot.transfers import UNSUCCESSFUL, Transfer

PAGE_LENGTH = 10
EXPORT_MAX = 20_000  # rows of one file, the latest
ID_MAX = 2**63 - 1

_FAILED = ", ".join(f"'{state.value}'" for state in UNSUCCESSFUL)


@dataclass(frozen=True)
class Beside:
    """Where a page begins: next to a transfer, on its older or its newer side."""

    id: int
    newer: bool = False


@dataclass(frozen=True)
class Page:
    """A page of the history, the latest first.

    Attributes:
        filter: what was asked for, the person as a user id.
        person: what desk.toml calls that person.
        newer, older: the transfers beside which the next pages begin; None where there is none.
        hint: what may have been meant, where nothing was found.
    """

    filter: Filter
    person: str
    views: tuple[View, ...]
    newer: int | None
    older: int | None
    hint: str = ""


@dataclass(frozen=True)
class ExportGranted:
    """An export that was asked for by somebody who may have it."""

    team: str
    filter: Filter


def history(tx: Transaction, house: House, person: Person, wanted: Filter, beside: Beside | None = None) -> Page | str:
    """Return a page of the transfers of somebody's team, the latest first, or say whom the desk does not know."""
    found = resolved(house, wanted)
    if isinstance(found, str):
        return found
    newer = beside is not None and beside.newer
    ids = [transfer.id for transfer in islice(_listed(tx, person.team, found, beside), PAGE_LENGTH + 1)]
    more, ids = len(ids) > PAGE_LENGTH, ids[:PAGE_LENGTH]
    ids.sort(reverse=True)
    # Between two clicks what a list is about can become less: an unknown that turns out done has not failed.
    first, last = (ids[0], ids[-1]) if ids else (beside.id - 1, beside.id + 1) if beside else (0, 0)
    return Page(
        filter=found,
        person=house.name_of(found.person),
        views=tuple(shown for transfer_id in ids if (shown := view(tx, house, transfer_id))),
        newer=first if (more if newer else beside is not None) else None,
        older=last if newer or more else None,
        hint="" if ids or beside else _hint(house, found),
    )


def resolved(house: House, wanted: Filter) -> Filter | str:
    """Return a filter with its person as a user id, or say that there is nobody of that name."""
    if not wanted.person or wanted.person.isupper():
        return wanted  # an id may be of somebody who has left desk.toml, and their transfers stay
    user = find_person(house.config, wanted.person)
    return replace(wanted, person=user) if user else nobody(house.config, wanted.person)


def condition(tx: Transaction, team: str, wanted: Filter, beside: Beside | None = None) -> tuple[str, list[object]]:
    """Return a filter as a condition on transfers and its values.

    Args:
        beside: where a page begins.
    """
    first, last = wanted.first or 1, wanted.last or ID_MAX
    if beside is not None:
        first, last = (max(first, beside.id + 1), last) if beside.newer else (first, min(last, beside.id - 1))
    conditions: list[tuple[str, object]] = [("team = ?", team)]
    conditions += [(f"{column} = ?", value) for column, value in _columns(wanted).items()]
    if wanted.since is not None:
        since = tx.now - wanted.since
        first = max(first, tx.first_since(since) or ID_MAX)
        # For clocks that went back. The sign keeps this out of the choice of an index.
        conditions.append(("+created_at >= ?", to_text(since)))
    conditions += [("id >= ?", first), ("id <= ?", last)]
    failed = [f"state IN ({_FAILED})"] if wanted.failed else []
    return " AND ".join([*(text for text, _ in conditions), *failed]), [value for _, value in conditions]


def _listed(tx: Transaction, team: str, wanted: Filter, beside: Beside | None = None) -> Iterator[Transfer]:
    """Yield the transfers that meet a filter from where a page begins, the latest first; the other way on newer pages.

    What is open is in no index of a filter's words: each part is read by its own, and both are in the order of ids.
    """
    newer = beside is not None and beside.newer
    where, values = condition(tx, team, wanted, beside)
    order = "id" if newer else "id DESC"
    found = [tx.select(f"{where}{part}", *values, order=order, index=index) for part, index in parts(wanted)]
    return merge(*found, key=attrgetter("id"), reverse=not newer)


def parts(wanted: Filter) -> tuple[tuple[str, str], ...]:
    """Return the parts a list is read in: a further condition, and the index that holds all words of the filter."""
    words = "_".join(_columns(wanted))
    if not words and not wanted.failed:
        return (("", ""),)
    which = "transfers_failed" if wanted.failed else "transfers"
    return (
        (" AND settled_at IS NULL", "transfers_open"),
        (" AND settled_at IS NOT NULL", f"{which}_by_{words}" if words else which),
    )


def _columns(wanted: Filter) -> dict[str, str]:
    columns = {"requester": wanted.person, "exchange": wanted.exchange, "currency": wanted.currency}
    return {column: value for column, value in columns.items() if value}


def _hint(house: House, wanted: Filter) -> str:
    """Say what may have been meant by a word that was taken for a currency no rule knows."""
    config, word = house.config, wanted.currency.lower()
    known = {currency.lower() for rule in config.rules for currency in rule.currencies}
    if not word or word in known:
        return ""
    if word in config.people:
        return f" {words.DID_YOU_MEAN_PERSON.format(name=word)}"
    return near_miss(word, [*known, *config.venues])


def ask_for_export(
    tx: Transaction, house: House, key: str, person: Person, channel: str, text: str, wanted: Filter
) -> ExportGranted | str:
    """Let an admin have transfers as a file, on record, or say why not. A repeat of the delivery gets no second file.

    Args:
        text: what was typed, for the record.
    """
    given = tx.answer_given(key)
    if given is not None:
        return given
    found = resolved(house, wanted)
    if person.user not in house.config.admins or not house.config.is_listed(person.team, person.user):
        answer = words.ADMINS_EXPORT
        turn_away(tx, person, channel, text, answer)
    elif isinstance(found, str):
        answer = found
    else:
        tx.event("exported", person.user, team=person.team, filter=str(found).strip(), asked=text[:ASKED_MAX])
        tx.remember(key, words.FILE_FOLLOWS)
        return ExportGranted(person.team, found)
    tx.remember(key, answer)
    return answer


def rows(tx: Transaction, house: House, export: ExportGranted) -> Iterator[Row]:
    """Yield what an export is to hold, the latest first, at most `EXPORT_MAX` of it.

    Takes seconds: read it from a connection of its own.
    """
    for transfer in islice(_listed(tx, export.team, export.filter), EXPORT_MAX):
        venue = house.config.venues.get(transfer.route.exchange)
        votes = tx.approvals(transfer)
        yield Row(
            transfer=transfer,
            source=label(transfer.route.source, venue),
            destination=label(transfer.route.destination, venue),
            requester=house.name_of(transfer.requester),
            approvers=tuple(
                f"{house.name_of(vote.person)} ({vote.person})" for vote in votes if vote.decision == APPROVED
            ),
        )
