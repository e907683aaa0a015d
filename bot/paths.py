"""Where things are, as the environment says. Apart from the settings, which take a tenth of a second to import."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def config_path(environ: Mapping[str, str]) -> Path:
    """Return where desk.toml is."""
    return Path(environ.get("TRANSFERDESK_CONFIG") or "desk.toml")


def database_path(environ: Mapping[str, str]) -> Path:
    """Return where the journal is."""
    return Path(environ.get("TRANSFERDESK_DATABASE") or "transferdesk.db")
