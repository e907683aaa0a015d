"""`transferdesk audit exchange`: the exchanges' own records held against the journal. Reads only, on both sides."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from bot.cli import configured
from bot.clock import SystemClock

if TYPE_CHECKING:
    from bot.config import Config
    from bot.evidence import Statement
    from bot.exchanges import Exchange
    from bot.settings import Settings
    from bot.statement import Claim, Comparison


@dataclass(frozen=True)
class _Compared:
    """What was found on one exchange, or why nothing could be; `foreign` are transfers of another of its users."""

    problem: str = ""
    comparison: Comparison | None = None
    foreign: tuple[Claim, ...] = ()
    notes: tuple[str, ...] = ()


def _span(_: click.Context, __: click.Parameter, typed: str) -> timedelta:
    from bot.filters import read_span

    length = read_span(typed)
    if length is None:
        raise click.BadParameter("write days or hours, like 7d or 12h")
    return length


@click.command("exchange")
@click.option("--since", default="7d", show_default=True, callback=_span, help="How far back, in days or hours.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(since: timedelta, as_json: bool) -> None:
    """Compare the journal with what HTX's ledger and CoinW's history show.

    Says which lines are the desk's, each with its transfer, which are nobody's, and which transfers on record as done
    have no line. The exit code is 1 when a transfer's line is missing, one that did not happen seems to have, or an
    exchange could not be read. Needs the environment of `transferdesk run`, which may be running; reads slowly.
    """
    settings, config = configured.read()
    until = SystemClock().now()
    found = _compare_all(settings, config, until - since, until)
    if as_json:
        click.echo(json.dumps(_as_one_object(found, until), ensure_ascii=False, indent=2))
    else:
        for name, compared in found.items():
            _tell(name, compared, config, until)
    sys.exit(0 if all(one.comparison is not None and one.comparison.agrees for one in found.values()) else 1)


def _compare_all(settings: Settings, config: Config, since: datetime, until: datetime) -> dict[str, _Compared]:
    from bot.connections import build_exchanges
    from bot.errors import ExchangeUnreadable

    exchanges = build_exchanges(settings, config, SystemClock())
    found = {}
    try:
        for exchange in exchanges:
            try:
                found[exchange.name] = _compare(exchange, settings, config, since, until)
            except ExchangeUnreadable as problem:
                found[exchange.name] = _Compared(str(problem).rstrip("."))
    finally:
        for exchange in exchanges:
            exchange.close()
    return found


def _compare(exchange: Exchange, settings: Settings, config: Config, since: datetime, until: datetime) -> _Compared:
    """Read the records, then the journal: whatever the desk sends meanwhile is in the journal before it is a line."""
    from bot.desk import House
    from bot.desk.stating import claims, currencies
    from bot.journal.backup import looking_at
    from bot.statement import compare

    house = House(config, {exchange.name: exchange.fingerprint}, {exchange.name: exchange.user()})
    with looking_at(settings.database_path) as tx:
        asked = currencies(tx, house, exchange.name)
    statement = exchange.statement(since, asked)
    with looking_at(settings.database_path) as tx:
        sent = list(claims(tx, house, exchange.name, _first(statement)))
    comparison = compare(statement, [claim for claim, own in sent if own], since, until)
    foreign = tuple(claim for claim, own in sent if not own and claim.sent.first >= since)
    return _Compared("", comparison, foreign, statement.notes)


def _first(statement: Statement) -> datetime:
    """Return since when a transfer may own a line that is told of."""
    from bot.reconcile import EXECUTED_WITHIN, SKEW

    return statement.since - statement.off_max - EXECUTED_WITHIN - SKEW


def _tell(name: str, compared: _Compared, config: Config, until: datetime) -> None:
    from bot.statement_text import sentences, tables

    if compared.comparison is None:
        click.echo(f"{name}: could not be read: {compared.problem}.\n")
        return
    found = compared.comparison
    click.echo(f"{name}, {found.since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC")
    for sentence in (*sentences(found, compared.foreign), *compared.notes):
        click.echo(sentence)
    for table in tables(found, config.account_names):
        click.echo(f"\n{table.title}\n{table}")
    click.echo("")


def _as_one_object(found: dict[str, _Compared], until: datetime) -> dict[str, Any]:
    from bot.statement_text import as_json

    return {
        name: {"agrees": False, "problem": one.problem}
        if one.comparison is None
        else as_json(one.comparison, one.foreign, one.notes, until)
        for name, one in found.items()
    }
