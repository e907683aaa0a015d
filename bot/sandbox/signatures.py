"""The signatures HTX and CoinW would compute for a request, written from their references alone.

Deliberately shares nothing with `bot.exchanges`: a mistake made there must not be repeated here, or the sandbox would
agree with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import quote


def htx_signature(secret: str, method: str, host: str, path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Return HTX's signature version 2 in base64, not URL-encoded (htx-api.md §1.1).

    Args:
        pairs: the query's decoded parameters; `Signature` itself is left out. The body is never signed.
    """
    signed = sorted((name, value) for name, value in pairs if name != "Signature")
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in signed)
    text = "\n".join((method.upper(), host.lower(), path, query))
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256)).decode()


def coinw_sign(secret: str, parameters: Mapping[str, str]) -> str:
    """Return CoinW's `sign` in upper-case hex (coinw-api.md §2.1).

    Args:
        parameters: the query's decoded parameters; `command` and `sign` are left out, `api_key` takes part.
    """
    signed = sorted((name, value) for name, value in parameters.items() if name not in ("command", "sign"))
    text = "&".join(f"{name}={value}" for name, value in [*signed, ("secret_key", secret)])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


def same(given: str, computed: str) -> bool:
    """Compare two signatures; a given one may hold anything."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), computed.encode())
