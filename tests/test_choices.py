"""What the form offers: every way a person's rules let money go, and no other."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from desk_bench import ALICE, CAROL, RULES

from bot.accounts import Account, Route
from bot.choices import Choices, Draft, choices
from bot.config import load_config
from bot.policy import Request, select

Offered = Callable[..., Choices]


@pytest.fixture
def offered(tmp_path: Path) -> Offered:
    """Look at what somebody can choose under an edited desk.toml."""

    def look(*edits: tuple[str, str], user: str = ALICE.user, **draft: str) -> Choices:
        text = RULES
        for before, after in edits:
            assert before in text
            text = text.replace(before, after)
        (tmp_path / "desk.toml").write_text(text)
        return choices(load_config(tmp_path / "desk.toml"), user, Draft(**draft))

    return look


def addresses(accounts: tuple[Account, ...]) -> list[str]:
    return [str(account) for account in accounts]


def test_at_first_there_is_the_exchange_alone(offered: Offered) -> None:
    found = offered()
    assert found == Choices(exchanges=("htx", "coinw"))


def test_whom_no_rule_names_there_is_nothing_to_choose(offered: Offered) -> None:
    assert offered(user=CAROL.user) == Choices()


def test_what_there_is_no_choice_about_is_chosen(offered: Offered) -> None:
    only_htx = ('who = ["traders"]\nfrom = ["coinw:', 'who = ["carol"]\nfrom = ["coinw:')
    found = offered(only_htx, source="htx:linear-swap")
    assert (found.chosen.exchange, found.chosen.destination, found.chosen.currency) == ("htx", "htx:spot", "")
    assert offered(only_htx, source="htx:linear-swap", margin="USDT").chosen.currency == "USDT"


def test_sources_name_each_account_once_the_hub_first(offered: Offered) -> None:
    assert addresses(offered(exchange="htx").sources) == ["htx:spot", "htx:linear-swap"]
    assert addresses(offered(exchange="coinw").sources) == ["coinw:master", "coinw:39000002", "coinw:39000001"]


def test_a_margin_account_is_asked_for_where_a_rule_names_an_isolated_one(offered: Offered) -> None:
    found = offered(exchange="htx", source="htx:spot", destination="htx:linear-swap")
    assert (found.margins, found.route, found.currencies) == (("USDT", "BTC-USDT"), None, ())
    isolated = offered(exchange="htx", source="htx:spot", destination="htx:linear-swap", margin="BTC-USDT")
    assert isolated.route == Route(Account("htx", "spot"), Account("htx", "linear-swap", "BTC-USDT"))
    cross = offered(exchange="htx", source="htx:spot", destination="htx:linear-swap", margin="USDT")
    assert cross.route == Route(Account("htx", "spot"), Account("htx", "linear-swap"))


def test_no_margin_account_is_asked_for_where_there_is_only_cross_or_none(offered: Offered) -> None:
    only_cross = ('"htx:linear-swap", "htx:linear-swap/BTC-USDT"', '"htx:linear-swap"')
    found = offered(only_cross, exchange="htx", source="htx:spot", destination="htx:linear-swap")
    assert (found.margins, found.chosen.margin, found.route is not None) == ((), "USDT", True)
    coinw = offered(exchange="coinw", source="coinw:master", destination="coinw:39000001")
    assert (coinw.margins, coinw.chosen.margin, coinw.currencies) == ((), "", ("BTC", "USDT"))


def test_two_steps_are_offered_where_the_rules_let_both_go_in_one_currency(offered: Offered) -> None:
    found = offered(exchange="coinw", source="coinw:39000001", destination="coinw:39000002", currency="BTC")
    assert found.route == Route(Account("coinw", "39000001"), Account("coinw", "39000002"))
    assert found.chosen.currency == "BTC"
    apart = (
        'from = ["coinw:master", "coinw:maker", "coinw:arbitrage"]\n'
        'to = ["coinw:master", "coinw:maker", "coinw:arbitrage"]\ncurrencies = ["USDT", "BTC"]',
        'from = ["coinw:maker"]\nto = ["coinw:master"]\ncurrencies = ["USDT"]\n\n'
        '[[rules]]\nname = "out"\nwho = ["traders"]\n'
        'from = ["coinw:master"]\nto = ["coinw:arbitrage"]\ncurrencies = ["BTC", "USDT"]',
    )
    joined = offered(apart, exchange="coinw", source="coinw:39000001")
    assert addresses(joined.destinations) == ["coinw:master", "coinw:39000002"]
    assert offered(apart, exchange="coinw", source="coinw:39000001", destination="coinw:39000002").currencies == (
        "USDT",
    )
    never = (apart[0], apart[1].replace('["BTC", "USDT"]', '["BTC"]'))
    assert addresses(offered(never, exchange="coinw", source="coinw:39000001").destinations) == ["coinw:master"]


def test_everything_offered_is_something_a_rule_decides_on_and_the_rest_is_not_offered(
    offered: Offered, tmp_path: Path
) -> None:
    offered()
    config = load_config(tmp_path / "desk.toml")
    reached = set()
    for exchange in offered().exchanges:
        for source in offered(exchange=exchange).sources:
            draft = {"exchange": exchange, "source": str(source)}
            for destination in offered(**draft).destinations:
                draft["destination"] = str(destination)
                for margin in offered(**draft).margins or ("",):
                    found = offered(**draft, margin=margin)
                    assert found.route is not None
                    reached |= {(found.route, currency) for currency in found.currencies}
    single = {(r, c) for r, c in reached if config.venues[r.exchange].hub in (r.source, r.destination)}
    every = [account for rule in config.rules for account in rule.sources]
    allowed = {
        (Route(start, end), currency)
        for start in every
        for end in every
        for currency in ("USDT", "BTC")
        if start != end
        and start.exchange == end.exchange
        and config.venues[start.exchange].hub in (start, end)
        and select(Request(ALICE.user, Route(start, end), currency, Decimal(1)), config.rules)
    }
    assert single == allowed


@pytest.mark.parametrize(
    "draft",
    [
        {"exchange": "binance", "source": "htx:spot"},
        {"exchange": "htx", "source": "htx:otc", "destination": "htx:spot"},
        {"exchange": "htx", "source": "coinw:master"},
        {"exchange": "htx", "source": "htx:spot", "destination": "htx:spot"},
        {"exchange": "htx", "source": "htx:linear-swap/BTC-USDT"},
    ],
)
def test_what_is_not_offered_is_not_chosen(offered: Offered, draft: dict[str, str]) -> None:
    found = offered(**draft)
    assert found.route is None
    chosen = {value for value in vars(found.chosen).values() if value}
    assert chosen <= {"htx", "htx:spot", "htx:linear-swap"}  # the last there is no choice about


def test_a_reason_is_required_where_a_rule_that_decides_wants_one(offered: Offered) -> None:
    wants = ('per_transfer = "1000"', 'per_transfer = "1000"\nreason = "required"')
    there = {"exchange": "htx", "source": "htx:spot", "destination": "htx:linear-swap", "margin": "USDT"}
    assert offered(wants, **there).reason_required
    assert not offered(**there).reason_required
    assert not offered(wants, exchange="coinw", source="coinw:master", destination="coinw:39000001").reason_required
