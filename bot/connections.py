"""The exchange connections of a desk: built with their keys, and looked at before anything is sent through them."""

from __future__ import annotations

from dataclasses import replace

from bot.clock import Clock
from bot.config import Config
from bot.errors import ExchangeUnreadable
from bot.exchanges import Exchange
from bot.exchanges.registry import build
from bot.findings import Finding
from bot.settings import Settings


def build_exchanges(settings: Settings, config: Config, clock: Clock) -> list[Exchange]:
    """Build every connection of desk.toml with its keys."""
    return [
        build(
            connection.venue,
            url=connection.url,
            futures_url=connection.futures_url,
            access_key=settings.keys[name].access_key.get_secret_value(),
            secret_key=settings.keys[name].secret_key.get_secret_value(),
            pace_s=connection.pace_s,
            refused_codes=connection.refused_codes,
            clock=clock,
        )
        for name, connection in config.connections.items()
    ]


def probe_exchanges(exchanges: list[Exchange], config: Config) -> tuple[list[Finding], dict[str, str]]:
    """Check every connection, read-only, and that no two of them are one user's: they would need one lane.

    Returns what was found, and the exchange's own user behind each connection.
    """
    findings: list[Finding] = []
    users: dict[str, str] = {}
    for exchange in exchanges:
        looked = exchange.probe(config.accounts(exchange.name))
        findings += [replace(finding, subject=f"{exchange.name} {finding.subject}") for finding in looked]
        try:
            user = exchange.user()
        except ExchangeUnreadable:
            continue  # the probe has said why
        twin = next((name for name, known in users.items() if known == user), None)
        if twin is not None:
            fix = "keep one connection per exchange user"
            findings.append(Finding(False, exchange.name, f"is the same exchange user as {twin}", fix))
        users[exchange.name] = user
    return findings, users
