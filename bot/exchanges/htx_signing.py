"""HTX's signature version 2: the query string is signed, a POST's body is not (htx-api.md §1.1).

So whoever reads a signed POST URL can send another transfer with it until its timestamp is too old (§1.6).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from bot.exchanges.keys import ApiKey
from bot.exchanges.transport import host_header


def canonical_query(access_key: str, timestamp: str, params: Mapping[str, str]) -> str:
    """Return the query as it is signed and sent: every name sorted as ASCII, values in upper-case percent-encoding.

    Args:
        timestamp: as `signing_time` writes it.
        params: what a GET asks for; a POST has its business parameters in the body.
    """
    signed = {
        "AccessKeyId": access_key,
        "SignatureMethod": "HmacSHA256",
        "SignatureVersion": "2",
        "Timestamp": timestamp,
        **params,
    }
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(signed.items()))


def signature(secret_key: str, method: str, host: str, path: str, query: str) -> str:
    """Return base64(HMAC-SHA256) over `METHOD\\nhost\\n/path\\nquery` (htx-api.md §1.1)."""
    canonical = f"{method}\n{host}\n{path}\n{query}"
    return base64.b64encode(hmac.digest(secret_key.encode(), canonical.encode(), hashlib.sha256)).decode()


def signed_url(key: ApiKey, method: str, url: str, path: str, params: Mapping[str, str], timestamp: str) -> str:
    """Return the complete URL. It must be sent as it is: any change makes another signature necessary."""
    query = canonical_query(key.access, timestamp, params)
    signed = signature(key.secret, method, host_header(url), path, query)
    return f"{url}{path}?{query}&Signature={quote(signed, safe='')}"


def signing_time(now: datetime) -> str:
    """Write a UTC moment as HTX signs it: `YYYY-MM-DDThh:mm:ss`, no fraction, no zone (htx-api.md §1.1)."""
    return now.strftime("%Y-%m-%dT%H:%M:%S")
