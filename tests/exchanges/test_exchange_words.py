"""What an exchange says is shown in Slack and kept for ever, so it is cleaned first."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.exchanges.keys import MESSAGE_MAX, READ_MAX, ApiKey

KEY = ApiKey("AKID-0001", "s3cret/with+signs")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Insufficient amount available.", "Insufficient amount available."),
        ("no less than 0.0008BTC", "no less than 0.0008BTC"),
        ("at 12:30:45 UTC, ratio 1.5/2.0", "at 12:30:45 UTC, ratio 1.5/2.0"),
        ("余额不足", "余额不足"),
        ("two\nlines\tand\x00nul\x1b[31m", "two lines andnul[31m"),
        ("right\u202eto left, zero\u200bwidth", "rightto left, zerowidth"),
        ("from 203.0.113.7:4711.", "from [address]."),
        ("from 2001:db8::1, and ::1", "from [address], and [address]"),
        ("address [IP地址错误]:2001:db8::1.", "address [IP地址错误]:[address]."),
        ("address:2001:db8::1: no", "address:[address]: no"),
        ("Feed::Back and abc::1x", "Feed::Back and abc::1x"),
        ("see https://api.huobi.pro/v2/x?Signature=abc now", "see [hidden] now"),
        ("see ftp://x/y and (https://x)", "see [address] and ([address]"),
        ("see www.huobi.com", "see [address]"),
        ("at api.huobi.pro/v2/account/transfer", "at [address]"),
        ("at ..api..huobi.pro:8443/v2", "at [address]"),
        ("bad Signature = zzz end", "bad [hidden] end"),
        ("bad AccessKeyId=zzz", "bad [hidden]"),
        ("/v2/x?api_key=1&sign=ABCDEF tail", "[hidden] tail"),
        ("key AKID-0001 and akid-0001", "key [hidden] and [hidden]"),
        ("key AKID\u200b-0001", "key [hidden]"),
        ("secret s3cret/with+signs!", "secret [hidden]!"),
    ],
)
def test_words_are_cleaned(words, shown):
    assert KEY.cleaned(words) == shown


@pytest.mark.parametrize("words", [None, 5, {"a": 1}, ["x"], b"x", ""])
def test_what_is_no_text_says_nothing(words):
    assert KEY.cleaned(words) == ""


def test_long_words_are_cut():
    cut = KEY.cleaned("long " * 100)
    assert len(cut) == MESSAGE_MAX
    assert cut.endswith("…")


def test_a_key_at_the_cut_is_not_shown_in_part():
    assert "AKID" not in KEY.cleaned("x" * (MESSAGE_MAX - 5) + " AKID-0001")


@pytest.mark.parametrize("inside", range(1, len(KEY.access)))
def test_a_key_that_is_not_read_to_its_end_is_not_shown_in_part(inside):
    url = f"https://{'x' * (READ_MAX - inside - 9)} "  # becomes short, so that its end would be seen
    assert len(url) + inside == READ_MAX
    assert KEY.cleaned(f"{url}{KEY.access} and more") == "[address]…"


HOSTILE = ["a", "a.", "a:", ":", "1.", "sign ", "sign", "://", "a-", "www", "a.aa:1", "::", "0:0.", "a\u200b", "timed "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_of_a_long_text_only_the_beginning_is_read(piece):
    text = piece * (65536 // len(piece))
    assert KEY.cleaned(text) == KEY.cleaned(text[: READ_MAX + 1])


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_keeps_the_desk_busy(piece):
    began = time.thread_time()
    KEY.cleaned(piece * (65536 // len(piece)) + "z")
    assert time.thread_time() - began < 0.05


@given(st.text(max_size=80), st.text(max_size=80))
def test_neither_half_of_the_key_gets_through(before, after):
    shown = KEY.cleaned(f"{before}{KEY.access}{after}{KEY.secret}{before}")
    assert KEY.access not in shown
    assert KEY.secret not in shown
    assert "\n" not in shown


@pytest.mark.parametrize("half", ["", "AKID-7\n", " AKID-7", "ключ", "a b", "\udc80"])
def test_a_key_with_a_line_end_or_foreign_characters_is_refused_unseen(half):
    for access, secret in ((half, "secret"), ("access", half)):
        with pytest.raises(SettingsError) as problem:
            ApiKey(access, secret)
        assert not half or half not in str(problem.value)
