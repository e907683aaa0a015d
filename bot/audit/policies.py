"""The policy versions of a journal, each loaded once by the code the desk loads desk.toml with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from bot.accounts import Account, Route
from bot.config import Config, config_of
from bot.errors import ConfigError
from bot.policy import Request, Rule, Tier, select
from bot.policy.rules import total

# A desk reloaded every hour has many; those of one moment are asked about together.
LOADED_MAX = 32
REMEMBERED_MAX = 100_000


class Policy:
    """One policy version, and which rule it has for whom."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.people = frozenset(config.people.values())
        self._rules: dict[tuple[str, str, str], Rule | None] = {}
        self._missing: dict[tuple[int, tuple[str, ...]], tuple[Tier, int]] = {}

    def rule(self, requester: str, route: str, currency: str) -> Rule | None:
        """Return the rule that decides for a requester, a route and a currency."""
        key = (requester, route, currency)
        try:
            return self._rules[key]
        except KeyError:
            if len(self._rules) >= REMEMBERED_MAX:
                self._rules.clear()
            # Amount and reason select no rule.
            request = Request(requester, route_of(route), currency, total(()))
            found = self._rules[key] = select(request, self.config.rules)
            return found

    def missing(self, tier: Tier, people: Sequence[str]) -> int:
        """Return how many more must agree when these did: see `bot.policy.Tier.missing`, which takes its time."""
        key = (id(tier), tuple(people))
        known = self._missing.get(key)
        if known is not None and known[0] is tier:
            return known[1]
        if len(self._missing) >= REMEMBERED_MAX:
            self._missing.clear()
        missing = tier.missing(people)
        self._missing[key] = (tier, missing)
        return missing


class Policies:
    """Finds a policy version by its hash; None where it is not there or cannot be loaded."""

    def __init__(self, text_of: Callable[[str], str | None]) -> None:
        """Take what reads a version's text by its hash."""
        self._text_of = text_of
        self._loaded: dict[str, Policy | None] = {}

    def get(self, digest: str) -> Policy | None:
        """Return one version."""
        if digest not in self._loaded:
            if len(self._loaded) >= LOADED_MAX:
                del self._loaded[next(iter(self._loaded))]
            self._loaded[digest] = self._load(digest)
        return self._loaded[digest]

    def _load(self, digest: str) -> Policy | None:
        text = self._text_of(digest)
        try:
            config = config_of(text, digest[:12]) if text is not None else None
        except ConfigError:
            return None
        return Policy(config) if config is not None and config.hash == digest else None


@lru_cache(maxsize=10_000)
def route_of(text: str) -> Route:
    """Read a route as events write it."""
    source, _, destination = text.partition(" -> ")
    return Route(Account.from_canonical(source), Account.from_canonical(destination))
