"""Amounts: which digits count, which are refused, and that none is ever changed on the way."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Adapter, Venue, for_people, plain
from bot.errors import GrammarError
from bot.grammar import parse_amount

NARROW = Venue("coinw", Adapter.COINW, decimals={"USDT": 6, "JPY": 0})

amounts = st.builds(
    lambda units, decimals: Decimal(units).scaleb(-decimals),
    st.integers(1, 10**15 - 1),
    st.integers(0, 8),
)


def refusal(text: str, venue: Venue | None = None, currency: str | None = None) -> str:
    with pytest.raises(GrammarError) as caught:
        parse_amount(text, venue, currency)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("250", "250"),
        ("0.5", "0.5"),
        ("1250.50", "1250.50"),
        ("1,250.50", "1250.50"),
        ("1,250,000", "1250000"),
        ("1,250,000.00000001", "1250000.00000001"),
        ("999999999999999", "999999999999999"),
        ("0.00000001", "0.00000001"),
    ],
)
def test_the_digits_typed_are_the_amount(text: str, amount: str) -> None:
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("1,250", ["1250", "1.250"]),
        ("1,25", ["125", "1.25"]),
        ("0,5", ["5", "0.5"]),
        ("1.250,50", ["1250.50"]),
        ("1.250.000,5", ["1250000.5"]),
        ("1.250.000", ["1250000"]),
        ("1,25,000", ["125000"]),
        ("250,", ["250"]),
        ("-5", ["5"]),
        ("-1,250.50", ["1,250.50"]),
        ("+5", ["5"]),
        ("1e5", ["100000"]),
        ("1.5E-3", ["0.0015"]),
        ("1.5k", ["1500"]),
        ("2M", ["2000000"]),
        ("$250", ["250"]),
        ("250$", ["250"]),
        ("1_000", ["1000"]),
        (".5", ["0.5"]),
        ("5.", ["5"]),
        ("0250", ["250"]),
        ("00.5", ["0.5"]),
        ("250usdt", ["250 usdt"]),
        ("250USDT", ["250 usdt"]),
        ("0.123456789", ["0.12345678"]),
        # Nothing to offer but the form of an amount.
        ("", ["1250.50"]),
        ("nan", ["1250.50"]),
        ("-inf", ["1250.50"]),
        ("Infinity", ["1250.50"]),
        ("1e99999999999", ["1250.50"]),
        ("1e-99", ["1250.50"]),
        ("0x10", ["1250.50"]),
        ("1/2", ["1250.50"]),
        ("100%", ["1250.50"]),
        ("5 000", ["1250.50"]),
        ("250\n", ["1250.50"]),
        ("1250,5,", ["12505"]),
        ("1000000000000000", ["1250.50"]),
        ("0", ["250"]),
        ("0.00", ["250"]),
    ],
)
def test_anything_else_is_refused_with_the_way_it_may_have_been_meant(text: str, offered: list[str]) -> None:
    told = re.findall(r"`([^`]*)`", refusal(text))
    assert told[-len(offered) :] == offered


@pytest.mark.parametrize("text", ["٢٥٠", "２５０", "25०", "²", "½"])
def test_digits_of_other_scripts_are_named(text: str) -> None:
    assert "write the digits 0 to 9" in refusal(text)


def test_the_decimals_of_the_connection_bind() -> None:
    assert parse_amount("0.123456", NARROW, "USDT") == Decimal("0.123456")
    assert "USDT on coinw has at most 6, like `0.123456`" in refusal("0.1234567", NARROW, "USDT")
    assert "like `0.000001`" in refusal("0.0000001", NARROW, "USDT")
    assert parse_amount("0.1234567", NARROW, "BTC") == Decimal("0.1234567")


def test_more_than_eight_decimals_are_refused_even_when_they_are_zeros() -> None:
    assert "at most 8" in refusal("1.000000000")


def test_an_amount_written_for_people_fits_a_currency_without_decimals() -> None:
    assert parse_amount(for_people(Decimal(1250)), NARROW, "JPY") == 1250
    assert "at most 0, like `1250`" in refusal("1250.5", NARROW, "JPY")


@given(amounts)
def test_what_people_read_can_be_typed_back(amount: Decimal) -> None:
    assert parse_amount(for_people(amount)) == amount


@given(amounts)
def test_plain_text_has_no_exponent_and_loses_nothing(amount: Decimal) -> None:
    text = plain(amount)
    assert re.fullmatch(r"(0|[1-9]\d*)(\.\d*[1-9])?", text)
    assert Decimal(text) == amount
    assert plain(Decimal(text)) == text
    assert parse_amount(text) == amount


@pytest.mark.parametrize(
    ("amount", "text"), [("1E-8", "0.00000001"), ("1E+3", "1000"), ("10.500", "10.5"), ("0E-8", "0")]
)
def test_plain_text_of_the_awkward_ones(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@given(st.from_regex(r"[1-9][0-9]{0,14}(\.[0-9]{1,8})?", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_every_digit_typed_is_kept(text: str) -> None:
    assert format(parse_amount(text), "f") == text


@given(st.text(alphabet="0123456789.,+-eEkm_$ nu", max_size=12))
def test_whatever_is_accepted_says_the_same_digits(text: str) -> None:
    try:
        amount = parse_amount(text)
    except GrammarError as refused:
        assert "\n" not in str(refused)
        return
    assert amount == Decimal(text.replace(",", ""))
    assert amount > 0
    assert re.fullmatch(r"[0-9,]+(\.[0-9]{1,8})?", text)


@given(st.text(max_size=400))
def test_no_text_raises_anything_but_a_refusal(text: str) -> None:
    try:
        assert parse_amount(text).is_finite()
    except GrammarError as refused:
        assert len(str(refused)) < 300
        assert str(refused).isprintable()
