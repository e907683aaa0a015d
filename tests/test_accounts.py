"""Addresses, routes and what the exchange's records can tell apart."""

from __future__ import annotations

from itertools import permutations

import pytest

from bot.accounts import (
    HTX_ACCOUNTS,
    Account,
    Adapter,
    Route,
    Venue,
    check_route,
    label,
    ledger_key,
    margin_account,
    parse_account,
    parse_currency,
    quoted,
    steps,
)
from bot.errors import GrammarError

HTX = Venue("htx", Adapter.HTX)
COINW = Venue("coinw", Adapter.COINW, {"maker": "39000001", "arbitrage": "39000002"}, {"USDT": 6})
VENUES = {"htx": HTX, "coinw": COINW}


def route(source: str, destination: str) -> Route:
    return check_route(parse_account(source, VENUES), parse_account(destination, VENUES), VENUES)


def refusal(source: str, destination: str) -> str:
    with pytest.raises(GrammarError) as caught:
        route(source, destination)
    return str(caught.value)


@pytest.mark.parametrize("address", [*HTX.addresses, "htx:linear-swap/BTC-USDT", "coinw:master", "coinw:39000001"])
def test_a_canonical_address_reads_back_as_itself(address: str) -> None:
    account = parse_account(address, VENUES)
    assert str(account) == address
    assert Account.from_canonical(str(account)) == account


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("HTX:Spot", "htx:spot"),
        ("htx:linear-swap/btc-usdt", "htx:linear-swap/BTC-USDT"),
        ("htx:linear-swap/usdt", "htx:linear-swap"),
        ("coinw:MAKER", "coinw:39000001"),
    ],
)
def test_case_aliases_and_cross_margin_have_one_canonical_form(typed: str, canonical: str) -> None:
    assert str(parse_account(typed, VENUES)) == canonical


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("spot", "`htx:spot`"),
        ("kraken:spot", "there is `htx`, `coinw`"),
        ("htxx:spot", "Did you mean `htx`?"),
        ("htx:sport", "Did you mean `spot`?"),
        ("htx:margin", "it has `spot`, `linear-swap`, `otc`, `futures`, `swap`"),
        ("htx:swap/BTC-USDT", "write `htx:swap` without"),
        ("htx:linear-swap/USDT-BTC", "Did you mean `htx:linear-swap/BTC-USDT`?"),
        ("htx:linear-swap/", "`BTC-USDT`"),
        ("htx:linear-swap/USDT-USDT", "`BTC-USDT`"),
        ("coinw:makr", "Did you mean `maker`?"),
        ("coinw:39000009", "not one of coinw's sub-accounts"),
        ("coinw:", "it has `master`, `maker`, `arbitrage`"),
        ("coinw:ma\u212aer", "not an account"),  # the Kelvin sign, a `k` in lower case
    ],
)
def test_an_unknown_address_is_refused_and_the_known_ones_named(typed: str, told: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_account(typed, VENUES)
    assert told in str(caught.value)


def test_a_mistyped_uid_is_never_near_another() -> None:
    with pytest.raises(GrammarError) as caught:
        parse_account("coinw:39000003", VENUES)
    assert "Did you mean" not in str(caught.value)


def test_digits_are_a_uid_even_where_an_alias_looks_like_one() -> None:
    venues = {"coinw": Venue("coinw", Adapter.COINW, {"39000002": "39000001", "maker": "39000002"})}
    assert parse_account("coinw:39000002", venues).name == "39000002"


def test_every_step_on_htx_has_spot_on_one_side() -> None:
    for source, destination in permutations(HTX_ACCOUNTS, 2):
        whole = route(f"htx:{source}", f"htx:{destination}")
        assert str(whole) == f"htx:{source} -> htx:{destination}"
        parts = steps(whole, HTX)
        assert all(HTX.hub in (part.source, part.destination) for part in parts)
        assert (len(parts) == 1) == ("spot" in (source, destination))


@pytest.mark.parametrize(
    ("source", "destination", "parts"),
    [
        ("htx:spot", "htx:otc", ["htx:spot -> htx:otc"]),
        ("coinw:maker", "coinw:master", ["coinw:39000001 -> coinw:master"]),
        ("htx:linear-swap", "htx:futures", ["htx:linear-swap -> htx:spot", "htx:spot -> htx:futures"]),
        (
            "htx:linear-swap",
            "htx:linear-swap/BTC-USDT",
            ["htx:linear-swap -> htx:spot", "htx:spot -> htx:linear-swap/BTC-USDT"],
        ),
        ("coinw:maker", "coinw:arbitrage", ["coinw:39000001 -> coinw:master", "coinw:master -> coinw:39000002"]),
    ],
)
def test_a_route_past_the_hub_is_two_steps(source: str, destination: str, parts: list[str]) -> None:
    whole = route(source, destination)
    assert [str(part) for part in steps(whole, VENUES[whole.exchange])] == parts


def test_two_exchanges_need_a_withdrawal() -> None:
    assert "withdrawal" in refusal("htx:spot", "coinw:master")


def test_the_same_account_under_two_names_is_one_account() -> None:
    assert "nothing would move" in refusal("coinw:maker", "coinw:39000001")
    assert "nothing would move" in refusal("htx:linear-swap", "htx:linear-swap/USDT")


def test_margin_account_is_the_contract_or_usdt() -> None:
    assert margin_account(route("htx:spot", "htx:linear-swap"), HTX) == "USDT"
    assert margin_account(route("htx:linear-swap/BTC-USDT", "htx:spot"), HTX) == "BTC-USDT"
    assert margin_account(route("htx:spot", "htx:swap"), HTX) == "USDT"
    assert margin_account(route("coinw:master", "coinw:maker"), COINW) == ""


def test_margin_account_can_be_kept_to_linear_swap() -> None:
    narrow = Venue("htx", Adapter.HTX, margin_always=False)
    assert margin_account(route("htx:spot", "htx:swap"), narrow) == ""
    assert margin_account(route("htx:spot", "htx:linear-swap"), narrow) == "USDT"


def test_the_ledger_key_forgets_what_the_exchange_forgets() -> None:
    cross = ledger_key(route("htx:spot", "htx:linear-swap"), "USDT")
    isolated = ledger_key(route("htx:spot", "htx:linear-swap/BTC-USDT"), "USDT")
    assert cross == isolated == ("htx", "spot", "linear-swap", "USDT")
    maker = ledger_key(route("coinw:master", "coinw:maker"), "USDT")
    arbitrage = ledger_key(route("coinw:master", "coinw:arbitrage"), "USDT")
    assert maker == arbitrage == ("coinw", "master", "sub", "USDT")


def test_the_ledger_key_tells_direction_and_currency_apart() -> None:
    there, back = route("coinw:master", "coinw:maker"), route("coinw:maker", "coinw:master")
    assert ledger_key(there, "USDT") != ledger_key(back, "USDT")
    assert ledger_key(there, "USDT") != ledger_key(there, "BTC")


def test_people_see_the_alias_and_the_record_keeps_the_uid() -> None:
    account = parse_account("coinw:maker", VENUES)
    assert (str(account), label(account, COINW)) == ("coinw:39000001", "coinw:maker")
    assert label(account, None) == "coinw:39000001"
    assert label(parse_account("htx:linear-swap/eth-usdt", VENUES), HTX) == "htx:linear-swap/ETH-USDT"


@pytest.mark.parametrize("text", ["usdt", "USDT", "Usdt"])
def test_a_currency_is_upper_case(text: str) -> None:
    assert parse_currency(text) == "USDT"


@pytest.mark.parametrize("text", ["", "u", "12", "u$dt", "usdt.", "ſol", "x" * 13, "us dt", "usdt\n"])
def test_what_is_no_symbol_is_no_currency(text: str) -> None:
    with pytest.raises(GrammarError):
        parse_currency(text)


def test_decimals_are_the_desks_bound_unless_the_connection_narrows_them() -> None:
    assert (COINW.decimals_max("USDT"), COINW.decimals_max("BTC")) == (6, 8)
    assert Venue("x", Adapter.HTX, decimals={"BTC": 12}).decimals_max("BTC") == 8


def test_quoted_text_stays_on_one_line_inside_its_backticks() -> None:
    assert quoted("a`b\n\u202ec\ud800") == "`a?b??c?`"
    assert quoted("x" * 300) == f"`{'x' * 40}…`"
    assert quoted("") == "(nothing)"


def test_accounts_of_a_connection_can_be_typed() -> None:
    for venue in VENUES.values():
        for address in venue.addresses:
            assert label(parse_account(address, VENUES), venue) == address
