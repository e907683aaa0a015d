"""`transferdesk why`: what the policy says of a transfer, from a shell. Reads only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from bot.cli import configured
from bot.clock import SystemClock
from bot.errors import GrammarError
from bot.paths import database_path

if TYPE_CHECKING:
    from bot.config import Config


@click.command("why", context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--as", "as_person", default="", help="Whose transfer it would be: a name of desk.toml or a Slack id.")
def command(words: tuple[str, ...], as_person: str) -> None:
    """Say whether a transfer would be allowed now, why, who would approve, and what would pass instead.

    \b
    transferdesk why 50000 usdt htx:spot to htx:linear-swap --as bob
    transferdesk why '50000 usdt htx:spot -> htx:linear-swap as bob'

    An arrow must be in quotes, for a shell takes `>` for itself. What is used of the limits is read from the journal,
    if there is one.
    """
    config = configured.desk_toml()
    for line in _answer(config, " ".join(words), as_person):
        click.echo(line)


def _answer(config: Config, text: str, as_person: str) -> list[str]:
    from bot.desk import House
    from bot.desk.asking import about, find_person, nobody
    from bot.desk.freezing import frozen_in_words
    from bot.grammar import Why, parse
    from bot.journal.backup import looking_at
    from bot.policy.explained import steps_explained

    if text.endswith(" -"):
        raise GrammarError("The shell took the arrow's `>` for itself; put the transfer in quotes, or write `to`.")
    asked = parse(f"why {text}", config.venues)
    if not isinstance(asked, Why):
        raise GrammarError("That is no transfer; see `transferdesk why --help`.")
    named = as_person or asked.person
    if not named:
        raise GrammarError("A shell does not say who you are; add `--as NAME`, a name under [people] in desk.toml.")
    requester = find_person(config, named)
    if requester is None:
        raise GrammarError(nobody(config, named))
    intent = asked.intent
    venue = config.venues[intent.route.exchange]
    database = database_path(os.environ)
    if not database.is_file():
        explanation = about(config, requester, intent, SystemClock().now(), ())
        return [*steps_explained(explanation, venue), f"There is no journal at {database}, so no limit counts as used."]
    with looking_at(database) as tx:
        told = steps_explained(about(config, requester, intent, tx.now, tx.spent(intent.currency)), venue)
        freeze = tx.freezes.of(intent.route.exchange)
    return [*told, f"But now: {frozen_in_words(House(config, {}), freeze)}"] if freeze else told
