"""What CoinW's codes mean for the money: `REFUSED`, nothing moved; every other code leaves the outcome unknown.

The list mixes eras of CoinW's documents (coinw-api.md §3.3). Left out on purpose, so unknown: 500, -200 and 10001
(internal, system and network errors) and the codes of the futures API, which has no transfers.
"""

from __future__ import annotations

# Documented for the answer; whether it comes with HTTP 200 or 429 is not (coinw-api.md §3.5).
RATE_LIMITED = frozenset({"29001", "429"})

REFUSED = RATE_LIMITED | frozenset(
    {
        "402",  # parameter required
        "904",  # parameter missing
        "404",  # address does not exist
        "6000",  # authentication error
        "6001",  # invalid signature
        "6003",  # require more permission
        "1003",  # authentication error
        "-103",  # user API error
        "-3",  # invalid parameter
        "200005",  # insufficient balance
        "10002",  # API does not exist
        "10003",  # parameter error
        "10004",  # no trading permission
        "10005",  # no withdrawal permission
        "10006",  # api_key error
        "10007",  # signature error
    }
)
