"""`transferdesk totp NAME`: a new secret for somebody's one-time codes, as a QR code for their phone."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import click

from bot.accounts import near_miss
from bot.cli import configured
from bot.errors import StartError


@click.command("totp")
@click.argument("name")
@click.option("--file", type=click.Path(path_type=Path), help="Write the secret into this new file, mode 0600.")
def command(name: str, file: Path | None) -> None:
    """Make a secret for the one-time codes of NAME, a person of desk.toml, and show it as a QR code for their phone.

    The QR code holds the secret: let only NAME see it, and clear the screen. The desk knows the secret once the
    variable said below is set where it runs and it is started again; one that was set before is no good from then on.
    """
    from bot.settings import totp_variable
    from bot.totp import new_secret, uri

    people = configured.desk_toml().people
    if name not in people:
        known = ", ".join(people)
        raise StartError(f"desk.toml has no {name!r} under [people], only {known}.{near_miss(name, people)}")
    secret, variable = new_secret(), totp_variable(name)
    setting = f"{variable}={secret.get_secret_value()}"
    if file is not None:
        _write(file, secret.get_secret_value())
        setting = f"{variable}_FILE={file.absolute()}"
    click.echo(f"For {name} alone, to be scanned with an authenticator app:\n\n{_qr(uri(name, secret))}\n")
    click.echo(f"Set this where the desk runs, then start it again:\n\n{setting}")


def _write(file: Path, secret: str) -> None:
    """Write a secret into a file that nobody else can read.

    Raises:
        StartError: the file is there already, or cannot be made.
    """
    try:
        # With O_EXCL it is no link to elsewhere either, and nothing that was there is lost.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
            stream.write(f"{secret}\n")
    except FileExistsError:
        raise StartError(f"{file}: is there already; choose another with --file") from None
    except OSError as error:
        raise StartError(f"{file}: cannot be written ({error.strerror}); choose another with --file") from None


def _qr(text: str) -> str:
    """Draw a QR code with half blocks, or in colours alone where the terminal's encoding has no blocks."""
    import segno

    drawn, compact = io.StringIO(), _can_write("█▀▄")
    segno.make(text, error="m", micro=False).terminal(drawn, compact=compact)
    # Blocks are the light squares. In black letters on white paper they would be dark, and many a camera reads nothing.
    lines = drawn.getvalue().splitlines()
    return "\n".join(click.style(line, fg="bright_white", bg="black") if compact else line for line in lines)


def _can_write(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
