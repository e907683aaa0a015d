"""desk.toml: how every mistake in it is named: file, key, what is expected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from desk_toml import CURRENCIES, EXAMPLE, LIMIT, edited, load, problems

from bot.config import load_config
from bot.errors import ConfigError

HTX_HOSTS = "https://api-aws.huobi.pro or https://api.huobi.pro"
DURATION = 'a duration as text, like "10m", "90s" or "1h"'
ALIAS = "a lower-case alias that begins with a letter, does not end in - and is not `master`, like maker"
CONNECTION = "a lower-case name of letters, digits and -, not ending in -, like htx"
UID = "a sub-account's uid as a whole number, like 39000001"
SUCCESS = "means success"
AMOUNT = 'an amount as text in plain digits, like "250000"'
FROM = 'from = ["htx:spot", "htx:linear-swap"]'
TIER = 'approvals = [{ count = 1, from = "treasurers" }, '
DAYS = 'a list of days, like ["mon", "tue", "wed", "thu", "fri"]'
TIME = 'a time as text, like "08:00"'
ZONE = 'the name of a time zone, like "Europe/Berlin"'


def hours(days: str = '["mon"]', start: str = '"08:00"', end: str = '"18:00"', zone: str = '"Europe/Berlin"') -> str:
    return f"hours = {{ days = {days}, from = {start}, to = {end}, zone = {zone} }}"


CONDITIONS = [
    # what stands in place of per_transfer, key, what is expected
    ("per_day = 1000000", "per_day", AMOUNT),
    ('per_day = { BTC = "1" }', "per_day.USDT", "missing"),
    ('per_person_per_day = "0"', "per_person_per_day", "an amount above zero"),
    ("approvals = []", "approvals", "a list of tiers, like"),
    ('approvals = [{ above = "1" }]', "approvals[0]", "count and from, or all in their place"),
    ("approvals = [{ count = 1 }]", "approvals[0]", "count and from, or all in their place"),
    (TIER.replace("count = 1, ", "") + "]", "approvals[0]", "count and from, or all in their place"),
    (
        TIER.replace("count = 1", 'all = [{ count = 1, from = "bob" }]') + "]",
        "approvals[0]",
        "count and from, or all in their place",
    ),
    ('approvals = [{ count = 0, from = "bob" }]', "approvals[0].count", "a whole number from 1"),
    ('approvals = [{ count = true, from = "bob" }]', "approvals[0].count", "a whole number from 1"),
    ('approvals = [{ count = 2, from = "bob" }]', "approvals[0].count", "at most 1, as many as bob names"),
    (
        'approvals = [{ count = 3, from = "treasurers" }]',
        "approvals[0].count",
        "at most 2, as many as treasurers names",
    ),
    ('approvals = [{ count = 1, from = "tresurers" }]', "approvals[0].from", "Did you mean `treasurers`?"),
    ('approvals = [{ count = 1, form = "bob" }]', "approvals[0].form", "Did you mean `from`?"),
    ('approvals = [{ count = 1, from = "bob", second_factor = "sms" }]', "approvals[0].second_factor", '"totp"'),
    ("approvals = [{ all = [] }]", "approvals[0].all", "a list of 1 to 4 tables"),
    ("approvals = [{ all = [" + '{ count = 1, from = "bob" }, ' * 5 + "] }]", "approvals[0].all", "1 to 4 tables"),
    ("approvals = [{ all = [{ count = 1 }] }]", "approvals[0].all[0].from", "missing; expected a group or a person"),
    ('approvals = [{ all = [{ count = 2, from = "bob" }] }]', "approvals[0].all[0].count", "at most 1"),
    (
        'approvals = [{ all = [{ count = 1, from = "bob" }, { count = 1, from = "bob" }] }]',
        "approvals[0].all[1].from",
        "named twice; add up the counts",
    ),
    ('approvals = [{ above = 1, count = 1, from = "bob" }]', "approvals[0].above", AMOUNT),
    ('approvals = [{ above = "-1", count = 1, from = "bob" }]', "approvals[0].above", AMOUNT),
    ('approvals = [{ above = {}, count = 1, from = "bob" }]', "approvals[0].above", AMOUNT),
    ('approvals = [{ above = { BTC = "1" }, count = 1, from = "bob" }]', "approvals[0].above.BTC", "do not name BTC"),
    (TIER + '{ above = "0.00", count = 1, from = "bob" }]', "approvals[1]", "another above for USDT"),
    (
        TIER.replace("1", "2") + '{ above = "5", count = 1, from = "bob" }]',
        "approvals[1]",
        "at least 2 people in all, as a lower tier of the rule asks for",
    ),
    (
        TIER.replace("1", "2")
        + '{ above = "5", all = [{ count = 1, from = "bob" }, { count = 1, from = "treasurers" }]}]',
        "approvals[1]",
        "at least 2 from treasurers",
    ),
    (
        'approvals = [{ above = "5", count = 1, from = "bob" }, { count = 1, from = "bob", second_factor = "totp" }]',
        "approvals[0]",
        'second_factor = "totp", as a lower tier of the rule has',
    ),
    ('hours = "08:00-18:00"', "hours", "a table, like { days ="),
    (hours(days="[]"), "hours.days", DAYS),
    (hours(days='["monday"]'), "hours.days[0]", DAYS),
    (hours(days='["mon", "tue", "mon"]'), "hours.days", "the same day is named twice"),
    (hours(start='"8:00"'), "hours.from", TIME),
    (hours(start='"08:60"'), "hours.from", TIME),
    (hours(start="08:00:00"), "hours.from", TIME),
    (hours(end='"24:00"'), "hours.to", TIME),
    (hours(end='"١٨:٠٠"'), "hours.to", TIME),
    (hours(zone='"Europe/Berln"'), "hours.zone", "Did you mean `Europe/Berlin`?"),
    (hours(zone='"europe/berlin"'), "hours.zone", ZONE),
    (hours(zone='"localtime"'), "hours.zone", ZONE),
    (hours(zone='"../../etc/passwd"'), "hours.zone", ZONE),
    (hours(zone="1"), "hours.zone", ZONE),
    (hours().replace("days", "dais"), "hours.dais", "Did you mean `days`?"),
    ("reason = true", "reason", '"required"'),
    ('reason = "optional"', "reason", '"required"'),
]

MISTAKES = [
    # before, after, key, what is expected
    ('team = "T01DESK"', 'team = "Northwind"', "slack.team", "a Slack team id, like T01DESK"),
    ('team = "T01DESK"', "team = 1", "slack.team", "a Slack team id, like T01DESK"),
    ('team = "T01DESK"', "", "slack.team", "missing; expected a Slack team id"),
    ('["C01TREASURY"]', "[]", "slack.channels", "a list with at least one channel id"),
    ('["C01TREASURY"]', '"C01TREASURY"', "slack.channels", "a list with at least one channel id"),
    ('["C01TREASURY"]', '["#treasury"]', "slack.channels[0]", "a Slack channel id, like C01TREASURY"),
    ('["C01TREASURY"]', '["D01DIRECT"]', "slack.channels[0]", "a Slack channel id, like C01TREASURY"),
    ('"C02AUDIT"', '"C01TREASURY"', "slack.audit_channel", "another channel than those under slack.channels"),
    ("audit_channel", "audit_chanel", "slack.audit_chanel", "Did you mean `audit_channel`?"),
    ("[slack]", "[slak]", "slak", "Did you mean `slack`?"),
    ('adapter = "htx"', 'adapter = "binance"', "exchanges.htx.adapter", '"htx" or "coinw"'),
    ("https://api.huobi.pro", "http://api.huobi.pro", "exchanges.htx.url", HTX_HOSTS),
    ("https://api.huobi.pro", "https://api.huobi.pro.evil.com", "exchanges.htx.url", HTX_HOSTS),
    ("https://api.huobi.pro", "https://api.coinw.com", "exchanges.htx.url", HTX_HOSTS),
    ("https://api.huobi.pro", "http://[", "exchanges.htx.url", HTX_HOSTS),
    ("https://api.coinw.com", "https://www.coinw.com", "exchanges.coinw.url", "https://api.coinw.com"),
    ("# futures_url = ", 'futures_url = "https://evil.com" # ', "exchanges.htx.futures_url", "https://api.hbdm.com"),
    ('# margin_account = "always"', 'margin_account = "never"', "exchanges.htx.margin_account", '"linear-swap"'),
    (
        '# refused_codes = ["1300"]',
        "refused_codes = [1300]",
        "exchanges.htx.refused_codes[0]",
        "an exchange code as text",
    ),
    ('# refused_codes = ["1300"]', 'refused_codes = ["1300", "200"]', "exchanges.htx.refused_codes[1]", SUCCESS),
    ('# refused_codes = ["1300"]', 'refused_codes = ["0"]', "exchanges.htx.refused_codes[0]", SUCCESS),
    ('adapter = "coinw"', 'adapter = "coinw"\nrefused_codes = ["00"]', "exchanges.coinw.refused_codes[0]", SUCCESS),
    ('# pace = "1100ms"', "pace = 1.1", "exchanges.htx.pace", DURATION),
    ('# pace = "1100ms"', 'pace = "1ms"', "exchanges.htx.pace", 'at least "1100ms"'),
    ('# pace = "1100ms"', 'pace = "1s"', "exchanges.htx.pace", 'at least "1100ms"'),
    ('# pace = "1100ms"', 'pace = "999999d"', "exchanges.htx.pace", 'at most "1h"'),
    ('adapter = "coinw"', 'adapter = "coinw"\npace = "999ms"', "exchanges.coinw.pace", 'at least "1s"'),
    ('adapter = "coinw"', 'adapter = "coinw"\nmargin_account = "always"', "exchanges.coinw", "belong to HTX"),
    ('adapter = "htx"', 'adapter = "htx"\nsubaccounts = { a = 1 }', "exchanges.htx.subaccounts", "only CoinW"),
    ("[exchanges.htx]", "[exchanges.HTX]", "exchanges.HTX", CONNECTION),
    ("[exchanges.htx]", "[exchanges.htx-]", "exchanges.htx-", CONNECTION),
    ("[exchanges.htx]", "[exchanges.1htx]", "exchanges.1htx", CONNECTION),
    ("maker = 39000001", "master = 39000001", "exchanges.coinw.subaccounts.master", ALIAS),
    ("maker = 39000001", "39000001 = 39000001", "exchanges.coinw.subaccounts.39000001", ALIAS),
    ("maker = 39000001", "Maker = 39000001", "exchanges.coinw.subaccounts.Maker", ALIAS),
    ("maker = 39000001", "maker- = 39000001", "exchanges.coinw.subaccounts.maker-", ALIAS),
    ("maker = 39000001", '"máker" = 39000001', "exchanges.coinw.subaccounts.máker", ALIAS),
    ("maker = 39000001", 'maker = "39000001"', "exchanges.coinw.subaccounts.maker", UID),
    ("maker = 39000001", "maker = 39000001.0", "exchanges.coinw.subaccounts.maker", UID),
    ("maker = 39000001", "maker = 0", "exchanges.coinw.subaccounts.maker", UID),
    ("maker = 39000001", "maker = 39000002", "exchanges.coinw.subaccounts", "two aliases name the sub-account"),
    ("{ USDT = 6 }", "{ USDT = 9 }", "exchanges.coinw.decimals.USDT", "decimals (0 to 8)"),
    ("{ USDT = 6 }", "{ USDT = 6, usdt = 2 }", "exchanges.coinw.decimals", "named twice"),
    ("{ USDT = 6 }", '{ "US DT" = 6 }', "exchanges.coinw.decimals.US DT", 'a currency symbol, like "USDT"'),
    ('alice = "U01ALICE"', 'alice = "alice"', "people.alice", "a Slack user id, like U01ALICE"),
    ('alice = "U01ALICE"', 'Alice = "U01ALICE"', "people.Alice", "a lower-case name"),
    ('bob = "U02BOB"', 'bob = "U01ALICE"', "people.bob", "already alice's Slack id"),
    ('["alice", "bob"]', '["alise", "bob"]', "groups.traders", "Did you mean `alice`?"),
    ('["alice", "bob"]', '"alice"', "groups.traders", 'like traders = ["alice", "bob"]'),
    ('treasurers = ["carol", "dan"]', 'treasurers = ["carol", "dan"]\nbob = ["bob"]', "groups.bob", "also a person"),
    ('traders = ["alice", "bob"]', "traders = []", "groups.traders", "names nobody; name a person in it, or remove it"),
    ('treasurers = ["carol", "dan"]', "treasurers = []", "groups.treasurers", "names nobody"),
    ('["carol", "dan"]', '["carol", "dan"]\nunused = []', "groups.unused", "names nobody"),
    ('confirm_within = "10m"', 'confirm_within = "169h"', "desk.confirm_within", 'at most "7d"'),
    ('# approve_within = "1h"', 'approve_within = "8d"', "desk.approve_within", 'at most "7d"'),
    ('send_within = "5m"', 'send_within = "61m"', "desk.send_within", 'at most "1h"'),
    ('send_within = "5m"', 'send_within = "999999d"', "desk.send_within", 'at most "1h"'),
    ('confirm_within = "10m"', "confirm_within = 10", "desk.confirm_within", DURATION),
    ('confirm_within = "10m"', 'confirm_within = "0m"', "desk.confirm_within", DURATION),
    ('send_within = "5m"', 'send_within = "5 minutes"', "desk.send_within", DURATION),
    ('admins = ["treasurers"]', "", "desk.admins", "missing; expected a list with at least one group or person"),
    ('admins = ["treasurers"]', "admins = []", "desk.admins", "a list with at least one group or person"),
    ('admins = ["treasurers"]', 'admins = ["treasurer"]', "desk.admins", "Did you mean `treasurers`?"),
    ("resolve_by = 2", "resolve_by = 0", "desk.resolve_by", "a whole number from 1 to 10"),
    ("resolve_by = 2", "resolve_by = true", "desk.resolve_by", "a whole number from 1 to 10"),
    ("resolve_by = 2", "resolve_by = 3", "desk.resolve_by", "at most 2"),
    ('name = "collateral"', "", "rules[0].name", "missing"),
    ('name = "collateral"', 'name = "<!channel>"', "rules[0].name", "a lower-case name"),
    ('name = "makers"', 'name = "collateral"', "rules", "two rules are named 'collateral'"),
    ('who = ["traders"]', 'who = ["tradrs"]', "rules[0].who", "Did you mean `traders`?"),
    ('who = ["traders"]', "who = []", "rules[0].who", "a list with at least one group or person"),
    (FROM, 'form = ["htx:spot"]', "rules[0].form", "Did you mean `from`?"),
    (FROM, 'from = ["htx:spott"]', "rules[0].from", "Did you mean `spot`?"),
    (FROM, 'from = ["binance:spot"]', "rules[0].from", "There is no exchange `binance` here"),
    (FROM, 'from = ["spot"]', "rules[0].from", "An account is written exchange:account"),
    ('"coinw:arbitrage"]', '"coinw:39000009"]', "rules[1].from", "not one of coinw's sub-accounts"),
    (FROM, 'from = ["coinw:master", "htx:spot"]', "rules[0].from", "no money can go from coinw:master"),
    (FROM, 'from = ["htx:otc"]', "rules[0].to", "no money can come to htx:linear-swap"),
    (CURRENCIES, "currencies = []", "rules[0].currencies", 'a list of currencies, like ["USDT"]'),
    (CURRENCIES, 'currencies = ["US$"]', "rules[0].currencies[0]", 'a currency symbol, like "USDT"'),
    (LIMIT, "per_transfer = 250000", "rules[0].per_transfer", AMOUNT),
    (LIMIT, "per_transfer = 2.5", "rules[0].per_transfer", AMOUNT),
    (LIMIT, 'per_transfer = "1e5"', "rules[0].per_transfer", AMOUNT),
    (LIMIT, 'per_transfer = "250,000"', "rules[0].per_transfer", AMOUNT),
    (LIMIT, 'per_transfer = "٣"', "rules[0].per_transfer", AMOUNT),
    (LIMIT, 'per_transfer = "0.00"', "rules[0].per_transfer", "an amount above zero"),
    (LIMIT, "per_transfer = {}", "rules[0].per_transfer", AMOUNT),
    (LIMIT, "per_transfer = { USDT = 1.5 }", "rules[0].per_transfer", AMOUNT),
    (LIMIT, 'per_transfer = { USDT = "1", usdt = "2" }', "rules[0].per_transfer", "named twice"),
    (LIMIT, 'per_transfer = { BTC = "1" }', "rules[0].per_transfer.BTC", "do not name BTC"),
    *((LIMIT, text, f"rules[0].{key}", expected) for text, key, expected in CONDITIONS),
]


@pytest.mark.parametrize(("before", "after", "key", "expected"), MISTAKES)
def test_a_mistake_is_named_by_file_and_key_with_what_is_expected(
    tmp_path: Path, before: str, after: str, key: str, expected: str
) -> None:
    found = dict(line.split(": ", 1) for line in problems(tmp_path, edited((before, after))))
    assert expected in found[key]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"250000"', ['rules[0].per_transfer: expected an amount for each currency, like { BTC = "…", USDT = "…" }']),
        ('{ USDT = "250000" }', ["rules[0].per_transfer.BTC: missing"]),
        ('{ USDT = "1", ETH = "1" }', ["rules[0].per_transfer.BTC: missing", "rules[0].per_transfer.ETH: the rule's"]),
    ],
)
def test_no_currency_of_a_rule_goes_without_the_limit_others_have(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    several = edited((LIMIT, f"per_transfer = {text}"), (CURRENCIES, 'currencies = ["USDT", "BTC"]'))
    lines = problems(tmp_path, several)
    assert [line[: len(start)] for line, start in zip(lines, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        (['"10"'], 'rules[0].approvals[0].above: expected an amount for each currency, like { BTC = "…", USDT = "…" }'),
        (['{ USDT = "10" }'], "rules[0].approvals[0].above.BTC: missing"),
        (
            ['{ BTC = "1", USDT = "20" }', '{ BTC = "2", USDT = "10" }'],
            "rules[0].approvals[1]: expected the tiers of the rule in one order for every currency; USDT has another",
        ),
        (
            ['{ BTC = "1", USDT = "10" }', '{ BTC = "2", USDT = "10" }'],
            "rules[0].approvals[1]: expected another above for USDT",
        ),
    ],
)
def test_tiers_name_every_currency_of_a_rule_in_one_order(tmp_path: Path, tiers: list[str], expected: str) -> None:
    approvals = ", ".join(f'{{ above = {above}, count = 1, from = "treasurers" }}' for above in tiers)
    edits = ((LIMIT, f"approvals = [{approvals}]"), (CURRENCIES, 'currencies = ["USDT", "BTC"]'))
    (line,) = problems(tmp_path, edited(*edits))
    assert line.startswith(expected)


@pytest.mark.parametrize(
    ("url", "futures_url"),
    [
        ("https://api.huobi.pro", "http://127.0.0.1:8044"),
        ("https://api.huobi.pro", "https://localhost"),
        ("http://127.0.0.1:8044", "https://api.hbdm.com"),
    ],
)
def test_one_key_is_not_used_here_and_at_the_exchange(tmp_path: Path, url: str, futures_url: str) -> None:
    text = edited(("https://api.huobi.pro", url), ("# futures_url = ", f'futures_url = "{futures_url}" # '))
    (line,) = problems(tmp_path, text)
    assert line.startswith("exchanges.htx.futures_url: expected")


def test_two_connections_do_not_share_a_subaccount(tmp_path: Path) -> None:
    url = 'adapter = "coinw"\nurl = "https://api.coinw.com"\n'
    second = f"[exchanges.coinw-otc]\n{url}subaccounts = {{ other = 39000003 }}\n"
    assert set(load(tmp_path, EXAMPLE + second).connections) == {"htx", "coinw", "coinw-otc"}
    (line,) = problems(tmp_path, EXAMPLE + second.replace("39000003", "39000001"))
    assert line == (
        "exchanges.coinw-otc.subaccounts: exchanges.coinw names 39000001 too; keep one connection per exchange user"
    )


def test_every_mistake_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    text = edited(("resolve_by = 2", "resolve_by = 0"), ('alice = "U01ALICE"', 'alice = "alice"'))
    assert [line.partition(":")[0] for line in problems(tmp_path, text)] == ["people.alice", "desk.resolve_by"]


def test_a_misspelt_account_does_not_make_its_partners_look_wrong(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, edited((FROM, 'from = ["htx:spott"]')))
    assert line.startswith("rules[0].from: ")


@pytest.mark.parametrize(
    ("pattern", "replacement", "expected"),
    [
        (r"(?s)\[\[rules\]\].*", "", "rules: missing; expected at least one [[rules]] table; without a rule"),
        (r"(?s)\[\[rules\]\].*", "[rules]", "rules: expected at least one [[rules]] table"),
        (r"(?s)\[people\].*?(?=\[groups\])", "", "people: missing; expected at least one person"),
        (r"(?s)\[people\].*?(?=\[groups\])", "[people]\n", "people: expected at least one person"),
        (r"(?s)\[exchanges\.htx\].*?(?=\[people\])", "[exchanges]\n", "exchanges: expected at least one"),
        (r"(?s).*", "", "slack: missing; expected a [slack] table"),
    ],
)
def test_a_desk_without_rules_people_or_exchanges_does_not_start(
    tmp_path: Path, pattern: str, replacement: str, expected: str
) -> None:
    lines = problems(tmp_path, re.sub(pattern, replacement, EXAMPLE, count=1))
    assert any(line.startswith(expected) for line in lines)


def test_what_is_not_toml_is_named_by_line(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, edited(("[people] ", "[people ")))
    number = next(number for number, text in enumerate(EXAMPLE.split("\n"), 1) if text.startswith("[people]"))
    assert line.startswith("not valid TOML: ")
    assert f"line {number}" in line


@pytest.mark.parametrize("endless", ["9" * 5000, "[" * 5000])
def test_a_value_without_end_is_refused_like_any_other(tmp_path: Path, endless: str) -> None:
    (line,) = problems(tmp_path, f"endless = {endless}\n{EXAMPLE}")
    assert line.startswith("not valid TOML: ")


def test_a_missing_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: there is no such file; copy desk\.example\.toml"):
        load_config(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "desk.toml"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"desk\.toml: cannot be read; expected a UTF-8 text file"):
        load_config(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[slack]", '[slack]\nbot_token = "xoxb-8812-pasted"'),
        ("[exchanges.htx]", '[exchanges.htx]\nsecret_key = "xoxb-8812-pasted"'),
        ('team = "T01DESK"', 'team = "xoxb-8812-pasted"'),
        ('alice = "U01ALICE"', 'alice = "xoxb-8812-pasted"'),
        ("https://api.huobi.pro", "https://xoxb-8812-pasted@api.huobi.pro"),
        ('adapter = "htx"', 'adapter = "xoxb-8812-pasted"'),
        (LIMIT, 'per_transfer = "xoxb-8812-pasted"'),
        ("[slack]", '[slack]\ntoken = "xoxb-8812-pasted'),
    ],
)
def test_a_secret_pasted_into_the_file_is_not_repeated(tmp_path: Path, before: str, after: str) -> None:
    text = "\n".join(problems(tmp_path, edited((before, after))))
    assert "8812" not in text
    assert len(text) < 500
