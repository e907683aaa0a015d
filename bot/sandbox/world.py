"""The embedded world: a local Slack, HTX and CoinW on loopback, and the desk.toml and environment to reach them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from secrets import token_hex

import pyotp

from bot.clock import Clock
from bot.sandbox.exchange_coinw import CoinwLookalike, SubAccount
from bot.sandbox.exchange_htx import HtxLookalike
from bot.sandbox.lookalike import Lookalike
from bot.sandbox.page_api import Page
from bot.sandbox.slack_double import SlackDouble
from bot.sandbox.slack_workspace import Channel, User, Workspace
from bot.totp import new_secret

TEAM = "T01DESK"
TREASURY = "C01TREASURY"
AUDIT = "C02AUDIT"
ALICE, BOB, CAROL, DAN, MALLORY = "U01ALICE", "U02BOB", "U03CAROL", "U04DAN", "U05MALLORY"
MAKER, ARBITRAGE = "39000001", "39000002"

# What manifest.yml asks for; the local Slack refuses every method that needs more.
SCOPES = (
    "commands", "chat:write", "im:write", "files:write", "channels:read", "groups:read", "channels:history",
    "groups:history", "users:read",
)  # fmt: skip

_PEOPLE = (
    User(ALICE, "alice", "Alice Moreau", title="trader"),
    User(BOB, "bob", "Bob Okafor", title="trader"),
    User(CAROL, "carol", "Carol Lindqvist", title="treasurer, admin"),
    User(DAN, "dan", "Dan Petrov", title="treasurer, admin"),
    User(MALLORY, "mallory", "Mallory Quint", title="not on the allowlist"),
)
_BOT = User("U09DESK", "transferdesk", "Transferdesk", is_bot=True)

_DESK_TOML = """\
# Written by the sandbox: everything here is on this machine and none of it is money.

[slack]
team = "{team}"
channels = ["{treasury}"]
audit_channel = "{audit}"

[exchanges.htx]
adapter = "htx"
url = "{htx}"

[exchanges.coinw]
adapter = "coinw"
url = "{coinw}"
subaccounts = {{ maker = {maker}, arbitrage = {arbitrage} }}
decimals = {{ USDT = 6 }}

[people]
alice = "{alice}"
bob = "{bob}"
carol = "{carol}"
dan = "{dan}"

[groups]
traders = ["alice", "bob"]
treasurers = ["carol", "dan"]

[desk]
confirm_within = "10m"
send_within = "5m"
admins = ["treasurers"]
resolve_by = 2

[[rules]]
name = "collateral"
who = ["traders"]
from = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
to = ["htx:linear-swap", "htx:linear-swap/BTC-USDT", "htx:spot"]
currencies = ["USDT"]
per_transfer = "5000"
per_day = "50000"
{approvals}

[[rules]]
name = "makers"
who = ["traders"]
from = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
to = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
currencies = ["USDT"]
per_transfer = "2000"
"""


# A second person above 1,000, and above 3,000 two of them who show more than a Slack account.
APPROVALS = """\
approvals = [
  { above = "1000", count = 1, from = "treasurers" },
  { above = "3000", count = 2, from = "treasurers", second_factor = "totp" },
]"""


class World:
    """Slack, HTX, CoinW and the page that shows them, each behind a real socket on this machine."""

    def __init__(self, clock: Clock) -> None:
        members = frozenset({_BOT.id, *(person.id for person in _PEOPLE)})
        workspace = Workspace(
            _BOT,
            _PEOPLE,
            (Channel(TREASURY, "treasury", members), Channel(AUDIT, "desk-audit", members, is_private=True)),
            now=lambda: clock.now().timestamp(),
            scopes=SCOPES,
            team_id=TEAM,
            team_name="Northwind Treasury",
        )
        self.slack = SlackDouble(workspace)
        self._keys = {name: token_hex(16) for name in _KEY_VARIABLES}
        self.htx = HtxLookalike(
            clock,
            self._keys["HTX_ACCESS_KEY"],
            self._keys["HTX_SECRET_KEY"],
            uid=40001234,
            opening={"spot": {"USDT": "25000", "BTC": "1.5"}, "linear-swap": {"USDT": "3000"}},
        )
        self.coinw = CoinwLookalike(
            clock,
            self._keys["COINW_ACCESS_KEY"],
            self._keys["COINW_SECRET_KEY"],
            uid=38000000,
            subs={MAKER: SubAccount("maker", "maker"), ARBITRAGE: SubAccount("arbitrage", "arbitrage")},
            opening={"master": {"USDT": "12000"}, MAKER: {"USDT": "500"}, ARBITRAGE: {"USDT": "0"}},
        )
        self._phones = {user: new_secret().get_secret_value() for user in (CAROL, DAN)}
        self.page = Page(self.slack, self.exchanges, {user: partial(self.code, user) for user in self._phones})

    @property
    def exchanges(self) -> tuple[Lookalike, ...]:
        """Both exchanges."""
        return (self.htx, self.coinw)

    def code(self, user: str) -> str:
        """Return the one-time code on a person's phone, by this machine's clock."""
        return pyotp.TOTP(self._phones[user]).now()

    async def start(self, port: int = 0) -> None:
        """Open everything: the page on `port`, the rest on the ports after it; 0 takes free ones."""
        page, slack, htx, coinw = range(port, port + 4) if port else (0, 0, 0, 0)
        await self.slack.start(port=slack)
        await self.htx.start(port=htx)
        await self.coinw.start(port=coinw)
        await self.page.start(port=page)

    async def stop(self) -> None:
        """Close everything."""
        await self.page.stop()
        await self.slack.stop()
        await self.htx.stop()
        await self.coinw.stop()

    def desk_toml(self) -> str:
        """Return the desk.toml that describes this world."""
        return _DESK_TOML.format(
            team=TEAM, treasury=TREASURY, audit=AUDIT, htx=self.htx.url, coinw=self.coinw.url,
            maker=MAKER, arbitrage=ARBITRAGE, alice=ALICE, bob=BOB, carol=CAROL, dan=DAN, approvals=APPROVALS,
        )  # fmt: skip

    def environment(self, folder: Path) -> dict[str, str]:
        """Write desk.toml into a folder and return the variables a desk for this world needs."""
        config = folder / "desk.toml"
        config.write_text(self.desk_toml(), encoding="utf-8")
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "TRANSFERDESK_CONFIG": str(config),
            "TRANSFERDESK_DATABASE": str(folder / "transferdesk.db"),
            "TOTP_CAROL": self._phones[CAROL],
            "TOTP_DAN": self._phones[DAN],
            **self._keys,
        }


_KEY_VARIABLES = ("HTX_ACCESS_KEY", "HTX_SECRET_KEY", "COINW_ACCESS_KEY", "COINW_SECRET_KEY")


def write_environment(path: Path, environment: Mapping[str, str]) -> None:
    """Write variables as a shell can read them, for the owner's eyes only."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        stream.writelines(f"{name}='{value}'\n" for name, value in environment.items())
