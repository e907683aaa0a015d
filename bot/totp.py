"""One-time codes (TOTP, RFC 6238): six digits that change every 30 s, from a secret that is on one person's phone.

A code proves that more than a Slack account is in somebody's hands. That no code counts twice and that guessing is
stopped is the desk's to remember; here is only what a code says.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import datetime

import pyotp
from pydantic import SecretStr

ISSUER = "Transferdesk"
SECRET_BYTES_MIN = 16  # RFC 4226 §4, R6

# The step before the present one, for who types slowly; the one after it, for a phone whose clock is ahead.
_STEPS = (-1, 0, 1)

_CODE = re.compile("[0-9]{6}")


class SecondFactors:
    """The people who can show a one-time code. Their secrets cannot be had from here, nor be printed."""

    def __init__(self, secrets: Mapping[str, SecretStr]) -> None:
        """Take each Slack user id's secret, in base32 as `key_of` accepts it."""
        self._totps = {user: pyotp.TOTP(_tidy(secret.get_secret_value())) for user, secret in secrets.items()}

    def __repr__(self) -> str:
        """Say how many there are, and nothing else."""
        return f"SecondFactors({len(self._totps)} people)"

    def has(self, user: str) -> bool:
        """Tell whether somebody has a secret."""
        return user in self._totps

    def step_of(self, user: str, code: str, now: datetime) -> int | None:
        """Return the step a person's code is of, as 30 s steps since 1970; None when it is no code of theirs by now.

        A code is good for its own step and the one before and after. Whoever calls this lets no step count twice.

        Args:
            code: as typed; spaces between the digits do not count.
            now: with a time zone.
        """
        totp, digits = self._totps.get(user), "".join(code.split())
        if totp is None or not _CODE.fullmatch(digits):
            return None
        present = totp.timecode(now)
        # Each is compared, and in constant time: how long the answer takes says nothing about the code.
        fitting = [
            present + step
            for step in _STEPS
            if hmac.compare_digest(totp.generate_otp(present + step).encode(), digits.encode())
        ]
        # Two steps can have one code; with the later of them counted it cannot come back when the earlier is over.
        return max(fitting, default=None)


def new_secret() -> SecretStr:
    """Make a secret of 20 random bytes, as long as what it keys (RFC 4226 §4, R6), in base32."""
    return SecretStr(pyotp.random_base32())


def key_of(secret: str) -> bytes | None:
    """Return the bytes a base32 secret stands for, in either case and with or without its `=`; None if it is none."""
    tidy = _tidy(secret)
    # Upper case makes ASCII of some other letters: a dotless i would become an `I`.
    if not secret.isascii():
        return None
    try:
        key = base64.b32decode(tidy + "=" * (-len(tidy) % 8))
    except ValueError:
        return None
    return key if len(key) >= SECRET_BYTES_MIN else None


def uri(name: str, secret: SecretStr) -> str:
    """Write what an authenticator app reads from a QR code: `otpauth://totp/Transferdesk:NAME?secret=…`."""
    return pyotp.TOTP(secret.get_secret_value()).provisioning_uri(name=name, issuer_name=ISSUER)


def _tidy(secret: str) -> str:
    return secret.upper().rstrip("=")
