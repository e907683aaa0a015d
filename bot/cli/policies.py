"""`transferdesk policy diff`: what another desk.toml would have said of what was asked of this desk. Reads only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.accounts import Venue, for_people, label
from bot.cli import configured
from bot.clock import to_text
from bot.errors import ConfigError
from bot.paths import database_path

if TYPE_CHECKING:
    from bot.backtest import Change, Counted, Recorded
    from bot.config import Config
    from bot.journal import Transaction

SINCE_MAX = timedelta(days=36500)  # all there is; much further back there are no dates


@click.group("policy")
def command() -> None:
    """Look at a policy before it is in force."""


def _since(_: click.Context, __: click.Parameter, value: str) -> timedelta:
    from bot.config_file import parse_duration

    try:
        return min(parse_duration(value), SINCE_MAX)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@command.command("diff")
@click.argument("file", metavar="NEW.toml", type=click.Path(path_type=Path))
@click.option("--since", default="30d", show_default=True, callback=_since, help="How far back, like 12h or 90d.")
def diff(file: Path, since: timedelta) -> None:
    """Judge every recorded request again by NEW.toml, and print those of which it says something else.

    Each is judged with the usage of its own time, as it was. A request whose accounts NEW.toml no longer names finds
    no rule. The last line counts what changes; the exit code is 0 either way.
    """
    from bot.backtest import replay, tally
    from bot.config import load_config
    from bot.journal.backup import looking_at

    config = load_config(file)
    with looking_at(database_path(os.environ)) as tx:
        recorded, history = _recorded(tx, since), _history(tx, since)
    changes = list(replay(recorded, config.rules, history))
    names = _names(config)
    for change in changes:
        click.echo(_line(change, names, config.venues))
    click.echo(tally(changes, len(recorded)))


def _recorded(tx: Transaction, since: timedelta) -> list[Recorded]:
    from bot.backtest import proposed, turned_away

    recorded: list[Recorded] = []
    for event in tx.events("kind IN ('proposed', 'turned_away') AND at >= ?", to_text(tx.now - since)):
        transfer = tx.get(event.transfer_id) if event.transfer_id is not None else None
        found = proposed(event, transfer) if transfer is not None else turned_away(event)
        if found is not None:
            recorded.append(found)
    return recorded


def _history(tx: Transaction, since: timedelta) -> list[Counted]:
    from bot.backtest import counted
    from bot.transfers import SPENT_FOR

    # What ended before this counted for none of the requests.
    ended = to_text(tx.now - since - SPENT_FOR)
    found = (counted(transfer) for transfer in tx.select("coalesce(settled_at, 'open') >= ?", ended))
    return [one for one in found if one is not None]


def _names(config: Config) -> Mapping[str, str]:
    """Return names by user id, those of the file in force as well: the other one may have dropped somebody."""
    try:
        people = {**configured.desk_toml().people, **config.people}
    except ConfigError:
        people = dict(config.people)
    return {user: name for name, user in people.items()}


def _line(change: Change, names: Mapping[str, str], venues: Mapping[str, Venue]) -> str:
    request = change.recorded.request
    who = names.get(request.requester, request.requester)
    venue = venues.get(request.route.exchange)
    route = f"{label(request.route.source, venue)} -> {label(request.route.destination, venue)}"
    what = f"{for_people(request.amount)} {request.currency} {route}"
    return f"{change.recorded.name} {change.recorded.at:%Y-%m-%d %H:%M} {who} {what}: {change.words}"
