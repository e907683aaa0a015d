"""`transferdesk freeze`: the emergency stop from a shell, when Slack is down or nobody is in the chat."""

from __future__ import annotations

import getpass
import os

import click

from bot.accounts import near_miss
from bot.cli import configured
from bot.errors import ConfigError, StartError
from bot.paths import database_path


@click.command("freeze")
@click.argument("reason")
@click.option("--exchange", default="", help="A connection of desk.toml; without it everything is frozen.")
def command(reason: str, exchange: str) -> None:
    """Let nothing leave any more, for REASON; what was already sent settles.

    Works on a running desk and on one that is down. An admin unfreezes in Slack: /transfer unfreeze
    """
    from bot.desk.freezing import Order
    from bot.freeze_file import FreezeFile

    reason = " ".join(reason.split())
    if not reason:
        raise StartError('Say why: transferdesk freeze "the HTX key leaked"')
    if exchange:
        known = _connections()
        if known is not None and exchange not in known:
            raise StartError(f"desk.toml has no [exchanges.{exchange}].{near_miss(exchange, known)}")
    database = database_path(os.environ)
    if not database.exists():
        # The wrong folder, or a shell without the desk's environment: nobody may believe that it is frozen.
        raise StartError(f"Nothing is frozen: there is no journal at {database}; set TRANSFERDESK_DATABASE.")
    try:
        FreezeFile(database).add(Order(exchange, reason, f"{getpass.getuser()} in a shell"))
    except OSError as error:
        raise StartError(f"The FREEZE file could not be written beside the database ({error.strerror}).") from None
    what = exchange or "Everything"
    click.echo(f"{what} is frozen. A running desk heeds it before its next send and says so in the audit channel.")


def _connections() -> list[str] | None:
    """Return the connections of desk.toml; a file that is wrong must not be in the way of an emergency stop."""
    try:
        return list(configured.desk_toml().connections)
    except ConfigError:
        return None
