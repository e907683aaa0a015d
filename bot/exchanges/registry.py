"""Which class speaks to which exchange: one line an adapter."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.accounts import Adapter, Venue
from bot.clock import Clock
from bot.exchanges import Exchange, coinw, htx


def build(
    venue: Venue,
    url: str,
    futures_url: str,
    access_key: str,
    secret_key: str,
    *,
    clock: Clock,
    pace_s: float | None = None,
    refused_codes: frozenset[str] = frozenset(),
    pause: Callable[[float], None] = time.sleep,
) -> Exchange:
    """Return the adapter of one connection. Nothing is sent yet.

    Args:
        futures_url: HTX only.
        pace_s: least seconds between two sends; None for the exchange's own.
        pause: waits some seconds between two reads.

    Raises:
        SettingsError: a key no exchange could have issued.
    """
    if venue.adapter is Adapter.HTX:
        return htx.HtxExchange(
            venue.name,
            url,
            futures_url,
            access_key,
            secret_key,
            clock=clock,
            pace_s=htx.PACE_S if pace_s is None else pace_s,
            refused_codes=refused_codes,
            pause=pause,
        )
    return coinw.CoinwExchange(
        venue.name,
        url,
        access_key,
        secret_key,
        venue.subaccounts,
        clock=clock,
        pace_s=coinw.PACE_S if pace_s is None else pace_s,
        refused_codes=refused_codes,
        pause=pause,
    )
