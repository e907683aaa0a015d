"""Help: every example is one the person could type right now."""

from __future__ import annotations

import html
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from desk_toml import EXAMPLE, load

from bot.accounts import Account, Adapter, Venue
from bot.config import Config, load_config
from bot.grammar import TransferIntent, parse
from bot.policy import Request, Rule, decide
from handlers.helping import EXAMPLES_MAX, help_text

ALICE, CAROL = "U01ALICE", "U03CAROL"
COINW = Venue("coinw", Adapter.COINW)


@pytest.fixture(scope="module")
def config() -> Config:
    return load_config(Path(__file__).parents[2] / "desk.example.toml")


def examples(config: Config, user: str = ALICE) -> list[str]:
    return re.findall(r"`/transfer (\d[^`]*)`", html.unescape(help_text(config, user)))


def limited(config: Config, currency: str, limit: str | None) -> Config:
    """The configuration with its first rule alone, for one currency."""
    limits = {} if limit is None else {currency: Decimal(limit)}
    rule = replace(config.rules[0], currencies=frozenset({currency}), per_transfer=limits)
    return replace(config, rules=(rule,))


def with_decimals(venue: Venue, currency: str, decimals: int) -> Venue:
    return replace(venue, decimals={currency: decimals})


@pytest.mark.parametrize(
    ("currency", "limit", "offered"),
    [
        ("USDT", None, "250 usdt"),
        ("USDT", "5000", "250 usdt"),
        ("USDT", "100", "100 usdt"),
        ("USDT", "0.5", "0.5 usdt"),
        ("BTC", None, "1 btc"),
        ("BTC", "0.25", "0.25 btc"),
        ("BTC", "40", "1 btc"),
    ],
)
def test_an_example_is_within_the_rules_limit(config: Config, currency: str, limit: str | None, offered: str) -> None:
    found = examples(limited(config, currency, limit))
    assert found
    assert all(example.startswith(f"{offered} ") for example in found)


def test_every_example_is_read_and_allowed(config: Config) -> None:
    found = examples(config)
    assert found
    for example in found:
        intent = parse(example, config.venues)
        assert isinstance(intent, TransferIntent)
        request = Request(ALICE, intent.route, intent.currency, intent.amount, intent.reason)
        assert decide(request, config.rules, datetime(2026, 11, 20, 12, tzinfo=UTC)).allowed


def test_an_example_the_exchange_connection_could_not_take_is_not_offered(config: Config) -> None:
    small = limited(config, "BTC", "0.00000001")
    venues = {name: with_decimals(venue, "BTC", 4) for name, venue in small.venues.items()}
    assert examples(replace(small, venues=venues)) == []


def test_a_route_out_of_the_hub_comes_first(config: Config) -> None:
    first = parse(examples(config)[0], config.venues)
    assert isinstance(first, TransferIntent)
    assert first.route.source == config.venues[first.route.exchange].hub


def test_a_route_is_offered_once_and_by_the_rule_that_decides_it(config: Config) -> None:
    first: Rule = limited(config, "USDT", "7").rules[0]
    found = examples(replace(config, rules=(first, replace(first, name="wider", per_transfer={}))))
    assert len(set(found)) == len(found)
    assert all(example.startswith("7 usdt ") for example in found)


def test_an_admin_is_told_what_an_admin_does(config: Config) -> None:
    nobody = replace(config, rules=(), admins=frozenset({CAROL}))
    admins, others = help_text(nobody, CAROL), help_text(nobody, ALICE)
    assert "As an admin you settle other people's transfers whose answer was lost" in admins
    assert "No rule lets you move money; you can look." in admins
    assert "`/transfer export` sends you the transfers as a file" in admins
    assert "admin" not in others
    assert "export" not in others


def test_somebody_no_rule_names_is_not_told_how_to_move_money(config: Config) -> None:
    nobody = help_text(replace(config, rules=()), ALICE)
    for word in ("/transfer again", "/transfer cancel", "/transfer limits", "/transfer balances", "1.5k"):
        assert word in help_text(config, ALICE)
        assert word not in nobody
    assert "/transfer history" in nobody


def test_many_accounts_keep_nobody_waiting(config: Config) -> None:
    accounts = frozenset(Account("coinw", str(39_000_000 + number)) for number in range(150)) | {COINW.hub}
    wide = replace(config.rules[0], sources=accounts, destinations=accounts, currencies=frozenset({"USDT"}))
    venue = replace(COINW, subaccounts={f"sub{account.name}": account.name for account in accounts - {COINW.hub}})
    many = replace(config, venues={"coinw": venue}, rules=tuple(replace(wide, name=f"r{n}") for n in range(200)))
    began = time.process_time()
    assert len(examples(many)) == EXAMPLES_MAX
    assert time.process_time() - began < 1  # Slack waits 3 s, and so does everybody else meanwhile


@pytest.mark.parametrize("user", [ALICE, CAROL])
def test_every_command_in_it_is_one(config: Config, user: str) -> None:
    whole = re.findall(r"`/transfer ([^`]+)`", html.unescape(help_text(config, user)))
    assert "history @" in " ".join(whole)
    for text in whole:
        if text not in {"why", "freeze"}:  # these are told with what must follow them
            parse(text, config.venues)


def test_it_fits_into_one_message_with_the_longest_names(tmp_path: Path) -> None:
    text = EXAMPLE.replace("coinw", "c" * 21).replace(f'adapter = "{"c" * 21}"', 'adapter = "coinw"')
    text = text.replace("maker", "m" * 30).replace("alice", "a" * 31).replace("api.ccccccccccccccccccccc", "api.coinw")
    longest = load(tmp_path, text)
    told = help_text(replace(longest, admins=frozenset({ALICE})), ALICE)
    assert "m" * 30 in told
    assert "@" + "a" * 31 in told
    assert len(told) < 3000
