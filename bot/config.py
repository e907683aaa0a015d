"""desk.toml, checked and resolved. Every problem names the file, the key and what is expected."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from bot.accounts import Account, Adapter, Venue, near_miss
from bot.config_file import DeskFile, ExchangeTable, explain, parse_duration
from bot.config_rules import resolve_people, resolve_rule
from bot.endpoints import COINW_HOSTS, HTX_FUTURES_HOSTS, HTX_HOSTS, is_loopback, problem_with
from bot.errors import ConfigError
from bot.policy import Rule

# The shortest pace with a real exchange. HTX takes one transfer a second from a user, and clocks differ (htx-api.md
# §2.9); CoinW takes three requests a second, half of that when it has warned (coinw-api.md §3.5).
_PACE_MIN = {Adapter.HTX: "1100ms", Adapter.COINW: "1s"}


@dataclass(frozen=True)
class Connection:
    """One `[exchanges.NAME]`: how to reach it, beside the venue that says what its addresses mean."""

    venue: Venue
    url: str
    futures_url: str
    refused_codes: frozenset[str]
    pace_s: float


@dataclass(frozen=True)
class Config:
    """desk.toml, checked and resolved. `hash` is the sha256 of the file's bytes, `text` the file itself.

    Attributes:
        settle_by_evidence: who settles a lost transfer the exchange's records show: the `desk`, or a `person`.
        groups_unused: groups that neither a rule nor desk.admins names.
    """

    text: str
    hash: str
    team: str
    channels: frozenset[str]
    audit_channel: str
    connections: Mapping[str, Connection]
    venues: Mapping[str, Venue]
    people: Mapping[str, str]
    admins: frozenset[str]
    confirm_within: timedelta
    approve_within: timedelta
    send_within: timedelta
    resolve_by: int
    settle_by_evidence: str
    rules: tuple[Rule, ...]
    groups_unused: tuple[str, ...] = ()

    @property
    def user_names(self) -> Mapping[str, str]:
        """What desk.toml calls Slack user ids."""
        return {user: name for name, user in self.people.items()}

    @property
    def account_names(self) -> Mapping[str, str]:
        """How canonical addresses are typed, where that differs."""
        return {
            f"{venue.name}:{uid}": f"{venue.name}:{alias}"
            for venue in self.venues.values()
            for alias, uid in venue.subaccounts.items()
        }

    def name_of(self, user: str) -> str:
        """Return the name desk.toml gives a Slack user id, or the id itself."""
        return next((name for name, known in self.people.items() if known == user), user)

    def is_listed(self, team: str, user: str) -> bool:
        """Tell whether somebody is on the allowlist. Identity is team id and user id, never a name."""
        return team == self.team and user in self.people.values()

    def accounts(self, exchange: str) -> frozenset[Account]:
        """Return every account of one connection that some rule names."""
        named = {account for rule in self.rules for account in rule.sources | rule.destinations}
        return frozenset(account for account in named if account.exchange == exchange)


def load_config(path: Path) -> Config:
    """Read and check desk.toml.

    Raises:
        ConfigError: the file is missing, not TOML, or says something that cannot be; one line per problem.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such file; copy desk.example.toml, or set TRANSFERDESK_CONFIG"
        ) from None
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{path}: cannot be read; expected a UTF-8 text file") from None
    return config_of(text, str(path))


def config_of(text: str, name: str) -> Config:
    """Check the text of a desk.toml; `name` is what problems are told of.

    Raises:
        ConfigError: not TOML, or it says something that cannot be; one line per problem.
    """
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of numbers and nests without end, too
        raise ConfigError(f"{name}: not valid TOML: {error}") from None
    try:
        file = DeskFile.model_validate(tables)
    except ValidationError as error:
        raise ConfigError("\n".join(f"{name}: {line}" for line in explain(error))) from None
    problems: list[str] = []
    config = _resolve(file, text, hashlib.sha256(text.encode("utf-8")).hexdigest(), problems)
    if problems:
        raise ConfigError("\n".join(f"{name}: {line}" for line in problems))
    return config


