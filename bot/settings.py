"""The environment: where things are and the secrets. Secrets come from here only, never from desk.toml.

Each secret is read from its variable or, with `_FILE` appended, from the file that variable names:
`SLACK_BOT_TOKEN`, `SLACK_APP_TOKEN`, and per exchange connection `NAME_ACCESS_KEY` and `NAME_SECRET_KEY`
(upper case, `-` written `_`). Not secret: `SLACK_API_URL`, `TRANSFERDESK_CONFIG`, `TRANSFERDESK_DATABASE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.endpoints import SLACK_HOSTS, problem_with
from bot.errors import SettingsError

SLACK_API_URL = "https://slack.com/api/"


class Keys(BaseModel):
    """One connection's key pair. Printing it shows stars."""

    model_config = ConfigDict(frozen=True)

    access_key: SecretStr
    secret_key: SecretStr


class Settings(BaseModel):
    """What the environment says."""

    model_config = ConfigDict(frozen=True)

    bot_token: SecretStr
    app_token: SecretStr
    slack_api_url: str
    config_path: Path
    database_path: Path
    keys: dict[str, Keys]


def config_path(environ: Mapping[str, str]) -> Path:
    """Return where desk.toml is."""
    return Path(environ.get("TRANSFERDESK_CONFIG") or "desk.toml")


def database_path(environ: Mapping[str, str]) -> Path:
    """Return where the journal is."""
    return Path(environ.get("TRANSFERDESK_DATABASE") or "transferdesk.db")


def load_settings(environ: Mapping[str, str], connections: list[str]) -> Settings:
    """Read the environment for the exchange connections desk.toml names.

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
    if problems:
        raise SettingsError("\n".join(problems))
    return Settings(
        bot_token=bot_token,
        app_token=app_token,
        slack_api_url=url if url.endswith("/") else url + "/",
        config_path=config_path(environ),
        database_path=database_path(environ),
        keys=keys,
    )


def _variable(connection: str, what: str) -> str:
    return f"{connection.upper().replace('-', '_')}_{what}"


def _secret(
    environ: Mapping[str, str], variable: str, expected: str, problems: list[str], prefix: str = ""
) -> SecretStr:
    direct, file = environ.get(variable, ""), environ.get(f"{variable}_FILE", "")
    text = direct
    if direct and file:
        problems.append(f"{variable} and {variable}_FILE are both set; keep one")
    elif file:
        try:
            text = Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            problems.append(f"{variable}_FILE: the file it names cannot be read")
            return SecretStr("")
    text = text.strip()
    # A key with a stray space or line break inside signs something the exchange will not accept.
    if not text:
        problems.append(f"{variable} (or {variable}_FILE) is missing; expected {expected}")
    elif not text.startswith(prefix) or not text.isascii() or not text.isprintable() or " " in text:
        problems.append(f"{variable}: expected {expected}, one line of plain characters")
    return SecretStr(text)
