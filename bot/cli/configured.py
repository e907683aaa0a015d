"""Reading desk.toml and the environment, as every command that needs them does."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping

from bot import logs
from bot.config import Config, load_config
from bot.settings import Settings, config_path, load_settings


def read(environ: Mapping[str, str] = os.environ) -> tuple[Settings, Config]:
    """Return the settings and the configuration, with logging set up so that no secret can be logged.

    Raises:
        StartError: one of them cannot be used.
    """
    config = load_config(config_path(environ))
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
