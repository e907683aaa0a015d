"""Amounts: which digits count, which are refused, and that none is ever changed on the way."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Adapter, Venue, for_people, plain
from bot.amounts import Misread, read_amount
from bot.errors import GrammarError
from bot.grammar import parse

NARROW = Venue("coinw", Adapter.COINW, {"maker": "39000001"}, {"USDT": 6, "JPY": 0})
VENUES = {"htx": Venue("htx", Adapter.HTX), "coinw": NARROW}
COMMAND = "250 usdt from htx:spot to htx:linear-swap"

amounts = st.builds(
    lambda units, decimals: Decimal(units).scaleb(-decimals),
    st.integers(1, 10**15 - 1),
    st.integers(0, 8),
)


def misread(text: str, venue: Venue | None = None, currency: str = "") -> Misread:
    amount = read_amount(text, venue, currency)
    assert isinstance(amount, Misread), f"{text!r} was read as {amount}"
    return amount


def refusal(text: str) -> str:
    with pytest.raises(GrammarError) as caught:
        parse(text, VENUES)
    return str(caught.value)


def digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text).lstrip("0")


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
        ("5k", "5000"),
        ("1.5k", "1500"),
        ("1.5K", "1500"),
        ("1.50k", "1500"),
        ("1.2345k", "1234.5"),
        ("2m", "2000000"),
        ("2M", "2000000"),
        ("1,250.5k", "1250500"),
        ("0.5k", "500"),
        ("0.00000001k", "0.00001"),
        ("0.12345678901k", "123.45678901"),
        ("999999999.999999m", "999999999999999"),
    ],
)
def test_the_digits_typed_are_the_amount(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        # A comma or a point that can be read in two ways is read in both.
        ("1,250", ["1250", "1.250"]),
        ("1,25", ["125", "1.25"]),
        ("0,5", ["5", "0.5"]),
        ("1,250,50", ["125050", "1250.50"]),
        ("5,000,00", ["500000", "5000.00"]),
        ("1,250,000,00", ["125000000", "1250000.00"]),
        ("1,250,5", ["12505", "1250.5"]),
        ("1250,5,", ["12505", "1250.5"]),
        ("1,,250", ["1250", "1.250"]),
        ("12.345,678", ["12345678", "12345.678"]),
        ("-1,250", ["1250", "1.250"]),
        ("$1,250", ["1250", "1.250"]),
        # One way to read it.
        ("1.250,50", ["1250.50"]),
        ("1.250.000,5", ["1250000.5"]),
        ("1.250.000", ["1250000"]),
        ("1,25,000", ["125000"]),
        ("1,25,000.5", ["125000.5"]),
        ("250,", ["250"]),
        ("-5", ["5"]),
        ("-1,250.50", ["1250.50"]),
        ("+5", ["5"]),
        ("1e5", ["100000"]),
        ("1.5E-3", ["0.0015"]),
        ("2b", ["2000000000"]),
        ("1,5k", ["15000", "1500"]),
        ("1,250m", ["1250000000", "1250000"]),
        ("-5k", ["5000"]),
        (".5k", ["500"]),
        ("$5k", ["5000"]),
        ("05k", ["5000"]),
        ("$250", ["250"]),
        ("250$", ["250"]),
        ("1_000", ["1000"]),
        (".5", ["0.5"]),
        ("5.", ["5"]),
        ("0250", ["250"]),
        ("00.5", ["0.5"]),
        ("0.123456789", ["0.12345678"]),
        # Nothing that would not be a guess.
        ("", []),
        ("nan", []),
        ("-inf", []),
        ("Infinity", []),
        ("1e99999999999", []),
        ("1e-99", []),
        ("0x10", []),
        ("1/2", []),
        ("100%", []),
        ("k", []),
        ("1e3k", []),
        ("0k", []),
        ("9999999999999k", []),
        ("0.000000000001k", []),
        ("250\n", []),
        ("1000000000000000", []),
        ("0", []),
        ("0.00", []),
        ("0,250,000", []),
        ("0.250.000", []),
        ("0.123,456", []),
        ("1,123456789", []),
    ],
)
def test_anything_else_is_refused_with_every_way_it_may_have_been_meant(text: str, readings: list[str]) -> None:
    assert misread(text).readings == tuple(readings)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("5 000", ["5000", "5.000"]),
        ("1. 250", ["1.250", "1250"]),
        ("1. 250", ["1.250", "1250"]),
        ("1 ,250", ["1250", "1.250"]),
        ("1 250 000", ["1250000"]),
        ("1 250,50", ["125050", "1250.50"]),
        ("1 250.50", ["1250.50"]),
        ("1.250 000", ["1250000", "1250.000", "1.250000"]),
        ("250 .50", ["250.50"]),
        ("250 k", ["250000"]),
        ("1 250k", ["1250000", "1250"]),
        ("0.123 456", []),
    ],
)
def test_a_space_in_an_amount_drops_no_digit(text: str, readings: list[str]) -> None:
    told = misread(text)
    assert told.wrong == f"`{text}` is split by a space; an amount has none."
    assert told.readings == tuple(readings)


@pytest.mark.parametrize(
    ("text", "readings", "currency"),
    [
        ("250usdt", ["250"], "usdt"),
        ("250USDT", ["250"], "usdt"),
        ("1,250usdt", ["1250", "1.250"], "usdt"),
        ("5 000usdt", ["5000", "5.000"], "usdt"),
        ("0usdt", [], "usdt"),
        ("5kusdt", ["5000"], "usdt"),
        ("5kava", ["5"], "kava"),
        ("5kk", ["5"], "kk"),
        ("1.5kusdt", ["1500"], "usdt"),
        ("2Musdc", ["2000000"], "usdc"),
        ("2musd", ["2"], "musd"),
    ],
)
def test_a_currency_typed_onto_the_amount_is_told_apart(text: str, readings: list[str], currency: str) -> None:
    assert misread(text).readings == tuple(readings)
    assert misread(text).currency == currency


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("1,250", "`1,250` can be read in two ways."),
        ("-5", "`-5` is negative; the accounts alone say which way money goes."),
        ("- 5", "`- 5` is negative; the accounts alone say which way money goes."),
        ("1e3", "`1e3` has an exponent; an amount is written in full."),
        ("5b", "`5b` is shortened with `b`; only `k` and `m` shorten an amount."),
        ("1,5k", "`1,5k` can be read in two ways."),
        ("0.5000k0", "`0.5000k0` is not an amount; write digits with a point before the decimals."),
        ("1234567890m", "`1234567890m`, in full, has 16 digits before the point; an amount has at most 15."),
        ("0.123456789012k", "`0.123456789012k`, in full, has 9 decimals; an amount has at most 8."),
        ("1.250,50", "`1.250,50` has a comma after the point."),
        ("0", "`0` moves nothing; an amount is above zero."),
        ("nan", "`nan` is not an amount; write digits with a point before the decimals."),
        ("250usdt", "`250usdt` needs a space before the currency."),
        ("1000000000000000", "`1000000000000000` has 16 digits before the point; an amount has at most 15."),
        ("0.123456789", "`0.123456789` has 9 decimals; an amount has at most 8."),
    ],
)
def test_a_refusal_says_why_in_one_sentence(text: str, wrong: str) -> None:
    assert misread(text).wrong == wrong


@pytest.mark.parametrize("text", ["٢٥٠", "２５０", "25०", "²", "½"])
def test_digits_of_other_scripts_are_named(text: str) -> None:
    assert "write the digits 0 to 9" in misread(text).wrong
    assert not misread(text).readings


def test_the_decimals_of_the_connection_bind() -> None:
    assert read_amount("0.123456", NARROW, "USDT") == Decimal("0.123456")
    assert "USDT on coinw has at most 6" in misread("0.1234567", NARROW, "USDT").wrong
    assert misread("0.1234567", NARROW, "USDT").readings == ("0.123456",)
    assert misread("0.0000001", NARROW, "USDT").readings == ()
    assert read_amount("0.1234567", NARROW, "BTC") == Decimal("0.1234567")


@pytest.mark.parametrize("text", ["1,25", "1, 25", "-1.5"])
def test_a_reading_the_connection_cannot_take_is_neither_cut_nor_left_out(text: str) -> None:
    assert misread(text).readings
    assert not misread(text, NARROW, "JPY").readings


def test_more_than_eight_decimals_are_refused_even_when_they_are_zeros() -> None:
    assert "at most 8" in misread("1.000000000").wrong


def test_an_amount_written_for_people_fits_a_currency_without_decimals() -> None:
    assert read_amount(for_people(Decimal(1250)), NARROW, "JPY") == 1250
    assert "at most 0" in misread("1250.5", NARROW, "JPY").wrong
    assert misread("1250.5", NARROW, "JPY").readings == ("1250",)


@given(amounts)
def test_what_people_read_can_be_typed_back(amount: Decimal) -> None:
    assert read_amount(for_people(amount)) == amount


@given(amounts)
def test_plain_text_has_no_exponent_and_loses_nothing(amount: Decimal) -> None:
    text = plain(amount)
    assert re.fullmatch(r"(0|[1-9]\d*)(\.\d*[1-9])?", text)
    assert Decimal(text) == amount
    assert plain(Decimal(text)) == text
    assert read_amount(text) == amount


@pytest.mark.parametrize(
    ("amount", "text"), [("1E-8", "0.00000001"), ("1E+3", "1000"), ("10.500", "10.5"), ("0E-8", "0")]
)
def test_plain_text_of_the_awkward_ones(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@given(st.from_regex(r"[1-9][0-9]{0,14}(\.[0-9]{1,8})?", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_every_digit_typed_is_kept(text: str) -> None:
    amount = read_amount(text)
    assert isinstance(amount, Decimal)
    assert format(amount, "f") == text


@given(st.text(alphabet="0123456789.,+-eEkmKM_$ nu", max_size=12))
def test_whatever_is_accepted_says_the_same_digits(text: str) -> None:
    amount = read_amount(text)
    if isinstance(amount, Misread):
        assert "\n" not in amount.wrong
        return
    power = {"k": 1000, "m": 1000000}.get(text[-1].lower(), 1)
    assert amount == Decimal(text.replace(",", "").rstrip("kKmM")) * power
    assert amount > 0
    assert re.fullmatch(r"[0-9,]+(\.[0-9]{1,14})?[kKmM]?", text)


@given(st.text(max_size=400))
def test_no_text_raises_anything(text: str) -> None:
    amount = read_amount(text)
    if isinstance(amount, Misread):
        assert len(amount.wrong) < 200
        assert amount.wrong.isprintable()
    else:
        assert amount.is_finite()


@given(st.text(alphabet="0123456789.,+-ekm_$ usdt", max_size=12), st.sampled_from(["USDT", "JPY", "BTC"]))
def test_every_reading_is_an_amount_and_none_is_named_twice(text: str, currency: str) -> None:
    amount = read_amount(text, NARROW, currency)
    if isinstance(amount, Misread):
        assert all(isinstance(read_amount(reading, NARROW, currency), Decimal) for reading in amount.readings)
        assert len({*amount.readings}) == len(amount.readings)


@given(st.text(alphabet="0123456789.,$ _-", max_size=12))
def test_no_reading_drops_or_adds_a_digit(text: str) -> None:
    amount = read_amount(text)
    # Too many decimals are cut, and said to be.
    if isinstance(amount, Misread) and "decimals;" not in amount.wrong:
        assert {digits(reading) for reading in amount.readings} <= {digits(text)}


@given(st.lists(st.text(alphabet="0123456789", min_size=1, max_size=4), min_size=2, max_size=5), st.sampled_from(", "))
def test_a_last_group_of_other_than_three_digits_is_never_decided(groups: list[str], mark: str) -> None:
    if len(groups[-1]) != 3 and digits(groups[0]) and len(groups[-1]) <= 8:
        told = misread(mark.join(groups))
        assert len(told.readings) != 1


# In a whole line


@pytest.mark.parametrize(
    ("text", "told", "example"),
    [
        ("-5 usdt htx:spot -> htx:swap", "is negative", "5 usdt from htx:spot to htx:swap"),
        ("5b usdt htx:spot -> htx:swap", "is shortened", "5000000000 usdt from htx:spot to htx:swap"),
        ("1.5kusdt htx:spot -> htx:swap", "space before the currency", "1500 usdt from htx:spot to htx:swap"),
        ("$5 btc htx:spot -> htx:swap", "currency sign", "5 btc from htx:spot to htx:swap"),
        ("1e3 usdt coinw:master -> coinw:maker", "exponent", "1000 usdt from coinw:master to coinw:maker"),
        ("0.1234567 usdt coinw:master -> coinw:maker", "at most 6", "0.123456 usdt from coinw:master to coinw:maker"),
        ("1 250.50usdt htx:spot -> htx:swap", "split by a space", "1250.50 usdt from htx:spot to htx:swap"),
        ("250usdt from htx:spot to htx:linear-swap", "space before the currency", COMMAND),
        ("250 .50 usdt htx:spot -> htx:swap", "split by a space", "250.50 usdt from htx:spot to htx:swap"),
        ("250 k usdt htx:spot -> htx:swap", "split by a space", "250000 usdt from htx:spot to htx:swap"),
        ("1 250 000 usdt htx:spot -> htx:swap", "split by a space", "1250000 usdt from htx:spot to htx:swap"),
    ],
)
def test_an_amount_with_one_reading_is_answered_with_that_command(text: str, told: str, example: str) -> None:
    line = refusal(text)
    assert told in line
    assert line.endswith(f" Try `{example}`.")


@pytest.mark.parametrize(
    ("amount", "told", "readings"),
    [
        ("1,250", "can be read in two ways", ["1250", "1.250"]),
        ("1,25", "can be read in two ways", ["125", "1.25"]),
        ("1,250,50", "has commas in odd places", ["125050", "1250.50"]),
        ("5 000", "is split by a space", ["5000", "5.000"]),
        ("25\u200b0", "is split by a space", ["250", "25.0"]),
        ("5\u00a0000", "is split by a space", ["5000", "5.000"]),
        ("1. 250", "is split by a space", ["1.250", "1250"]),
        ("1. 250", "is split by a space", ["1.250", "1250"]),
        ("1 250,50", "is split by a space", ["125050", "1250.50"]),
    ],
)
def test_an_amount_that_can_be_read_in_two_ways_is_answered_with_both_commands(
    amount: str, told: str, readings: list[str]
) -> None:
    line = refusal(f"{amount} usdt from htx:spot to htx:linear-swap")
    assert line.startswith("Understood USDT from `htx:spot` to `htx:linear-swap`. ")
    assert told in line
    commands = " or ".join(f"`{reading} usdt from htx:spot to htx:linear-swap`" for reading in readings)
    assert line.endswith(f" Did you mean {commands}?")


@pytest.mark.parametrize(
    ("amount", "one", "other"),
    [
        ("5 000usdt", "5000", "5.000"),
        ("5 50usdt", "550", "5.50"),
        ("1 250,5usdt", "12505", "1250.5"),
        ("1, 250usdt", "1250", "1.250"),
    ],
)
def test_a_currency_typed_onto_a_split_amount_is_kept(amount: str, one: str, other: str) -> None:
    route = "from htx:spot to htx:swap"
    assert refusal(f"{amount} {route}").endswith(f"Did you mean `{one} usdt {route}` or `{other} usdt {route}`?")


@pytest.mark.parametrize("amount", ["0", "NaN", "infinity", "1e99", "0.000000001", "9" * 16, "0.123 456"])
@pytest.mark.parametrize("route", ["from htx:spot to htx:linear-swap", "from coinw:maker to coinw:master"])
def test_an_amount_that_means_nothing_is_answered_with_an_example_for_the_route(amount: str, route: str) -> None:
    line = refusal(f"{amount} btc {route}")
    assert "Understood " in line
    assert line.endswith(f" For example `250 btc {route}`.")


def test_the_fault_of_the_amount_comes_first_where_more_is_wrong() -> None:
    line = refusal("1,250 usdt from htx:spot to htx:linear-swp")
    assert line.startswith("Understood USDT from `htx:spot`. `1,250` can be read in two ways. htx has no account")
    assert line.endswith(
        "Try `1250 usdt from htx:spot to htx:linear-swap` or `1.250 usdt from htx:spot to htx:linear-swap`."
    )
    line = refusal("0 from htx:spot to htx:linear-swap")
    assert line.startswith("`0` moves nothing; an amount is above zero. The currency is missing")
    assert line.endswith(f"For example `{COMMAND}`.")
    assert "Try" not in refusal("1,250 usdt htx:spot &lt;-&gt; htx:swap")
