"""What stands around the simulated desk: desk.toml and its edits, the exchanges' opening books, the people in Slack."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from bot.clock import Clock
from bot.config import Config, load_config
from bot.sandbox.exchange_coinw import CoinwLookalike, SubAccount
from bot.sandbox.exchange_htx import HtxLookalike
from bot.sandbox.slack_workspace import Channel, User, Workspace
from bot.sandbox.world import SCOPES

TEAM, TREASURY, AUDIT = "T01DESK", "C01TREASURY", "C02AUDIT"
ALICE, BOB, CAROL, DAN, ERIN, MALLORY = "U01ALICE", "U02BOB", "U03CAROL", "U04DAN", "U05ERIN", "U06MALLORY"
NAMES = {ALICE: "alice", BOB: "bob", CAROL: "carol", DAN: "dan", ERIN: "erin", MALLORY: "mallory"}
MAKER, ARBITRAGE = "39000001", "39000002"
BOT = User("U09DESK", "transferdesk", is_bot=True)
KEYS = {
    "htx": ("simulated-htx-access", "simulated-htx-secret"),
    "coinw": ("simulated-coinw-access", "simulated-secret"),
}
USERS = {"htx": "40001234", "coinw": "subs:simulated"}

ROUTES = (
    "htx:spot -> htx:linear-swap",
    "htx:linear-swap -> htx:spot",
    "htx:spot -> htx:linear-swap/BTC-USDT",
    "coinw:master -> coinw:maker",
    "coinw:maker -> coinw:master",
    "coinw:master -> coinw:arbitrage",
)
# Routes that take two steps, with the steps.
BY_THE_HUB: Mapping[str, tuple[str, str]] = {
    "coinw:maker -> coinw:arbitrage": ("coinw:maker -> coinw:master", "coinw:master -> coinw:arbitrage"),
    "htx:linear-swap -> htx:linear-swap/BTC-USDT": (
        "htx:linear-swap -> htx:spot",
        "htx:spot -> htx:linear-swap/BTC-USDT",
    ),
}
SEND_WITHIN_S = 300.0

_DESK_TOML = """\
[slack]
team = "T01DESK"
channels = ["C01TREASURY"]
audit_channel = "C02AUDIT"

[exchanges.htx]
adapter = "htx"
url = "http://127.0.0.1:9"

[exchanges.coinw]
adapter = "coinw"
url = "http://127.0.0.1:9"
subaccounts = {{ maker = 39000001, arbitrage = 39000002 }}
decimals = {{ USDT = 6 }}

[people]
alice = "U01ALICE"
{bob}
carol = "U03CAROL"
dan = "U04DAN"
erin = "U05ERIN"

[groups]
traders = [{traders}]
treasurers = ["carol", "dan", "erin", {traders}]
approvers = [{approvers}]
directors = ["dan", "erin"]

[desk]
confirm_within = "10m"
approve_within = "15m"
send_within = "5m"
admins = ["treasurers"]
resolve_by = 2
{evidence}
[[rules]]
name = "{rule}"
who = ["traders"]
from = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
to = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
currencies = ["USDT"]
per_transfer = "{limit}"
{conditions}