def _resolve(file: DeskFile, text: str, digest: str, problems: list[str]) -> Config:
    connections = {name: _connection(name, table, problems) for name, table in file.exchanges.items()}
    _check_users(connections, problems)
    venues = {name: connection.venue for name, connection in connections.items()}
    if file.slack.audit_channel in file.slack.channels:
        problems.append("slack.audit_channel: expected another channel than those under slack.channels")
    _check_people(file, problems)
    admins = resolve_people("desk.admins", file.desk.admins, file, problems)
    if admins and len(admins) < file.desk.resolve_by:
        problems.append(f"desk.resolve_by: expected at most {len(admins)}, as many as desk.admins names")
    rules = tuple(
        resolve_rule(f"rules[{number}]", table, file, venues, problems) for number, table in enumerate(file.rules)
    )
    names = [rule.name for rule in rules]
    problems.extend(
        f"rules: two rules are named {name!r}; a rule's name is its identity"
        for name in sorted({name for name in names if names.count(name) > 1})
    )
    return Config(
        text=text,
        hash=digest,
        team=file.slack.team,
        channels=frozenset(file.slack.channels),
        audit_channel=file.slack.audit_channel,
        connections=connections,
        venues=venues,
        people=file.people,
        admins=admins,
        confirm_within=file.desk.confirm_within,
        approve_within=file.desk.approve_within,
        send_within=file.desk.send_within,
        resolve_by=file.desk.resolve_by,
        settle_by_evidence=file.desk.settle_by_evidence,
        rules=rules,
        groups_unused=_unused(file),
    )


def _unused(file: DeskFile) -> tuple[str, ...]:
    used = set(file.desk.admins)
    for rule in file.rules:
        used.update(rule.who, (group for tier in rule.approvals for _, group in tier.quorums))
    return tuple(group for group in file.groups if group not in used)


def _connection(name: str, table: ExchangeTable, problems: list[str]) -> Connection:
    key = f"exchanges.{name}"
    adapter = Adapter(table.adapter)
    local = is_loopback(table.url)
    wrong = problem_with(table.url, HTX_HOSTS if adapter is Adapter.HTX else COINW_HOSTS)
    if wrong:
        problems.append(f"{key}.url: {wrong}")
    if not local and table.pace < parse_duration(_PACE_MIN[adapter]):
        problems.append(f'{key}.pace: expected at least "{_PACE_MIN[adapter]}"; the exchange takes no faster one')
    futures_url = table.futures_url or (table.url if local else "https://api.hbdm.com")
    if adapter is Adapter.HTX:
        wrong = problem_with(futures_url, HTX_FUTURES_HOSTS)
        if wrong:
            problems.append(f"{key}.futures_url: {wrong}")
        elif is_loopback(futures_url) != local:
            # One key signs for both: a real one would be shown to whatever listens here.
            where = "a loopback address" if local else "the exchange's own host"
            problems.append(f"{key}.futures_url: expected {where}, as url has; or leave it out")
        if table.subaccounts:
            problems.append(f"{key}.subaccounts: only CoinW connections have sub-accounts here; remove it")
    elif table.futures_url or table.margin_account:
        problems.append(f"{key}: futures_url and margin_account belong to HTX connections; remove them")
    uids = list(table.subaccounts.values())
    problems.extend(
        f"{key}.subaccounts: two aliases name the sub-account {uid}; keep one"
        for uid in sorted({uid for uid in uids if uids.count(uid) > 1})
    )
    venue = Venue(
        name=name,
        adapter=adapter,
        subaccounts={alias: str(uid) for alias, uid in table.subaccounts.items()},
        decimals=dict(table.decimals),
        margin_always=table.margin_account != "linear-swap",
    )
    return Connection(
        venue=venue,
        url=table.url.rstrip("/"),
        futures_url=futures_url.rstrip("/"),
        refused_codes=frozenset(table.refused_codes),
        pace_s=table.pace.total_seconds(),
    )


def _check_users(connections: Mapping[str, Connection], problems: list[str]) -> None:
    """Refuse two connections of one exchange user: each would send without knowing of the other.

    CoinW names no user behind a key, but a sub-account belongs to one master only.
    """
    owners: dict[str, str] = {}
    for name, connection in connections.items():
        for uid in connection.venue.subaccounts.values():
            owner = owners.setdefault(uid, name)
            if owner != name:
                problems.append(
                    f"exchanges.{name}.subaccounts: exchanges.{owner} names {uid} too; "
                    "keep one connection per exchange user"
                )


def _check_people(file: DeskFile, problems: list[str]) -> None:
    owners: dict[str, str] = {}
    for name, user in file.people.items():
        if user in owners:
            problems.append(f"people.{name}: {user} is already {owners[user]}'s Slack id; one person, one name")
        owners.setdefault(user, name)
    for group, members in file.groups.items():
        if group in file.people:
            problems.append(f"groups.{group}: {group!r} is also a person; give the group another name")
        if not members:
            # With it a rule would let nobody in, or nobody could settle a lost transfer.
            problems.append(f"groups.{group}: names nobody; name a person in it, or remove it")
        problems.extend(
            f"groups.{group}: there is no {member!r} under [people].{near_miss(member, file.people)}"
            for member in members
            if member not in file.people
        )
