"""What can be typed besides a transfer: questions, lists and their filters, `freeze` and `unfreeze`."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Account, Adapter, Route, Venue
from bot.commands import spelled
from bot.errors import GrammarError
from bot.filters import Filter
from bot.grammar import (
    Again,
    Balances,
    Command,
    Export,
    Freeze,
    History,
    Limits,
    Mine,
    Report,
    Show,
    TransferIntent,
    Unfreeze,
    Why,
    parse,
)

VENUES = {"htx": Venue("htx", Adapter.HTX), "coinw": Venue("coinw", Adapter.COINW, {"maker": "39000001"})}
TRANSFER = "50000 usdt from htx:spot to htx:linear-swap"
ROUTE = Route(Account("htx", "spot"), Account("htx", "linear-swap"))


def why(person: str = "", reason: str = "") -> Why:
    return Why(TransferIntent(ROUTE, "USDT", Decimal(50000), reason), person)


def refusal(text: str) -> str:
    with pytest.raises(GrammarError) as caught:
        parse(text, VENUES)
    return str(caught.value)


# What is understood ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("why 50000 usdt htx:spot -&gt; htx:linear-swap", why()),
        (f"WHY {TRANSFER}", why()),
        (f"`why {TRANSFER}`", why()),
        (f"why {TRANSFER} as <@U02BOB|bob>", why("U02BOB")),
        (f"why {TRANSFER} as <@U02BOB>", why("U02BOB")),
        (f"why {TRANSFER} as <@UBOB|Bob Smith> ", why("UBOB")),
        (f"why {TRANSFER} as U02BOB", why("U02BOB")),
        (f"why {TRANSFER} as bob", why("bob")),
        (f"why {TRANSFER}\u00a0AS\u2003@Bob\n", why("bob")),
        (f"why {TRANSFER} reason hedge für März as @bob", why("bob", "hedge für März")),
        (f"why {TRANSFER} reason: as <@U1|x> says as carol", why("carol", "as @x says")),
        (f"why {TRANSFER} reason hedge", why("", "hedge")),
        ("history", History()),
        ("History: HTX", History(Filter(exchange="htx"))),
        ("history <@U02BOB|Bob Smith>", History(Filter(person="U02BOB"))),
        ("history @bob", History(Filter(person="bob"))),
        ("history @U02BOB", History(Filter(person="U02BOB"))),
        ("history &lt;@U02BOB&gt;", History(Filter(person="U02BOB"))),
        ("history usdt", History(Filter(currency="USDT"))),
        ("history btc htx", History(Filter(exchange="htx", currency="BTC"))),
        ("history failed", History(Filter(failed=True))),
        ("history since 7d", History(Filter(since=timedelta(days=7)))),
        ("history SINCE 36H", History(Filter(since=timedelta(hours=36)))),
        ("history T12..T40", History(Filter(first=12, last=40))),
        ("history t12..40", History(Filter(first=12, last=40))),
        ("history T12..T12", History(Filter(first=12, last=12))),
        (
            "export T1..T9 since 1d <@UBOB> failed coinw 1inch",
            Export(Filter("UBOB", "coinw", "1INCH", True, timedelta(days=1), 1, 9)),
        ),
        ("export", Export()),
        ("mine", Mine()),
        ("again T12", Again(12)),
        ("Again 12", Again(12)),
        ("balances", Balances()),
        ("balances HTX", Balances("htx")),
        ("report", Report(7)),
        ("report 30d", Report(30)),
        ("REPORT 365D", Report(365)),
        ("limits", Limits()),
        ("Limits ", Limits()),
        ("freeze htx market crash", Freeze("htx", "market crash")),
        ("FREEZE HTX: Markt stürzt ab", Freeze("htx", "Markt stürzt ab")),
        ("freeze all market crash", Freeze("", "market crash")),
        ("freeze market crash", Freeze("", "market crash")),
        ("freeze: market crash", Freeze("", "market crash")),
        ("“freeze coinw a key leaked”", Freeze("coinw", "a key leaked")),
        ("freeze reason: a key leaked", Freeze("", "a key leaked")),
        ("freeze htx reason a key leaked", Freeze("htx", "a key leaked")),
        ("freeze htx the reason is a key", Freeze("htx", "the reason is a key")),
        ("freeze <@U02BOB|bob> is not bob", Freeze("", "@bob is not bob")),
        ("unfreeze", Unfreeze("")),
        ("unfreeze all", Unfreeze("")),
        ("Unfreeze HTX", Unfreeze("htx")),
    ],
)
def test_a_command_is_understood(text: str, understood: Command) -> None:
    assert parse(text, VENUES) == understood


@pytest.mark.parametrize("reason", ["htxx market crash", "htx:spot drains", "htx, coinw are down", "hxt is down"])
def test_what_only_resembles_an_exchange_freezes_everything(reason: str) -> None:
    assert parse(f"freeze {reason}", VENUES) == Freeze("", reason)


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told", "example"),
    [
        ("why", "takes a whole transfer", "why 250 usdt from htx:spot to htx:linear-swap"),
        ("why as bob", "takes a whole transfer", "why 250 usdt from htx:spot to htx:linear-swap as bob"),
        ("why T12", "alone does not say", None),
        ("why show", "`show` is no command", None),
        ("why 50000 usdt from htx:sport to htx:linear-swap as bob", "`spot`?", f"why {TRANSFER} as bob"),
        (f"why send {TRANSFER} as bob", "starts with the amount", f"why {TRANSFER} as bob"),
        (f"why {TRANSFER} as", "stands (nothing)", f"why {TRANSFER} as bob"),
        (f"why {TRANSFER} as <!channel>", "stands `<!channel>`", f"why {TRANSFER} as bob"),
        (f"why {TRANSFER} as <#C1|bob>", "one person comes last", f"why {TRANSFER} as bob"),
        (f"why {TRANSFER} as bøb", "stands `bøb`", f"why {TRANSFER} as bob"),
        (f"why {TRANSFER} as bob smith", "Left over: `as bob smith`", f"why {TRANSFER}"),
        (f"why as <@U02BOB> {TRANSFER}", "mention", "why 250 usdt from htx:spot to htx:linear-swap as bob"),
        (f"why {TRANSFER} reason", "The reason is missing", f"why {TRANSFER} reason topping up for BTC"),
        (f"why {TRANSFER} for März as bob", "Did you mean `reason`?", f"why {TRANSFER} reason März as bob"),
        (f"{TRANSFER} as bob", "Left over: `as bob`", TRANSFER),
        (f"{TRANSFER} as <@U02BOB|bob>", "mention", "250 usdt from htx:spot to htx:linear-swap"),
        (f"whi {TRANSFER}", "Did you mean `why`?", f"why {TRANSFER}"),
        ("limits now", "left over: `now`", "limits"),
        ("limit", "Did you mean `limits`?", "limits"),
        ("limits reason x", "takes no reason", "limits"),
        ("freeze", "`freeze all`. The reason is missing.", "freeze all a key may have leaked"),
        ("freeze all", "`freeze all`. The reason is missing.", "freeze all a key may have leaked"),
        ("freeze htx", "`freeze htx`. The reason is missing.", "freeze htx a key may have leaked"),
        ("freeze htx reason:", "The reason is missing", "freeze htx a key may have leaked"),
        (f"freeze htx {'x' * 201}", "201 characters", "freeze htx a key may have leaked"),
        ("freez htx Märzsturm", "Did you mean `freeze`?", "freeze htx reason Märzsturm"),
        ("freez htx", "The reason is missing", "freeze htx a key may have leaked"),
        ("unfreeze htxx", "Did you mean `htx`?", "unfreeze htx"),
        ("unfreeze kraken", "there is `htx`, `coinw`, `all`", "unfreeze all"),
        ("unfreeze htx please", "left over: `please`", "unfreeze htx"),
        ("unfreeze htx reason calm", "takes no reason", "unfreeze htx"),
        ("unfreeze htx ü", "U+00FC", "unfreeze"),
        ("unfreez htx", "Did you mean `unfreeze`?", "unfreeze htx"),
        (f"why all {TRANSFER.partition(' ')[2]}", "Write the figure", "why 250 usdt from htx:spot to htx:linear-swap"),
        (
            f"why 25% {TRANSFER.partition(' ')[2]} reason hedge as bob",
            "what `25%` comes to",
            "why 250 usdt from htx:spot to htx:linear-swap reason hedge as bob",
        ),
        ("why all", "Understood all. The currency is missing", "why 250 usdt from htx:spot to htx:linear-swap"),
        ("why 25 % usdt as bob", "split by a space", "why 250 usdt from htx:spot to htx:linear-swap as bob"),
        ("why 101% usdt htx:spot -> htx:swap", "more than there is", "why 250 usdt from htx:spot to htx:swap"),
        ("why send all usdt htx:spot -> htx:swap", "with the amount", "why 250 usdt from htx:spot to htx:swap"),
        ("mine htx", "left over: `htx`", "mine"),
        ("mine reason x", "takes no reason", "mine"),
        ("again", "The transfer is missing", "again T12"),
        ("again T0", "not a transfer", "again T12"),
        ("again T12 T13", "left over: `t13`", "again T12"),
        ("again T12 ü", "U+00FC", "again T12"),
        ("balances htxx", "Did you mean `htx`?", "balances htx"),
        ("balances kraken", "there is `htx`, `coinw`.", "balances"),
        ("balances htx coinw", "left over: `coinw`", "balances htx"),
        ("balance htx", "Did you mean `balances`?", "balances htx"),
        ("report 0d", "from `1d` to `365d`, not `0d`", "report 7d"),
        ("report 366d", "not `366d`", "report 7d"),
        ("report 7", "not `7`", "report 7d"),
        ("report 12h", "not `12h`", "report 7d"),
        ("report 7d 8d", "left over: `8d`", "report 7d"),
        ("report 7d reason x", "takes no reason", "report 7d"),
        ("histroy @bob failed", "Did you mean `history`?", "history @bob failed"),
        ("histroy since", "After `since` nothing stands", "history since 7d"),
        ("history please now", "there is one currency already", "history please"),
        ("history T12", "is one transfer, for `show`", "history"),
        ("history T40..T12 htx", "`t40..t12` ends before it starts", "history htx T12..T40"),
        ("history T12-T40", "written with two points", "history T12..T40"),
        ("history T12...T40", "written with two points", "history T12..T40"),
        ("history T0..T40", "Left over: `t0..t40`", "history"),
        ("history since 0d", "After `since` stands `0d`", "history since 7d"),
        ("history htx since yesterday", "Understood `history htx`.", "history htx since 7d"),
        ("history since 7w", "write days or hours", "history since 7d"),
        ("history since 99999d", "write days or hours", "history since 7d"),
        ("history since", "nothing stands", "history since 7d"),
        ("history 7d", "needs `since` before it", "history since 7d"),
        ("history usdt 7", "needs `since` before it", "history usdt"),
        ("history since 7d since 8d", "there is one `since` already", "history since 7d"),
        ("history htx coinw", "there is one exchange already", "history htx"),
        ("history failed failed", "there is one `failed` already", "history failed"),
        ("history T1..T2 T3..T4", "there is one range already", "history T1..T2"),
        ("history @bob <@U02BOB>", "there is one person already", "history @bob"),
        ("history faild", "Did you mean `failed`?", "history"),
        ("history sinse 7d", "Did you mean `since`?", "history since 7d"),
        ("history @", "`@` is nobody", "history"),
        ("history @bøb", "`@bøb` is nobody", "history"),
        ("history <!channel>", "mention", "history"),
        ("history <#C1|x>", "mention", "history"),
        ("history ü", "U+00FC", "history"),
        ("history htx:spot", "Left over: `htx:spot`", "history"),
        ("history usdt reason-&gt;", "Left over: `reason`", "history usdt"),
        ("history ->", "Left over: `->`", "history"),
        ("history usdt reason x", "takes no reason", "history usdt"),
        ("export @bob please htx no", "Understood `export @bob htx please`", "export @bob htx please"),
        ("show T12 ü", "U+00FC", "show T12"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_how_to_mend_it(text: str, told: str, example: str | None) -> None:
    line = refusal(text)
    assert told in line
    assert line.isprintable()
    if example:
        assert line.endswith(f"`{example}`.")
        parse(example, VENUES)


# Properties -----------------------------------------------------------------------------------------------------------

PIECES = (
    *("why", "limits", "freeze", "unfreeze", "freez", "unfrez", "wyh", "show", "T12", "help", "all", "htx", "coinw"),
    *("htxx", "as", "@bob", "bob", "<@U02BOB|bob>", "U02BOB", "<@U1", "reason", "reason:", "resaon", "for", "250"),
    *("usdt", "htx:spot", "-&gt;", "htx:linear-swap", "to", "from", "<!here>", "<https://x|y>", "ü", "`", "'", "“"),
    *("\u200b", "\ud800", "\x00", "&amp;", "1,250", "coinw:maker", "history", "export", "failed", "since", "7d"),
    *("0d", "T12..T40", "T40..T12", "<@UBOB|Bob Smith>", "&lt;@U1", "mine", "again", "balances", "report", "all"),
    *("half", "25%", "101%", "1.5k", "k"),
)
LINES = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=14)
STARTS = st.sampled_from(
    ["", "why ", "freeze ", "unfreeze ", f"why {TRANSFER} ", f"{TRANSFER} ", "freez ", "limits ", "history ", "export "]
)


@given(STARTS, LINES.map(" ".join) | LINES.map("".join))
def test_any_text_is_a_command_that_reads_back_or_a_refusal_in_one_line(start: str, rest: str) -> None:
    try:
        command = parse(start + rest, VENUES)
    except GrammarError as refused:
        line = str(refused)
        assert line.isprintable()
        assert line.count("`") >= 2
        assert line.count("`") % 2 == 0
        for example in re.findall(r"(?:Try|For example|looks like) `([^`]*)`", line):
            parse(example, VENUES)
        return
    assert parse(spelled(command, VENUES), VENUES) == command


@given(LINES.map(" ".join))
def test_freeze_and_any_visible_word_freezes_something(rest: str) -> None:
    try:
        command = parse(f"freeze {rest}", VENUES)
    except GrammarError as refused:
        assert "The reason is missing." in str(refused)
        return
    assert isinstance(command, Freeze)
    assert command.reason


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6))
def test_asking_why_never_moves_anything(rest: list[str]) -> None:
    try:
        command = parse(f"why {' '.join(rest)}", VENUES)
    except GrammarError:
        return
    assert isinstance(command, Why)


def test_quoted_verbs_stay_what_they_are() -> None:
    assert parse("'show' t12", VENUES) == Show(12)
    assert parse("'limits'", VENUES) == Limits()
    assert parse("'why' " + TRANSFER, VENUES) == why()
    assert parse("'history' htx", VENUES) == History(Filter(exchange="htx"))