[[rules]]
name = "makers"
who = ["traders"]
from = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
to = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
currencies = ["USDT"]
per_transfer = "{limit}"
{conditions}
"""

# What an amount above so much takes: so many of each of these groups, each person counting once. By name, lowest first.
TIERS: Mapping[str, tuple[tuple[int, Mapping[str, int]], ...]] = {
    "none": (),
    "one above 200": ((200, {"approvers": 1}),),
    "two": ((0, {"approvers": 2}),),
    "both": ((0, {"approvers": 1, "directors": 1}),),
    "rising": ((0, {"approvers": 1}), (200, {"approvers": 1, "directors": 2})),
}


@dataclass(frozen=True)
class Policy:
    """What a policy edit may change. The simulator judges sends by this, not by the desk's own reading of the file."""

    limit: int = 1000
    bob: bool = True
    rule: str = "collateral"
    by_person: bool = False
    per_day: int | None = None
    per_person_per_day: int | None = None
    tiers: str = "none"
    carol_approves: bool = True

    @property
    def traders(self) -> frozenset[str]:
        return frozenset({ALICE, BOB} if self.bob else {ALICE})

    @property
    def admins(self) -> frozenset[str]:
        return self.traders | {CAROL, DAN, ERIN}

    @property
    def groups(self) -> Mapping[str, frozenset[str]]:
        """Whose approval counts."""
        return {
            "approvers": self.traders | ({CAROL, DAN} if self.carol_approves else {DAN}),
            "directors": frozenset({DAN, ERIN}),
        }

    def quorums(self, amount: Decimal) -> tuple[tuple[frozenset[str], int], ...]:
        """So many of each of these must approve an amount."""
        asked = [quorums for above, quorums in TIERS[self.tiers] if amount > above]
        return tuple((self.groups[group], count) for group, count in asked[-1].items()) if asked else ()

    def terms(self, exchange: str) -> tuple[object, ...]:
        """What the rule for an exchange says; when any of it changes, nobody has agreed to what it says now."""
        named = self.rule if exchange == "htx" else ""
        approving = tuple(sorted(self.groups.items())) if TIERS[self.tiers] else ()
        return (named, self.traders, self.limit, self.per_day, self.per_person_per_day, self.tiers, approving)

    def text(self) -> str:
        """Write it as desk.toml."""
        return _DESK_TOML.format(
            limit=self.limit,
            rule=self.rule,
            bob='bob = "U02BOB"' if self.bob else "",
            traders='"alice", "bob"' if self.bob else '"alice"',
            evidence='settle_by_evidence = "person"\n' if self.by_person else "",
            approvers=", ".join(f'"{NAMES[user]}"' for user in sorted(self.groups["approvers"])),
            conditions="\n".join(self._conditions()),
        )

    def _conditions(self) -> Iterator[str]:
        for name in ("per_day", "per_person_per_day"):
            if getattr(self, name) is not None:
                yield f'{name} = "{getattr(self, name)}"'
        tiers = []
        for above, quorums in TIERS[self.tiers]:
            each = ", ".join(f'{{ count = {count}, from = "{group}" }}' for group, count in quorums.items())
            tiers.append(f'{{ above = "{above}", all = [{each}] }}')
        if tiers:
            yield f"approvals = [{', '.join(tiers)}]"

    def config(self) -> Config:
        """Load it as the desk does."""
        return _loaded(self.text())


@cache
def _loaded(text: str) -> Config:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.toml"
        path.write_text(text, encoding="utf-8")
        return load_config(path)


def build_htx(clock: Clock) -> HtxLookalike:
    """HTX with enough money for most of a seed."""
    opening = {"spot": {"USDT": "4000"}, "linear-swap": {"USDT": "1500"}, "linear-swap/BTC-USDT": {"USDT": "100"}}
    return HtxLookalike(clock, *KEYS["htx"], uid=40001234, opening=opening)


def build_coinw(clock: Clock) -> CoinwLookalike:
    """CoinW with two sub-accounts."""
    subs = {MAKER: SubAccount("maker", "maker"), ARBITRAGE: SubAccount("arbitrage", "arbitrage")}
    opening = {"master": {"USDT": "3000"}, MAKER: {"USDT": "1200"}, ARBITRAGE: {"USDT": "0"}}
    return CoinwLookalike(clock, *KEYS["coinw"], uid=38000000, subs=subs, opening=opening)


def build_workspace(clock: Clock) -> Workspace:
    """Slack with the traders, the admins and somebody nobody knows, in one channel and the audit channel."""
    members = frozenset({BOT.id, *NAMES})
    return Workspace(
        BOT,
        tuple(User(person, name) for person, name in NAMES.items()),
        (Channel(TREASURY, "treasury", members), Channel(AUDIT, "desk-audit", members, is_private=True)),
        now=lambda: clock.now().timestamp(),
        scopes=SCOPES,
        team_id=TEAM,
    )
