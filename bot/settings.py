"""The environment: where things are and the secrets. Secrets come from here only, never from desk.toml.

Each secret is read from its variable or, with `_FILE` appended, from the file that variable names: `SLACK_BOT_TOKEN`,
`SLACK_APP_TOKEN`, per exchange connection `NAME_ACCESS_KEY` and `NAME_SECRET_KEY`, and `TOTP_NAME` for each person who
approves with one-time codes (upper case, `-` written `_`). Not secret: `SLACK_API_URL`, `TRANSFERDESK_CONFIG`,
`TRANSFERDESK_DATABASE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.endpoints import SLACK_HOSTS, problem_with
from bot.errors import SettingsError
from bot.paths import config_path, database_path
from bot.totp import SECRET_BYTES_MIN, key_of

SLACK_API_URL = "https://slack.com/api/"


class Keys(BaseModel):
    """One connection's key pair. Printing it shows stars."""

    model_config = ConfigDict(frozen=True)

    access_key: SecretStr
    secret_key: SecretStr


class Settings(BaseModel):
    """What the environment says.

    Attributes:
        totp: by the name desk.toml gives a person, the base32 secret of their one-time codes; not everybody has one.
    """

    model_config = ConfigDict(frozen=True)

    bot_token: SecretStr
    app_token: SecretStr
    slack_api_url: str
    config_path: Path
    database_path: Path
    keys: dict[str, Keys]
    totp: dict[str, SecretStr]


def load_settings(environ: Mapping[str, str], connections: list[str], people: Iterable[str] = ()) -> Settings:
    """Read the environment for the exchange connections desk.toml names.

    Args:
        people: who may have a secret for one-time codes, by their names in desk.toml.

    Raises:
        SettingsError: a variable is missing, set twice, unreadable or of the wrong kind; all of them in one text.
    """
    problems: list[str] = []
    bot_token = _secret(environ, "SLACK_BOT_TOKEN", "a bot token, xoxb-…", problems, prefix="xoxb-")
    app_token = _secret(environ, "SLACK_APP_TOKEN", "an app-level token, xapp-…", problems, prefix="xapp-")
    url = environ.get("SLACK_API_URL") or SLACK_API_URL
    wrong = problem_with(url, SLACK_HOSTS, path="/api")
    if wrong:
        problems.append(f"SLACK_API_URL: {wrong}, ending in /api/")
    keys = {
        name: Keys(
            access_key=_secret(environ, _variable(name, "ACCESS_KEY"), f"{name}'s access key", problems),
            secret_key=_secret(environ, _variable(name, "SECRET_KEY"), f"{name}'s secret key", problems),
        )
        for name in connections
    }
    totp = _totp(environ, people, problems)
    if problems:
        raise SettingsError("\n".join(problems))
    return Settings(
        bot_token=bot_token,
        app_token=app_token,
        slack_api_url=url if url.endswith("/") else url + "/",
        config_path=config_path(environ),
        database_path=database_path(environ),
        keys=keys,
        totp=totp,
    )


def totp_variable(name: str) -> str:
    """Return which variable holds the secret of a person's one-time codes: `TOTP_BOB` for bob."""
    return f"TOTP_{_upper(name)}"


def _variable(connection: str, what: str) -> str:
    return f"{_upper(connection)}_{what}"


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")


def _totp(environ: Mapping[str, str], people: Iterable[str], problems: list[str]) -> dict[str, SecretStr]:
    secrets: dict[str, SecretStr] = {}
    owners: dict[bytes, str] = {}
    for name in people:
        variable = totp_variable(name)
        if not environ.get(variable) and not environ.get(f"{variable}_FILE"):
            continue
        text = _read(environ, variable, problems)
        if text is None:
            continue
        key = key_of(text)
        if key is None:
            problems.append(
                f"{variable}: expected a base32 secret of at least {SECRET_BYTES_MIN} bytes; "
                f"`transferdesk totp {name}` makes one"
            )
        elif (owner := owners.setdefault(key, name)) != name:
            # One phone would approve for two people. Names that differ in `-` and `_` share a variable, too.
            problems.append(f"{variable}: {name} and {owner} have the same secret; each needs one of their own")
        else:
            secrets[name] = SecretStr(text)
    return secrets


def _secret(
    environ: Mapping[str, str], variable: str, expected: str, problems: list[str], prefix: str = ""
) -> SecretStr:
    text = _read(environ, variable, problems)
    if text is None:
        return SecretStr("")
    # A key with a stray space or line break inside signs something the exchange will not accept.
    if not text:
        problems.append(f"{variable} (or {variable}_FILE) is missing; expected {expected}")
    elif not text.startswith(prefix) or not text.isascii() or not text.isprintable() or " " in text:
        problems.append(f"{variable}: expected {expected}, one line of plain characters")
    return SecretStr(text)


def _read(environ: Mapping[str, str], variable: str, problems: list[str]) -> str | None:
    """Return what a variable or its file says, "" when neither is set; None after a problem that was listed."""
    direct, file = environ.get(variable, ""), environ.get(f"{variable}_FILE", "")
    if direct and file:
        problems.append(f"{variable} and {variable}_FILE are both set; keep one")
        return None
    if not file:
        return direct.strip()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        problems.append(f"{variable}_FILE: the file it names cannot be read")
        return None
