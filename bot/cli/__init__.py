"""`transferdesk`: one command per thing to do. A command's module is imported only when it runs."""

from __future__ import annotations

import importlib
import sys

import click

from bot.errors import TransferdeskError

# Name, module, and the line `--help` shows, so that listing the commands imports none of them.
COMMANDS = {
    "run": ("bot.cli.run", "Run the desk: connect to Slack and the exchanges and serve until SIGTERM."),
    "check": ("bot.cli.check", "Check desk.toml; with --online also Slack, the keys and the channels. Moves nothing."),
    "freeze": ("bot.cli.freeze", "Let nothing leave any more; what was already sent settles."),
    "why": ("bot.cli.why", "Say what the policy makes of a transfer, and what would pass."),
    "policy": ("bot.cli.policies", "Compare a new desk.toml with the one in force, on what was asked for."),
    "report": ("bot.cli.report", "Sum up what was moved, by whom, how well and how fast; as a table or a picture."),
    "totp": ("bot.cli.totp", "Enrol a person's phone for one-time codes."),
    "backup": ("bot.cli.backup", "Copy the journal into a new file, while the desk runs or not, and check the copy."),
    "restore": ("bot.cli.restore", "Go on from a backup: nothing it holds as unsent is sent any more."),
    "audit": ("bot.cli.audit", "Hold the journal against itself and the audit channel, or export it. Reads only."),
    "journal": ("bot.cli.journal", "Say how large the journal is, what is in it and whether the file is sound."),
    "explore": ("bot.cli.explore", "Look around in a snapshot of the journal with a browser: queries and charts."),
    "demo": ("bot.cli.demo", "Show everything on this machine: a tour, then a page to play with."),
    "sandbox": ("bot.cli.sandbox", "Serve a local Slack, HTX and CoinW for a `transferdesk run` beside it."),
    "selftest": (
        "bot.cli.selftest",
        "Kill a desk on this machine's disk, again and again, and see that nothing is lost.",
    ),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="transferdesk")
def group() -> None:
    """Move money between exchange accounts from Slack: typed, confirmed, sent once, on the record."""


def main() -> None:
    """Run the command line. What stops the desk on purpose is printed as it is, without a traceback."""
    try:
        group()
    except TransferdeskError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
