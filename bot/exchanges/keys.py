"""An exchange key that cannot be printed by accident, and what it takes out of the texts an exchange sends back.

Exchanges echo what they were asked: HTX names the caller's own IP address in a refusal (htx-api.md §2.7). Their words
are shown in Slack and kept for ever, so everything that could help a stranger is replaced first.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from dataclasses import dataclass, field

from bot.errors import SettingsError

MESSAGE_MAX = 200
# A refusal is a sentence or two. What is longer is not read to its end, as 64 KiB would hold up the whole desk.
READ_MAX = 1000

_HALF = re.compile(r"[!-~]+")
# Each of these starts only where a word, a host or a run of hex digits does, or looks ahead a few characters only; so
# none reads the same text over and over.
_CREDENTIAL = re.compile(r"(?<!\S)\S*\b(?:AccessKeyId|Signature|api_key|secret_key|sign)\s*=\s*\S*", re.IGNORECASE)
_URL = re.compile(
    r"[a-z][a-z0-9+.-]{0,19}://\S*"
    r"|\bwww\.\S+"
    r"|(?<![a-z0-9.-])(?:[a-z0-9-]*\.)+[a-z]{2,}(?::\d+)?/\S*",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?!\d)")
_PERHAPS_IPV6 = re.compile(r"(?<![0-9a-f:.])(?:(?<!\w)|(?=[:.]))[0-9a-f:.]++(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class ApiKey:
    """One exchange key: the public half names it, the secret half signs. Neither appears in its repr."""

    access: str = field(repr=False)
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what no exchange issues, such as a key read from a file with its line end.

        Raises:
            SettingsError: a half is empty or holds a space or a character outside ASCII.
        """
        if not all(_HALF.fullmatch(half) for half in (self.access, self.secret)):
            raise SettingsError("an access or secret key is empty, or holds a space or a character no key has")

    @property
    def fingerprint(self) -> str:
        """First 12 hex digits of the sha256 of the access key: which key, without the key."""
        return hashlib.sha256(self.access.encode()).hexdigest()[:12]

    def __str__(self) -> str:
        return f"key {self.fingerprint}"

    def cleaned(self, message: object) -> str:
        """Return an exchange's words fit for Slack, the journal and logs, or an empty text if they are no text.

        One line of at most `MESSAGE_MAX` characters, without control characters, key, signature, URL or IP address.
        """
        if not isinstance(message, str):
            return ""
        # Invisible characters go first, or they could split what the later steps look for.
        visible = "".join(" " if char.isspace() else char for char in message[:READ_MAX] if _is_visible(char))
        text = " ".join(visible.split())
        for half in (self.access, self.secret):
            text = re.sub(re.escape(half), "[hidden]", text, flags=re.IGNORECASE)
        text = _CREDENTIAL.sub("[hidden]", text)
        text = _URL.sub("[address]", text)
        text = _IPV4.sub("[address]", text)
        text = _PERHAPS_IPV6.sub(_hide_ipv6, text)
        if len(message) > READ_MAX:
            # The last word may be half a key, which nothing above knows.
            text = f"{text.rpartition(' ')[0]}…"
        return text if len(text) <= MESSAGE_MAX else text[: MESSAGE_MAX - 1] + "…"


def _is_visible(char: str) -> bool:
    return char.isspace() or not unicodedata.category(char).startswith("C")


def _hide_ipv6(match: re.Match[str]) -> str:
    """Hide what really is an address; a time of day has colons too. A single colon at either end is punctuation."""
    address = match[0].strip(".")
    address = address if address.startswith("::") else address.removeprefix(":")
    address = address if address.endswith("::") else address.removesuffix(":")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return match[0]
    return match[0].replace(address, "[address]")
