"""The environment: both ways to give a secret, every mistake named by its variable, no value ever shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.paths import config_path, database_path
from bot.settings import SLACK_API_URL, Settings, load_settings

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-1111-bot",
    "SLACK_APP_TOKEN": "xapp-2222-app",
    "HTX_ACCESS_KEY": "access-3333",
    "HTX_SECRET_KEY": "secret-4444",
}


def without(*names: str, **more: str) -> dict[str, str]:
    """A good environment with some variables missing and some set otherwise."""
    return {name: value for name, value in SECRETS.items() if name not in names} | more


def problems(environ: dict[str, str], connections: tuple[str, ...] = ("htx",)) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, list(connections))
    return str(caught.value)


def test_secrets_are_read_from_their_variables() -> None:
    settings = load_settings(SECRETS, ["htx"])
    assert settings.bot_token.get_secret_value() == "xoxb-1111-bot"
    assert settings.app_token.get_secret_value() == "xapp-2222-app"
    assert settings.keys["htx"].access_key.get_secret_value() == "access-3333"
    assert settings.keys["htx"].secret_key.get_secret_value() == "secret-4444"


@pytest.mark.parametrize("variable", SECRETS)
def test_each_secret_may_be_in_a_file_instead(tmp_path: Path, variable: str) -> None:
    file = tmp_path / "secret"
    file.write_text(f"  {SECRETS[variable]}\n")
    settings = load_settings(without(variable, **{f"{variable}_FILE": str(file)}), ["htx"])
    assert settings == load_settings(SECRETS, ["htx"])


def test_a_dash_in_a_connections_name_is_an_underscore_in_its_variables() -> None:
    environ = without(HTX_OTC_ACCESS_KEY="access-5555", HTX_OTC_SECRET_KEY="secret-6666")
    settings = load_settings(environ, ["htx", "htx-otc"])
    assert settings.keys["htx-otc"].secret_key.get_secret_value() == "secret-6666"


def test_keys_of_connections_desk_toml_does_not_name_are_not_read() -> None:
    assert set(load_settings(without(COINW_ACCESS_KEY="access-5555"), ["htx"]).keys) == {"htx"}


def test_everything_else_has_a_default() -> None:
    settings = load_settings(SECRETS, ["htx"])
    assert settings.slack_api_url == SLACK_API_URL == "https://slack.com/api/"
    assert settings.config_path == config_path({}) == Path("desk.toml")
    assert settings.database_path == database_path({}) == Path("transferdesk.db")


def test_paths_and_slacks_address_may_be_set() -> None:
    places = {"TRANSFERDESK_CONFIG": "/etc/desk.toml", "TRANSFERDESK_DATABASE": "/var/desk.db"}
    settings = load_settings({**SECRETS, **places, "SLACK_API_URL": "http://127.0.0.1:8043/api"}, ["htx"])
    assert settings.config_path == config_path(places) == Path("/etc/desk.toml")
    assert settings.database_path == database_path(places) == Path("/var/desk.db")
    assert settings.slack_api_url == "http://127.0.0.1:8043/api/"


@pytest.mark.parametrize(
    "url",
    [
        "http://slack.com/api/",
        "https://slack.com.evil.com/api/",
        "https://evil.com/api/",
        "https://slack.com/",
        "http://127.0.0.1:8043/",
        "http://[",
    ],
)
def test_slacks_address_must_be_slacks(url: str) -> None:
    text = problems(without(SLACK_API_URL=url))
    assert text.startswith("SLACK_API_URL: expected https://slack.com")
    assert text.endswith("ending in /api/")


@pytest.mark.parametrize("variable", SECRETS)
@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_a_missing_secret_is_named_with_both_its_forms(variable: str, blank: str | None) -> None:
    environ = without(variable) if blank is None else without(**{variable: blank})
    assert problems(environ).startswith(f"{variable} (or {variable}_FILE) is missing; expected ")


def test_every_missing_variable_is_named_at_once() -> None:
    lines = problems({}, ("htx", "coinw")).split("\n")
    assert [line.split()[0] for line in lines] == [*SECRETS, "COINW_ACCESS_KEY", "COINW_SECRET_KEY"]


@pytest.mark.parametrize("variable", SECRETS)
def test_a_secret_given_both_ways_is_refused(tmp_path: Path, variable: str) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRETS[variable])
    text = problems(without(**{f"{variable}_FILE": str(file)}))
    assert text == f"{variable} and {variable}_FILE are both set; keep one"


def test_a_file_that_is_not_there_is_named_by_its_variable_only(tmp_path: Path) -> None:
    text = problems(without("HTX_SECRET_KEY", HTX_SECRET_KEY_FILE=str(tmp_path / "nowhere")))
    assert text == "HTX_SECRET_KEY_FILE: the file it names cannot be read"


def test_a_folder_or_a_binary_file_is_no_secret(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(os.urandom(8) + b"\xff")
    for place in (tmp_path, binary):
        text = problems(without("HTX_SECRET_KEY", HTX_SECRET_KEY_FILE=str(place)))
        assert text == "HTX_SECRET_KEY_FILE: the file it names cannot be read"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SLACK_BOT_TOKEN", "xapp-2222-app"),
        ("SLACK_BOT_TOKEN", "xoxp-2222-person"),
        ("SLACK_APP_TOKEN", "xoxb-1111-bot"),
        ("HTX_ACCESS_KEY", "two words"),
        ("HTX_SECRET_KEY", "first\nsecond"),
        ("HTX_SECRET_KEY", "tab\tinside"),
        ("HTX_SECRET_KEY", "\u201ccurled\u201d"),
        ("HTX_SECRET_KEY", "secret\u00a04444"),
    ],
)
def test_a_secret_of_the_wrong_kind_is_named_by_its_variable(variable: str, value: str) -> None:
    text = problems(without(**{variable: value}))
    assert text.startswith(f"{variable}: expected ")
    assert "\n" not in text
    assert value not in text


def test_white_space_around_a_secret_does_not_count() -> None:
    padded = {name: f" {value}\n" for name, value in SECRETS.items()}
    assert load_settings(padded, ["htx"]) == load_settings(SECRETS, ["htx"])


BOBS, CAROLS = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"


def with_totp(**variables: str) -> Settings:
    return load_settings(SECRETS | variables, ["htx"], people=["bob", "carol", "dan-ops"])


def totp_problems(**variables: str) -> str:
    with pytest.raises(SettingsError) as caught:
        with_totp(**variables)
    return str(caught.value)


def test_nobody_needs_a_secret_for_one_time_codes() -> None:
    assert with_totp().totp == with_totp(TOTP_BOB="", TOTP_CAROL_FILE="").totp == {}


def test_secrets_for_one_time_codes_are_read_by_the_persons_name(tmp_path: Path) -> None:
    file = tmp_path / "totp"
    file.write_text(f"{CAROLS.lower()}\n")
    totp = with_totp(TOTP_DAN_OPS=BOBS, TOTP_CAROL_FILE=str(file), TOTP_MALLORY=BOBS).totp
    assert {name: secret.get_secret_value() for name, secret in totp.items()} == {
        "carol": CAROLS.lower(),
        "dan-ops": BOBS,
    }


@pytest.mark.parametrize("value", ["  ", "123456", BOBS[:24], f"{BOBS[:-1]}1", f"{BOBS[:16]} {BOBS[16:]}", "ß" * 32])
def test_a_secret_for_one_time_codes_is_base32_of_sixteen_bytes_or_more(value: str) -> None:
    text = totp_problems(TOTP_BOB=value)
    assert text == "TOTP_BOB: expected a base32 secret of at least 16 bytes; `transferdesk totp bob` makes one"


def test_every_mistake_with_one_time_codes_is_named_at_once(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    lines = totp_problems(
        TOTP_BOB=BOBS,
        TOTP_BOB_FILE=str(empty),
        TOTP_CAROL_FILE=str(empty),
        TOTP_DAN_OPS_FILE=str(tmp_path / "nowhere"),
    ).split("\n")
    assert [line.split(": ")[0] for line in lines] == [
        "TOTP_BOB and TOTP_BOB_FILE are both set; keep one",
        "TOTP_CAROL",
        "TOTP_DAN_OPS_FILE",
    ]


@pytest.mark.parametrize("again", [BOBS, BOBS.lower(), f"{BOBS}\n"])
def test_two_people_never_share_a_secret(again: str) -> None:
    text = totp_problems(TOTP_BOB=BOBS, TOTP_CAROL=again)
    assert text == "TOTP_CAROL: carol and bob have the same secret; each needs one of their own"


def test_names_that_share_a_variable_share_no_secret() -> None:
    with pytest.raises(SettingsError, match="TOTP_A_B: a_b and a-b have the same secret"):
        load_settings(SECRETS | {"TOTP_A_B": BOBS}, ["htx"], people=["a-b", "a_b"])


def shown(settings: Settings) -> str:
    """Every way in which settings could end up in a log by accident."""
    dumped = (settings.model_dump(), settings.model_dump(mode="json"), settings.model_dump_json())
    return " ".join(map(str, (settings, repr(settings), f"{settings.keys}", f"{settings.bot_token!r}", *dumped)))


def test_settings_never_show_a_secret() -> None:
    text = shown(load_settings(SECRETS, ["htx"]))
    assert "**********" in text
    for secret in SECRETS.values():
        assert secret not in text
    assert BOBS not in shown(with_totp(TOTP_BOB=BOBS))


def test_errors_never_show_a_value(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("secret 4444 in a file")
    mixed_up = {
        "SLACK_BOT_TOKEN": SECRETS["SLACK_APP_TOKEN"],
        "SLACK_APP_TOKEN": SECRETS["SLACK_BOT_TOKEN"],
        "SLACK_API_URL": "https://xoxb-1111-bot@slack.com/api/",
        "HTX_ACCESS_KEY": "access 3333",
        "HTX_SECRET_KEY_FILE": str(file),
    }
    text = problems(mixed_up)
    assert len(text.split("\n")) == 5
    for value in ("1111", "2222", "3333", "4444"):
        assert value not in text
    said = totp_problems(TOTP_BOB=BOBS, TOTP_CAROL=BOBS, TOTP_DAN_OPS=CAROLS[:20])
    assert BOBS not in said
    assert CAROLS[:20] not in said
