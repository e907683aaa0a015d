"""Which addresses a key may be sent to."""

from __future__ import annotations

import pytest

from bot.endpoints import COINW_HOSTS, HTX_FUTURES_HOSTS, HTX_HOSTS, SLACK_HOSTS, is_loopback, problem_with


@pytest.mark.parametrize("hosts", [HTX_HOSTS, HTX_FUTURES_HOSTS, COINW_HOSTS, SLACK_HOSTS])
def test_each_party_is_reached_at_its_own_hosts_by_https(hosts: frozenset[str]) -> None:
    for host in hosts:
        assert problem_with(f"https://{host}", hosts) is None
        assert problem_with(f"https://{host}/", hosts) is None
        assert problem_with(f"https://{host}:443", hosts) is None
        assert problem_with(f"http://{host}", hosts) is not None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8044",
        "http://127.8.9.10",
        "http://[::1]:8044/",
        "http://localhost:8044",
        "https://127.0.0.1:8044",
    ],
)
def test_this_machine_may_be_reached_in_plain(url: str) -> None:
    assert is_loopback(url)
    assert problem_with(url, HTX_HOSTS) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.huobi.pro",
        "//api.huobi.pro",
        "https://",
        "https://evil.com",
        "https://api.huobi.pro.evil.com",
        "https://evil.com/api.huobi.pro",
        "https://evil.com#api.huobi.pro",
        "https://evil.com?api.huobi.pro",
        "https://evil.com\\@api.huobi.pro",
        "https://api.huobi.pro\\@evil.com",
        "https://api.huobi.pro@evil.com",
        "https://user@api.huobi.pro",
        "https://:password@api.huobi.pro",
        "https://@api.huobi.pro",
        "https://api.huobi.pro:8443",
        "https://api.huobi.pro:0",
        "https://api.huobi.pro:99999",
        "https://api.huobi.pro/v2",
        "https://api.huobi.pro?",
        "https://api.huobi.pro#",
        "https://api.huobi.pro.",
        "https://api.huobi.pro\n",
        " https://api.huobi.pro",
        "https://api.huo\nbi.pro",
        "https://\u0430pi.huobi.pro",
        "https://api.huobi\u3002pro",
        "https://api.coinw.com",
        "ftp://api.huobi.pro",
        "ftp://127.0.0.1",
        "http://[",
        "http://[::1",
        "http://10.0.0.1",
        "http://169.254.169.254",
        "http://0.0.0.0:8044",
        "http://2130706433",
        "http://127.1",
        "http://127.0.0.1.evil.com",
        "http://localhost.evil.com",
        "http://user@127.0.0.1",
    ],
)
def test_everything_else_is_refused_with_what_is_expected(url: str) -> None:
    assert problem_with(url, HTX_HOSTS) == (
        "expected https://api-aws.huobi.pro or https://api.huobi.pro (plain http on a loopback address only)"
    )


@pytest.mark.parametrize("url", ["https://slack.com/api/", "https://slack.com/api", "http://127.0.0.1:8043/api/"])
def test_a_path_that_belongs_there_is_taken(url: str) -> None:
    assert problem_with(url, SLACK_HOSTS, path="/api") is None


@pytest.mark.parametrize("url", ["https://slack.com", "https://slack.com/api/v2/", "https://slack.com//api/"])
def test_another_path_is_refused(url: str) -> None:
    assert problem_with(url, SLACK_HOSTS, path="/api") is not None


def test_an_address_that_cannot_be_read_is_not_this_machine() -> None:
    assert not is_loopback("http://[")
    assert not is_loopback("http://[::1")
