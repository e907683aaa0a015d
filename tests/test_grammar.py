"""The command line of `/transfer`: tolerant of Slack and phones, strict about money."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts import Adapter, Route, Venue, check_route, parse_account
from bot.errors import GrammarError
from bot.grammar import Cancel, Command, Form, Help, History, ShareIntent, Show, TransferIntent, parse, typed

VENUES = {
    "htx": Venue("htx", Adapter.HTX),
    "coinw": Venue("coinw", Adapter.COINW, {"maker": "39000001", "arbitrage": "39000002"}, {"USDT": 6}),
}
COMMAND = "250 usdt from htx:spot to htx:linear-swap"


def intent(amount: str, currency: str, source: str, destination: str) -> TransferIntent:
    route = check_route(parse_account(source, VENUES), parse_account(destination, VENUES), VENUES)
    return TransferIntent(route, currency, Decimal(amount))


def read(text: str) -> Command:
    return parse(text, VENUES)


def refusal(text: str) -> str:
    with pytest.raises(GrammarError) as caught:
        read(text)
    return str(caught.value)


SPOT_TO_SWAP = intent("250", "USDT", "htx:spot", "htx:linear-swap")


# What is understood ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("250 usdt from htx:spot to htx:linear-swap", SPOT_TO_SWAP),
        (
            "250 USDT htx:spot -> htx:linear-swap/BTC-USDT",
            intent("250", "USDT", "htx:spot", "htx:linear-swap/BTC-USDT"),
        ),
        ("10 usdt coinw:master -> coinw:maker", intent("10", "USDT", "coinw:master", "coinw:39000001")),
        ("10 usdt from coinw:39000001 to coinw:master", intent("10", "USDT", "coinw:maker", "coinw:master")),
        ("1,250.50 btc from htx:otc -> htx:spot", intent("1250.50", "BTC", "htx:otc", "htx:spot")),
        ("0.5 1inch htx:spot to htx:futures", intent("0.5", "1INCH", "htx:spot", "htx:futures")),
        ("1.5K usdt htx:spot -> htx:swap", intent("1500", "USDT", "htx:spot", "htx:swap")),
        ("0.1234567k usdt coinw:master -> coinw:maker", intent("123.4567", "USDT", "coinw:master", "coinw:maker")),
        ("10 usdt htx:otc -> htx:swap", intent("10", "USDT", "htx:otc", "htx:swap")),
        ("10 usdt coinw:maker to coinw:arbitrage", intent("10", "USDT", "coinw:maker", "coinw:arbitrage")),
        ("", Form()),
        ("  ", Form()),
        ("\u200b", Form()),
        ("help", Help()),
        ("?", Help()),
        ("HELP", Help()),
        ("history", History()),
        ("show T12", Show(12)),
        ("Show t12", Show(12)),
        ("show 12", Show(12)),
        ("cancel T1042", Cancel(1042)),
    ],
)
def test_a_command_is_understood(text: str, understood: Command) -> None:
    assert read(text) == understood


@pytest.mark.parametrize(
    "text",
    [
        "250 usdt htx:spot -&gt; htx:linear-swap",
        "250 usdt htx:spot → htx:linear-swap",
        "250 usdt htx:spot→htx:linear-swap",
        "250 usdt htx:spot->htx:linear-swap",
        "250 usdt htx:spot--&gt;htx:linear-swap",
        "250 usdt htx:spot –&gt; htx:linear-swap",
        "250 usdt htx:spot —> htx:linear-swap",
        "250 usdt htx:spot =&gt; htx:linear-swap",
        "250 usdt htx:spot ➡\ufe0f htx:linear-swap",
        "250 usdt htx:spot :arrow_right: htx:linear-swap",
        "250 usdt htx:spot -> htx:linear\u2011swap",
        "250\u00a0usdt\u2003from\u202fhtx:spot\u3000to\thtx:linear-swap\r\n",
        "\u200b250 usdt\ufeff from htx:spot\u2060 to htx:linear-swap",
        "“250 usdt from htx:spot to htx:linear-swap”",
        "`250 usdt from htx:spot to htx:linear-swap`",
        "250 ‘usdt’ from “htx:spot” to 'htx:linear-swap'",
        '250 usdt "htx:spot"→"htx:linear-swap"',
        "250 USDT FROM HTX:SPOT TO HTX:LINEAR-SWAP",
        "250 usdt from htx:spot to htx:linear-swap/USDT",
        "250 usdt from <http://htx:spot|htx:spot> to <https://htx:linear-swap>",
    ],
)
def test_what_slack_and_phones_do_to_text_changes_nothing(text: str) -> None:
    assert read(text) == SPOT_TO_SWAP


# What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told", "example"),
    [
        # The shape of a transfer
        (f"{COMMAND} please", "Left over: `please`", COMMAND),
        (f"send {COMMAND}", "starts with the amount", COMMAND),
        ("send -5 usdt htx:spot -> htx:swap", "is negative", "5 usdt from htx:spot to htx:swap"),
        ("btc -5 htx:spot -> htx:swap", "is negative", "5 btc from htx:spot to htx:swap"),
        ("htx:spot -> htx:swap 250 usdt", "`htx:spot` is no command; a transfer starts with the amount. For", None),
        ("-> htx:swap", "`->` is no command; a transfer starts with the amount. For", None),
        ("usdt 250 from htx:spot to htx:linear-swap", "starts with the amount", COMMAND),
        ("250 usdt to htx:linear-swap from htx:spot", "source comes first", COMMAND),
        ("250 usdt htx:linear-swap &lt;- htx:spot", "points to the right", COMMAND),
        ("250 usdt htx:linear-swap ← htx:spot", "points to the right", COMMAND),
        ("250 usdt htx:spot &gt; htx:linear-swap", "lone `>`", COMMAND),
        ("250 usdt htx:spot — htx:linear-swap", "stands `-` instead", COMMAND),
        ("250 usdt htx:spot - &gt; htx:linear-swap", "not two accounts", COMMAND),
        ("250 usdt htx:spot &lt;-&gt; htx:linear-swap", "not two accounts", None),
        ("250 usdt htx:linear-swap from htx:spot", "stands `from` instead", None),
        ("250 usdt htx:spot htx:linear-swap", "`to` or `->` is missing", COMMAND),
        ("250 usdt from htx:spot too htx:linear-swap", "Did you mean `to`?", COMMAND),
        ("250 usdt form htx:spot to htx:linear-swap", "Did you mean `from`?", COMMAND),
        ("250 usdt from from htx:spot to htx:linear-swap", "not two accounts", COMMAND),
        ("250 usdt from htx:spot", "account it goes to", COMMAND),
        ("250 usdt to htx:linear-swap", "account it goes to", COMMAND),
        ("250 usdt", "account it goes to", COMMAND),
        # The currency
        ("250 from htx:spot to htx:linear-swap", "currency is missing", COMMAND),
        ("250 htx:spot to htx:linear-swap", "currency is missing", COMMAND),
        ("250 form htx:spot to htx:linear-swap", "Did you mean `from`?", COMMAND),
        ("250", "currency is missing", COMMAND),
        ("250 u$dt from htx:spot to htx:linear-swap", "not a currency", COMMAND),
        # The accounts
        ("250 usdt from htx:sport to htx:linear-swap", "Did you mean `spot`?", COMMAND),
        ("250 usdt from htxx:spot to htx:linear-swap", "Did you mean `htx`?", COMMAND),
        ("250 usdt from spot to linear-swap", "exchange:account", COMMAND),
        ("250 usdt from htx:spot to htx:linear-swp/BTC-USDT", "Did you mean", f"{COMMAND}/BTC-USDT"),
        ("250 usdt from htx:spot to htx:linear-swap/USDT-BTC", "`htx:linear-swap/BTC-USDT`?", f"{COMMAND}/BTC-USDT"),
        ("250 usdt from kraken:spot to htx:spot", "no exchange `kraken`", None),
        ("10 usdt from coinw:makr to coinw:master", "`maker`?", "10 usdt from coinw:maker to coinw:master"),
        ("10 usdt from coinw:39000003 to coinw:master", "not one of coinw's sub-accounts", None),
        # The route
        ("250 usdt htx:spot -> htx:spot", "nothing would move", None),
        ("250 usdt htx:spot -> coinw:master", "withdrawal", None),
        ("10 usdt coinw:maker -> coinw:39000001", "nothing would move", None),
        ("k usdt htx:spot -> htx:swap", "`k` is no command", None),
        # The amount
        ("٢٥٠ usdt htx:spot -> htx:swap", "write the digits 0 to 9", None),
        # The words
        ("hlep", "Did you mean `help`?", "help"),
        ("shwo T12", "Did you mean `show`?", "show T12"),
        ("cancle 1042", "Did you mean `cancel`?", "cancel T1042"),
        ("shwo", "The transfer is missing", "show T12"),
        ("T12", "`show T12` or `cancel T12`", None),
        ("help me", "left over: `me`", "help"),
        ("show", "`show T12`", "show T12"),
        ("show T12 T13", "left over: `t13`", "show T12"),
        ("cancel T012", "not a transfer", "cancel T12"),
        ("cancel T9999999999999999999", "not a transfer", "cancel T12"),
        # The characters
        ("x" * 301, "301 characters", None),
        ("250 usdt htx:spot -&amp;gt; htx:swap", "stands `-&gt;` instead", None),
        ("<@U012|alice> 250", "mention", None),
        ("250 usdt htx:spot -> <#C012>", "mention", None),
        ("<!channel>", "mention", None),
        ("250 usdt htx:spot -> <https://evil.example|htx:swap>", "link to something else", None),
        ("250 usdt htx:spot -> <b>", "markup", None),
        ('250 usdt" htx:spot -> htx:swap', "stray quote", None),
        ('"250 usdt" htx:spot -> htx:swap', "stray quote", None),
        ("1'250 usdt htx:spot -> htx:swap", "stray quote", None),
        ("250 usdt htx:ѕpot -> htx:swap", "U+0455", None),
        ("250 usdt htx:spot -> htx:swap\u202e", "U+202E", None),
        ("250 usdt htx:spot -> htx:swap\x00", "U+0000", None),
        ("\x1c250 usdt htx:spot -> htx:swap", "U+001C", None),
        ("25\u00ad0 usdt htx:spot -> htx:swap", "U+00AD", None),
        ("250 usdt htx:spot -> htx:swap\ud83d", "U+D83D", None),
        ("*250* usdt htx:spot -> htx:swap", "`*250*`", None),
    ],
)
def test_a_refusal_says_what_is_wrong_and_how_to_mend_it(text: str, told: str, example: str | None) -> None:
    line = refusal(text)
    assert told in line
    assert line.isprintable()
    assert line.count("`") >= 2
    if example:
        assert line.endswith(f"Try `{example}`.")


@pytest.mark.parametrize(
    "sides",
    [
        "htx:swap from htx:spot",
        "to htx:swap htx:spot",
        "htx:spot &lt;-&gt; htx:swap",
        "htx:spot to htx:swap from htx:otc",
        "htx:spot to htx:swap &lt;- htx:spot",
    ],
)
def test_an_example_takes_no_side_where_the_direction_is_in_doubt(sides: str) -> None:
    assert "Try" not in refusal(f"250 usdt {sides}")


def test_a_refusal_says_what_was_understood() -> None:
    assert refusal("1250.5 usdt from coinw:maker to coinw:mastr").startswith(
        "Understood 1,250.50 USDT from `coinw:maker`. coinw has no account `mastr`"
    )


@pytest.mark.parametrize(
    "text",
    [
        "10 usdt from coinw:39000003 to coinw:master",
        "10 usdt from coinw:zzz to coinw:master",
        "nan usdt from coinw:zzz to coinw:master",
        "٢٥٠ usdt coinw:master -> coinw:zzz",
        "*250* usdt from coinw:maker to coinw:master",
    ],
)
def test_the_example_is_of_the_exchange_that_was_named(text: str) -> None:
    line = refusal(text)
    assert "250 usdt from coinw:master to coinw:maker`" in line
    assert "htx" not in line


def test_form_is_a_currency_only_where_from_follows() -> None:
    assert read("250 form from htx:spot to htx:swap") == intent("250", "FORM", "htx:spot", "htx:swap")
    refusal("250 form htx:spot to htx:swap")


def test_300_characters_are_not_too_long() -> None:
    assert read(COMMAND.replace(" ", " " * 50, 1).ljust(300)) == SPOT_TO_SWAP
    assert read(COMMAND + " " * 1000) == SPOT_TO_SWAP
    assert read(COMMAND.replace(" ", " " * (301 - len(COMMAND)), 1)) == SPOT_TO_SWAP
    assert "300" in refusal(COMMAND.replace(" ", " " * (302 - len(COMMAND)), 1))


def test_a_long_token_is_shortened_in_the_answer() -> None:
    assert len(refusal("250 usdt from htx:" + "x" * 250 + " to htx:spot")) < 300


def test_without_a_possible_route_the_answer_is_still_a_refusal() -> None:
    for venues in ({}, {"coinw": Venue("coinw", Adapter.COINW)}):
        with pytest.raises(GrammarError):
            parse("250 usdt from coinw:master to coinw:maker", venues)


# Properties -----------------------------------------------------------------------------------------------------------

HUBS = {"htx": "htx:spot", "coinw": "coinw:master"}
OTHERS = {
    "htx": ["htx:otc", "htx:swap", "htx:futures", "htx:linear-swap", "htx:linear-swap/BTC-USDT"],
    "coinw": ["coinw:39000001", "coinw:arbitrage"],
}


@st.composite
def intents(draw: st.DrawFn) -> TransferIntent:
    exchange = draw(st.sampled_from(sorted(HUBS)))
    accounts = [HUBS[exchange], *OTHERS[exchange]]
    source, destination = draw(st.lists(st.sampled_from(accounts), min_size=2, max_size=2, unique=True))
    units = draw(st.integers(1, 10**15 - 1))
    amount = Decimal(units).scaleb(-draw(st.integers(0, 6)))
    currency = draw(st.sampled_from(["USDT", "BTC", "ETH", "1INCH", "TRX"]))
    return intent(str(format(amount, "f")), currency, source, destination)


ARROWS = st.sampled_from(
    ["to", "TO", "->", "-&gt;", "-->", "--&gt;", ":arrow_right:", "=&gt;", "–>", "—&gt;", *"→⇒⟶➔➜", "➡\ufe0f"]
)
SPACES = st.text(alphabet=" \t\n\u00a0\u2009\u202f\u3000\u200b\ufeff", min_size=1, max_size=3)
QUOTES = st.sampled_from(["", "", "", "“”", '""', "''", "‘’", "``"])
DASHES = st.sampled_from("-‐‑–—−")


@st.composite
def spellings(draw: st.DrawFn, meant: TransferIntent) -> str:
    """One of the ways to write a transfer that phones, Slack and habits make."""

    def word(text: str) -> str:
        text = draw(st.sampled_from([text.upper(), text.lower(), text])).replace("-", draw(DASHES))
        quotes = draw(QUOTES)
        return quotes[:1] + text + quotes[1:]

    def space() -> str:
        return draw(SPACES)

    number, currency, _, source, _, destination = typed(meant, VENUES[meant.route.exchange]).split()
    start = word(number) + space() + word(currency) + space()
    if draw(st.booleans()):
        start += word("from") + space()
    arrow = draw(ARROWS)
    before, after = ("", "") if arrow.lower() != "to" and draw(st.booleans()) else (space(), space())
    return start + word(source) + before + arrow + after + word(destination)


@given(st.data())
def test_every_spelling_of_a_transfer_reads_as_that_transfer(data: st.DataObject) -> None:
    meant = data.draw(intents())
    assert read(data.draw(spellings(meant))) == meant


@given(intents())
def test_the_canonical_and_the_typed_form_read_back(meant: TransferIntent) -> None:
    assert read(typed(meant, VENUES[meant.route.exchange])) == meant
    assert read(typed(meant, None)) == meant


@given(st.data())
def test_an_extra_word_is_never_ignored(data: st.DataObject) -> None:
    words = typed(data.draw(intents()), None).split()
    extra = data.draw(
        st.sampled_from([*words, "please", "now", "->", "<-", "-", "x", "1", "usdt", "<@U1>", "htx:otc"])
        | st.text(alphabet="abcdefghijklmnop0123456789:-.", min_size=1, max_size=8)
    )
    at = data.draw(st.integers(0, len(words)))
    changed = [*words[:at], extra, *words[at:]]
    try:
        result = read(" ".join(changed))
    except GrammarError:
        return
    pytest.fail(f"{' '.join(changed)!r} was read as {result}")


@given(st.data())
def test_a_missing_word_is_never_filled_in(data: st.DataObject) -> None:
    words = typed(data.draw(intents()), None).split()
    at = data.draw(st.integers(0, len(words) - 1).filter(lambda at: words[at] != "from"))
    refusal(" ".join(words[:at] + words[at + 1 :]))


def offered(line: str) -> list[str]:
    """The commands an answer offers, however it introduces them."""
    advice = re.search(r"(?:Try|Did you mean|For example|A transfer looks like) ((?:`\d[^`]*`(?:, | or )?)+)", line)
    return re.findall(r"`([^`]*)`", advice[1]) if advice else []


FRAGMENTS = (
    "250 usdt from htx:spot to htx:linear-swap htx:linear-swap/USDT-BTC coinw:maker coinw:master htx: : / "
    "-> -&gt; &lt;- > < <http://x|x> <@U1> &amp; | ` ' form too 1,250 1, 1,25,5 1e5 -5 0 nan 9usdt 5. 000 k ٣ "
    "show cancel help history T12 all half 25% 0% 1.5k 2M k % \u200b \ud800 \x00"
)
LINES = st.lists(st.sampled_from(FRAGMENTS.split(" ")), max_size=8)


@given(st.text(max_size=320) | LINES.map(" ".join) | LINES.map("".join))
def test_any_text_is_a_command_that_reads_back_or_a_refusal_in_one_line(text: str) -> None:
    try:
        command = read(text)
    except GrammarError as refused:
        line = str(refused)
        assert line.isprintable()
        assert line.count("`") >= 2
        assert line.count("`") % 2 == 0
        assert len(line) < 600
        for example in offered(line):
            assert isinstance(read(example), TransferIntent | ShareIntent)
        return
    if isinstance(command, TransferIntent | ShareIntent):
        assert isinstance(command.route, Route)
        assert read(typed(command, None)) == command


AMOUNTS = st.from_regex(
    r"[-+$]?[0-9]([0-9., ]{0,8}[0-9.,])?( ?k)?", fullmatch=True, alphabet=st.characters(codec="ascii")
)


@given(intents(), AMOUNTS)
def test_what_is_offered_for_a_wrong_amount_is_the_transfer_that_was_typed(meant: TransferIntent, amount: str) -> None:
    rest = typed(meant, VENUES[meant.route.exchange]).partition(" ")[2]
    try:
        read(f"{amount} {rest}")
    except GrammarError as refused:
        commands = [read(command) for command in offered(str(refused))]
        assert commands
        for command in commands:
            assert isinstance(command, TransferIntent)
            assert (command.route, command.currency) == (meant.route, meant.currency)


@given(st.data())
def test_a_damaged_transfer_never_moves_another_amount(data: st.DataObject) -> None:
    meant = data.draw(intents())
    text = typed(meant, None)
    at = data.draw(st.integers(0, len(text)))
    noise = data.draw(st.sampled_from(list(",'`_ -+$<>|&;\u200b\u2060\u00ad\u0663٫\ufe0f\u202e")))
    try:
        result = read(text[:at] + noise + text[at:])
    except GrammarError:
        return
    assert isinstance(result, TransferIntent)
    assert result == meant
