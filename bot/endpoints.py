"""Which hosts may be spoken to. A key sent to the wrong host is a key given away."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

HTX_HOSTS = frozenset({"api.huobi.pro", "api-aws.huobi.pro"})
HTX_FUTURES_HOSTS = frozenset({"api.hbdm.com", "api.hbdm.vn"})
COINW_HOSTS = frozenset({"api.coinw.com"})
SLACK_HOSTS = frozenset({"slack.com"})


def is_loopback(url: str) -> bool:
    """Tell whether a URL stays on this machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def problem_with(url: str, hosts: frozenset[str], path: str = "") -> str | None:
    """Return what is expected when `url` may not be used, else None.

    Args:
        url: a base URL, `https://HOST` with nothing behind it but `path`; plain http on a loopback address only.
        hosts: the hosts that belong to the exchange or to Slack.
        path: what may follow the host, without a closing slash.
    """
    expected = f"expected https://{' or https://'.join(sorted(hosts))} (plain http on a loopback address only)"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return expected
    # urlsplit drops line breaks and outer spaces without a word; whoever opens the URL may not.
    if "@" in parts.netloc or not url.isprintable() or " " in url:
        return expected
    if "?" in url or "#" in url or parts.path.rstrip("/") != path:
        return expected
    if is_loopback(url):
        return None if parts.scheme in {"http", "https"} else expected
    allowed = parts.scheme == "https" and parts.hostname in hosts and parts.port in {None, 443}
    return None if allowed else expected
