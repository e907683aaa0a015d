"""Reasons: free text after a transfer, kept as it was written, with no say in what is moved."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Account, Adapter, Route, Venue
from bot.errors import GrammarError
from bot.grammar import TransferIntent, parse, typed
from bot.text import REASON_LENGTH_MAX, delivered, free_text

VENUES = {"htx": Venue("htx", Adapter.HTX), "coinw": Venue("coinw", Adapter.COINW, {"maker": "39000001"})}
COMMAND = "250 usdt from htx:spot to htx:linear-swap"
ROUTE = Route(Account("htx", "spot"), Account("htx", "linear-swap"))


def intent(reason: str = "") -> TransferIntent:
    return TransferIntent(ROUTE, "USDT", Decimal(250), reason)


def refusal(text: str) -> str:
    with pytest.raises(GrammarError) as caught:
        parse(text, VENUES)
    return str(caught.value)


def slack(text: str) -> str:
    """What Slack makes of typed text that names nobody and links nothing."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# What is understood ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("reason topping up for BTC", "topping up for BTC"),
        ("reason: topping up for BTC", "topping up for BTC"),
        ("REASON:topping up", "topping up"),
        ("Reason\u00a0 Nachschuss für März — “eilig”", "Nachschuss für März — “eilig”"),
        ("reason 保证金 👩\u200d🚀 می\u200cخواهم", "保证金 👩\u200d🚀 می\u200cخواهم"),
        ("\n reason  two\tspaces\r\n and\x07a bell\x00", "two spaces and a bell"),
        ("reason the reason: margin", "the reason: margin"),
        ("reason reason", "reason"),
        ("reason : odd colon", ": odd colon"),
        ("reason :fire: is hot", ":fire: is hot"),
        ("reason R&amp;D, 1 &lt; 2 &amp;amp; 3 &gt; 2", "R&D, 1 < 2 &amp; 3 > 2"),
        ("reason &lt;!channel&gt; &lt;@U1&gt;", "<!channel> <@U1>"),
        ("reason for <@U02BOB|bob> and <@U03CAROL>", "for @bob and @U03CAROL"),
        ("reason see <#C012|treasury>, <#C987|> and <#C1>", "see #treasury, #C987 and #C1"),
        ("reason <!channel> <!here|here> <!subteam^S1|@ops>", "@channel @here @ops"),
        ("reason <https://x.example/a?b=1&amp;c=2|ticket 7>", "ticket 7"),
        ("reason <https://x.example/a> <http://x.example|x.example>", "https://x.example/a x.example"),
        ("reason <mailto:a@x.example|a@x.example> <mailto:b@x.example>", "a@x.example b@x.example"),
        ("reason <b> <https://x.example| >", "<b> https://x.example"),
        ("reason tur\u202ened a\u200eround s\u00adoft", "turned around soft"),
        ("reason lone \ud83d half", "lone half"),
        ("reason \"it's `urgent`", "\"it's `urgent`"),
        ("reason to htx:otc -> htx:spot 9000 usdt", "to htx:otc -> htx:spot 9000 usdt"),
        (f"reason {'x' * 200}", "x" * 200),
    ],
)
def test_a_reason_is_kept_as_it_was_written(written: str, reason: str) -> None:
    assert parse(f"{COMMAND} {written}", VENUES) == intent(reason)


@pytest.mark.parametrize(
    "text", [f"“{COMMAND} reason hedge”", f"`{COMMAND} reason hedge`", f'"{COMMAND}" reason hedge', f"'{COMMAND}'"]
)
def test_a_copied_command_may_be_quoted_as_a_whole(text: str) -> None:
    assert parse(text, VENUES) == intent("hedge" if "hedge" in text else "")


def test_a_transfer_needs_no_reason() -> None:
    assert parse(COMMAND, VENUES) == intent()


