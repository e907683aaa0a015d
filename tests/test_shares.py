"""Shares in place of an amount: `all`, `half`, `25%`; which there are, what is refused, and that none is rounded up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Adapter, Venue, check_route, parse_account
from bot.amounts import Misread, Share, read_share
from bot.errors import GrammarError
from bot.grammar import ShareIntent, TransferIntent, parse, typed

VENUES = {
    "htx": Venue("htx", Adapter.HTX),
    "coinw": Venue("coinw", Adapter.COINW, {"maker": "39000001", "arbitrage": "39000002"}),
}


def intent(percent: str, source: str, destination: str, reason: str = "") -> ShareIntent:
    route = check_route(parse_account(source, VENUES), parse_account(destination, VENUES), VENUES)
    return ShareIntent(route, "USDT", Share(Decimal(percent)), reason)


def refusal(text: str) -> str:
    with pytest.raises(GrammarError) as caught:
        parse(text, VENUES)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "percent", "written"),
    [
        ("all", "100", "all"),
        ("ALL", "100", "all"),
        ("half", "50", "half"),
        ("25%", "25", "25%"),
        ("1%", "1", "1%"),
        ("33.3%", "33.3", "33.3%"),
        ("12.50%", "12.5", "12.5%"),
        ("50.00%", "50", "half"),
        ("100%", "100", "all"),
    ],
)
def test_a_share_is_read_and_written(text: str, percent: str, written: str) -> None:
    share = read_share(text)
    assert share == Share(Decimal(percent))
    assert str(share) == written
    assert read_share(written) == share


@pytest.mark.parametrize("text", ["250", "", "hal", "halfs", "all all", "5k", "al l"])
def test_what_is_no_share_is_left_to_be_read_as_an_amount(text: str) -> None:
    assert read_share(text) is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("0%", "`0%` is too little; a share is at least 1%."),
        ("0.99%", "`0.99%` is too little; a share is at least 1%."),
        ("101%", "`101%` is more than there is; a share is at most 100%."),
        ("100.01%", "`100.01%` is more than there is; a share is at most 100%."),
        ("33.333%", "`33.333%` has 3 decimals; a share has at most 2."),
        ("25 %", "`25 %` is split by a space; a share has none."),
        ("25%usdt", "`25%usdt` needs a space before the currency."),
        *[
            (text, f"`{text}` is not a share; write `all`, `half` or a percentage like `25%`.")
            for text in ("%", "025%", "-25%", "+25%", "25%%", "33,3%", "1e1%", "5k%", "٢%", ".5%", "5.%", "9999999%")
        ],
    ],
)
def test_anything_else_with_a_percent_sign_is_refused(text: str, wrong: str) -> None:
    misread = read_share(text)
    assert isinstance(misread, Misread)
    assert misread.share
    assert misread.wrong == wrong


@pytest.mark.parametrize(
    ("percent", "available", "decimals", "amount"),
    [
        ("100", "1250.123456789", 8, "1250.12345678"),
        ("100", "1250.999", 0, "1250"),
        ("50", "0.00000001", 8, "0"),
        ("33.3", "100", 8, "33.3"),
        ("33.33", "0.1", 2, "0.03"),
        ("99.99", "999999999999999.999999999999999999", 8, "999899999999999.99999999"),
    ],
)
def test_a_share_is_rounded_down(percent: str, available: str, decimals: int, amount: str) -> None:
    assert Share(Decimal(percent)).of(Decimal(available), decimals) == Decimal(amount)


@given(st.integers(100, 10000), st.integers(0, 10**33), st.integers(0, 8))
def test_a_share_never_is_more_than_its_part_nor_short_by_a_unit(percent: int, units: int, decimals: int) -> None:
    amount = Share(Decimal(percent).scaleb(-2)).of(Decimal(f"{units}E-18"), decimals)
    whole = int(amount * 10**decimals)  # both sides in whole numbers: no rounding can hide anything
    assert whole * 10**22 <= units * percent * 10**decimals < (whole + 1) * 10**22


# In a whole line


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("all usdt from htx:spot to htx:swap", intent("100", "htx:spot", "htx:swap")),
        ("HALF USDT htx:spot -&gt; htx:swap", intent("50", "htx:spot", "htx:swap")),
        ("33.3% usdt from coinw:maker → coinw:arbitrage", intent("33.3", "coinw:maker", "coinw:arbitrage")),
        ("100% usdt htx:spot -> htx:swap reason closing", intent("100", "htx:spot", "htx:swap", "closing")),
    ],
)
def test_a_transfer_of_a_share_is_understood(text: str, understood: ShareIntent) -> None:
    assert parse(text, VENUES) == understood


@pytest.mark.parametrize(
    ("text", "told", "example"),
    [
        ("25 % usdt htx:spot -> htx:swap", "split by a space", "25% usdt from htx:spot to htx:swap"),
        ("33.3%usdt htx:spot -> htx:swap", "space before the currency", "33.3% usdt from htx:spot to htx:swap"),
        ("all", "Understood all. The currency is missing", "all usdt from htx:spot to htx:linear-swap"),
        ("all all from htx:spot to htx:swap", "currency is missing", None),
        (
            "half usdt",
            "Understood half USDT. A transfer needs the account",
            "half usdt from htx:spot to htx:linear-swap",
        ),
        ("half from htx:spot to htx:swap", "currency is missing", "half usdt from htx:spot to htx:swap"),
        ("send 25% usdt htx:spot -> htx:swap", "starts with the amount", "25% usdt from htx:spot to htx:swap"),
        ("usdt all from htx:spot to htx:swap", "starts with the amount", "all usdt from htx:spot to htx:swap"),
        ("all usdt htx:spot -> htx:swp", "Understood all USDT from `htx:spot`", "all usdt from htx:spot to htx:swap"),
        (
            "all usdt htx:spot -> htx:swap for März",
            "Did you mean `reason`?",
            "all usdt from htx:spot to htx:swap reason März",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_how_to_mend_it(text: str, told: str, example: str | None) -> None:
    line = refusal(text)
    assert told in line
    if example:
        assert line.endswith(f"Try `{example}`.")


@pytest.mark.parametrize("amount", ["0%", "101%", "33.333%", "25%%"])
def test_a_share_that_means_nothing_is_answered_with_an_example_of_one(amount: str) -> None:
    line = refusal(f"{amount} btc from htx:spot to htx:swap")
    assert line.endswith(" For example `25% btc from htx:spot to htx:swap`.")


def test_a_resolved_share_keeps_what_was_typed() -> None:
    meant = intent("50", "htx:otc", "htx:swap", "closing")
    transfer = meant.resolved(Decimal("12.5"))
    assert transfer == TransferIntent(meant.route, "USDT", Decimal("12.5"), "closing", "half")
    assert typed(transfer, None) == "12.5 usdt from htx:otc to htx:swap reason closing"
