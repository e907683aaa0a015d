"""What is wrong with a desk.toml that loads: `transferdesk check` says it, a start refuses it."""

from __future__ import annotations

from bot.config import Config
from bot.findings import Finding


def weaknesses(config: Config) -> list[Finding]:
    """Return what is wrong with a configuration as a whole, nothing when all is well. Pure: asks nobody, reads nothing.

    A requester never settles their own transfer. Without `resolve_by` admins beside them, one lost answer would leave
    it `unknown`, and its ledger key locked, for good.
    """
    findings = []
    requesters = frozenset(user for rule in config.rules for user in rule.who)
    for user in sorted(requesters, key=config.name_of):
        others = len(config.admins - {user})
        if others < config.resolve_by:
            name = config.name_of(user)
            findings.append(
                Finding(
                    False,
                    "desk.resolve_by",
                    f"{config.resolve_by} admins beside {name} are needed to settle {name}'s transfers by hand, "
                    f"there are {others}",
                    "name more people in desk.admins, or lower resolve_by",
                )
            )
    return findings