def test_a_reason_is_written_last() -> None:
    assert typed(intent("topping up for BTC"), VENUES["htx"]) == f"{COMMAND} reason topping up for BTC"


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told", "example"),
    [
        (f"{COMMAND} reason", "The reason is missing.", f"{COMMAND} reason topping up for BTC"),
        (f"{COMMAND} reason: \u200b\u200d", "The reason is missing.", f"{COMMAND} reason topping up for BTC"),
        (f"{COMMAND} reason {'ü' * 201}", "201 characters", f"{COMMAND} reason topping up for BTC"),
        ("250 usdt from htx:sport to htx:linear-swap reason Märzüge", "`spot`?", f"{COMMAND} reason Märzüge"),
        ("250usdt htx:spot -> htx:linear-swap reason a `b`", "needs a space", f"{COMMAND} reason a ?b?"),
        ("250 usdt from htx:spot reason hedge", "account it goes to", f"{COMMAND} reason hedge"),
        (
            "250 usdt from htx:spot reason to htx:linear-swap",
            "account it goes to",
            f"{COMMAND} reason to htx:linear-swap",
        ),
        (f"send {COMMAND} reason hedge", "starts with the amount", f"{COMMAND} reason hedge"),
        (f"{COMMAND}, reason hedge", "no account `linear-swap,`", f"{COMMAND} reason hedge"),
        (f"{COMMAND} resaon Märzüge", "Did you mean `reason`?", f"{COMMAND} reason Märzüge"),
        (f"{COMMAND} for a hedge", "Did you mean `reason`?", f"{COMMAND} reason a hedge"),
        (f"{COMMAND} because: of März", "`because:` is no word", f"{COMMAND} reason of März"),
        ("show T12 reason curious", "takes no reason", "show T12"),
        ("cancel 12 reason: typo", "takes no reason", "cancel T12"),
        ("history reason x", "takes no reason", "history"),
        ("help reason", "takes no reason", "help"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_keeps_the_reason(text: str, told: str, example: str) -> None:
    line = refusal(text)
    assert told in line
    assert line.isprintable()
    assert line.endswith(f"Try `{example}`.")
    parse(example, VENUES)


def test_both_readings_of_an_amount_are_offered_with_the_reason() -> None:
    assert refusal("1,250 usdt htx:spot -> htx:linear-swap reason hedge").endswith(
        "`1250 usdt from htx:spot to htx:linear-swap reason hedge` or "
        "`1.250 usdt from htx:spot to htx:linear-swap reason hedge`?"
    )


@pytest.mark.parametrize("text", ["reason topping up", "reason", "250 reason from htx:spot to htx:swap"])
def test_a_reason_alone_is_no_transfer(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize("text", [f"{COMMAND} rea\u017fon x", f"{COMMAND} 'reason' x", f"{COMMAND} (reason x)"])
def test_only_the_plain_word_starts_a_reason(text: str) -> None:
    refusal(text)


# Properties -----------------------------------------------------------------------------------------------------------

MARKS = ("&amp;", "&lt;", "&gt;", "&", "<", ">", "|", "@", "!", "#", "<@U1|bob>", "<#C1|>", "<https://x|y>", "reason")
MESSY = st.lists(
    st.sampled_from((*MARKS, " as ", '"', "`", "\u200b", "\u202e", "\ud800", "\x00", ":", "為")) | st.text()
)
WORDS = MESSY.map("".join)


@given(WORDS)
def test_any_free_text_is_one_storable_line_or_refused(raw: str) -> None:
    try:
        reason = free_text(raw)
    except GrammarError as refused:
        assert str(refused).isprintable()
        return
    assert 1 <= len(reason) <= REASON_LENGTH_MAX
    assert reason.encode()
    assert reason == " ".join(reason.split())
    assert not [char for char in reason if unicodedata.category(char) in {"Cc", "Cs"} or char in "\u202e\u200b"]
    assert free_text(delivered(reason)) == reason


@given(WORDS)
def test_a_transfer_with_a_reason_reads_back_as_itself(raw: str) -> None:
    try:
        command = parse(f"{COMMAND} reason {raw}", VENUES)
    except GrammarError as refused:
        assert "Understood 250 USDT from `htx:spot` to `htx:linear-swap`. The reason " in str(refused)
        return
    assert isinstance(command, TransferIntent)
    assert command == intent(command.reason)
    assert parse(typed(command, VENUES["htx"]), VENUES) == command
    assert parse(typed(command, None), VENUES) == command


@given(WORDS)
def test_what_is_typed_reaches_the_desk_through_slack(raw: str) -> None:
    plain = " ".join("".join(char for char in raw if char.isprintable()).split())[:REASON_LENGTH_MAX].strip()
    try:
        command = parse(f"{COMMAND} reason {slack(plain)}", VENUES)
    except GrammarError:
        return
    assert command == intent(plain)


@given(WORDS)
def test_an_example_keeps_the_backticks_around_it(raw: str) -> None:
    line = refusal(f"0{COMMAND} reason {raw}")
    assert line.isprintable()
    assert line.count("`") % 2 == 0
    example = line.rpartition(" Try `")[2].removesuffix("`.")
    read = parse(example, VENUES)
    assert isinstance(read, TransferIntent)
    assert read == intent(read.reason)


def test_every_white_space_starts_a_reason() -> None:
    spaces = {chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) in {"Zs", "Zl", "Zp"}}
    for space in spaces | set("\t\n\r\u200b\u2060\ufeff"):
        text = COMMAND.replace(" ", space)
        assert parse(f"{text}{space}reason{space}{space}a{space}b", VENUES) == intent("a b")
