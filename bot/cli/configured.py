"""Reading desk.toml and the environment, as every command that needs them does.

Imported by all of them, so what reading takes is imported only then: nobody waits for it to be shown some help.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING

from bot.paths import config_path

if TYPE_CHECKING:
    from bot.config import Config
    from bot.settings import Settings


def desk_toml(environ: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration alone.

    Raises:
        StartError: it cannot be used.
    """
    from bot.config import load_config

    return load_config(config_path(environ))


def read(environ: Mapping[str, str] = os.environ) -> tuple[Settings, Config]:
    """Return the settings and the configuration, with logging set up so that no secret can be logged.

    Raises:
        StartError: one of them cannot be used.
    """
    from bot import logs
    from bot.settings import load_settings

    config = desk_toml(environ)
    settings = load_settings(environ, list(config.connections), config.people)
    pairs = [(keys.access_key, keys.secret_key) for keys in settings.keys.values()]
    secrets = [
        settings.bot_token,
        settings.app_token,
        *(secret for pair in pairs for secret in pair),
        *settings.totp.values(),
    ]
    if isinstance(environ, MutableMapping):
        # Read once, then gone: Bolt would pick the token up by itself, and nothing started from here needs it.
        environ.pop("SLACK_BOT_TOKEN", None)
    logs.set_up(secret.get_secret_value() for secret in secrets)
    return settings, config
