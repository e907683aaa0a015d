"""One connection of desk.toml becomes one adapter."""

from __future__ import annotations

import pytest
import respx
from exchange_orders import StillClock, order

from bot.accounts import Adapter, Venue
from bot.errors import SettingsError
from bot.exchanges import Exchange
from bot.exchanges.registry import build
from bot.transfers import Refused

HTX = Venue("main", Adapter.HTX)
COINW = Venue("coinw", Adapter.COINW, subaccounts={"maker": "39000001"})


def made(venue: Venue, url: str, **more: object) -> Exchange:
    return build(venue, url, "https://api.hbdm.com", "access", "secret", clock=StillClock(), **more)


@respx.mock
def test_an_htx_connection_posts_to_its_own_url_under_its_own_name():
    respx.post(url__startswith="https://api-aws.huobi.pro/v2/account/transfer").respond(
        json={"code": 1300, "message": "No.", "success": False}
    )
    exchange = made(HTX, "https://api-aws.huobi.pro", refused_codes=frozenset({"1300"}))
    assert exchange.name == "main"
    assert exchange.transfer(order("main:spot -> main:otc")) == Refused("1300", "No.")


@respx.mock
def test_a_coinw_connection_knows_its_sub_accounts():
    respx.post(url__startswith="https://api.coinw.com/api/v1/private").respond(json={"code": "500", "msg": "No."})
    exchange = made(COINW, "https://api.coinw.com", refused_codes=frozenset({"500"}))
    assert exchange.transfer(order("coinw:39000001 -> coinw:master")) == Refused("500", "No.")


@pytest.mark.parametrize(("venue", "own"), [(HTX, 1.1), (COINW, 1.1)])
def test_the_pace_is_the_exchanges_own_unless_desk_toml_says_another(venue, own):
    assert made(venue, "https://127.0.0.1").pace_s == own
    assert made(venue, "https://127.0.0.1", pace_s=0.0).pace_s == 0
    assert made(venue, "https://127.0.0.1", pace_s=5.0).pace_s == 5


def test_the_fingerprint_names_the_key_without_it():
    assert made(HTX, "https://127.0.0.1").fingerprint == "a0561fd649cd"
    assert made(COINW, "https://127.0.0.1").fingerprint == made(HTX, "https://127.0.0.1").fingerprint


@pytest.mark.parametrize("venue", [HTX, COINW])
def test_a_key_read_with_its_line_end_stops_the_start(venue):
    with pytest.raises(SettingsError):
        build(venue, "https://127.0.0.1", "", "access\n", "secret", clock=StillClock())
