"""One-time codes: the standard's own vectors, how long a code is good, what is no code, and that no secret is shown."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.totp import SecondFactors, key_of, new_secret, uri

ALICE, BOB = "U01ALICE", "U02BOB"
SECRET = base64.b32encode(b"12345678901234567890").decode()
OTHER = base64.b32encode(b"another secret, as long").decode()
FACTORS = SecondFactors({ALICE: SecretStr(SECRET)})


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# RFC 6238, appendix B (SHA1); of its eight digits the last six.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert FACTORS.step_of(ALICE, code, at(seconds)) == seconds // 30


@pytest.mark.parametrize(
    ("after_s", "good"), [(-31, False), (-30, True), (0, True), (29.999, True), (59.999, True), (60, False)]
)
def test_a_code_is_good_in_its_own_step_the_one_before_and_the_one_after(after_s: float, good: bool) -> None:
    begins = 1234567890
    assert begins % 30 == 0
    step = FACTORS.step_of(ALICE, "005924", at(begins + after_s))
    assert step == (begins // 30 if good else None)


def test_a_code_counts_for_the_same_step_however_late_it_comes() -> None:
    steps = {FACTORS.step_of(ALICE, "005924", at(1234567890) + timedelta(seconds=late)) for late in range(-30, 60, 5)}
    assert steps == {1234567890 // 30}


@pytest.mark.parametrize("typed", ["287 082", " 287082\n", "2 8 7 0 8 2", "287\u00a0082"])
def test_spaces_between_the_digits_do_not_count(typed: str) -> None:
    assert FACTORS.step_of(ALICE, typed, at(59)) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "28708",
        "2870820",
        "287082287082",
        "28708a",
        "-87082",
        "+287082",
        "287.082",
        "٢٨٧٠٨٢",
        "２８７０８２",
        "287082\x00",
    ],
)
def test_anything_but_six_ascii_digits_is_no_code(typed: str) -> None:
    assert FACTORS.step_of(ALICE, typed, at(59)) is None


def test_a_code_is_its_owners_alone() -> None:
    factors = SecondFactors({ALICE: SecretStr(SECRET), BOB: SecretStr(OTHER)})
    assert factors.step_of(ALICE, "287082", at(59)) == 1
    assert factors.step_of(BOB, "287082", at(59)) is None
    assert factors.step_of("U03CAROL", "287082", at(59)) is None
    assert [factors.has(user) for user in (ALICE, BOB, "U03CAROL")] == [True, True, False]


def test_a_secret_counts_the_same_in_lower_case_and_with_padding() -> None:
    key = b"a key of 17 bytes"
    padded = base64.b32encode(key).decode()
    assert padded.endswith("=")
    for written in (padded, padded.rstrip("="), padded.lower()):
        assert key_of(written) == key
        factors = SecondFactors({ALICE: SecretStr(written)})
        assert factors.step_of(ALICE, pyotp.TOTP(padded.rstrip("=")).at(59), at(59)) == 1


@pytest.mark.parametrize(
    "secret", ["", "MFRGG", SECRET[:24], SECRET + "A", SECRET[:-1] + "1", SECRET[:-1] + "ı", "MZXW 6YTB", "=" * 32]
)
def test_what_is_no_base32_of_sixteen_bytes_is_no_secret(secret: str) -> None:
    assert key_of(secret) is None


def test_new_secrets_are_long_and_never_the_same() -> None:
    secrets = [new_secret().get_secret_value() for _ in range(20)]
    assert len(set(secrets)) == 20
    assert {len(key_of(secret) or b"") for secret in secrets} == {20}


def test_the_address_names_the_desk_the_person_and_the_secret() -> None:
    secret = new_secret()
    parts = urlsplit(uri("bob-from_ops", secret))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Transferdesk:bob-from_ops")
    assert parse_qs(parts.query) == {"secret": [secret.get_secret_value()], "issuer": ["Transferdesk"]}


def test_secrets_cannot_be_read_off() -> None:
    for shown in (repr(FACTORS), str(FACTORS), f"{FACTORS}", f"{vars(FACTORS)}", repr(new_secret())):
        assert SECRET not in shown
    assert repr(FACTORS) == "SecondFactors(1 people)"


@given(st.text(max_size=12), st.integers(0, 4_000_000_000))
def test_nothing_that_is_typed_breaks_it(typed: str, seconds: int) -> None:
    step = FACTORS.step_of(ALICE, typed, at(seconds + 30))
    assert step is None or abs(step - (seconds + 30) // 30) <= 1
