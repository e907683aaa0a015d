"""Whether those whose approval takes a one-time code have one; pure but for the secrets, which stay where they are."""

from __future__ import annotations

from collections.abc import Iterator

from bot.config import Config
from bot.findings import Finding
from bot.policy import Rule, Tier
from bot.totp import SecondFactors

FIX = "enrol them with `transferdesk totp NAME`, or lower what the rule asks for"


def without_codes(config: Config, factors: SecondFactors) -> list[Finding]:
    """Return a finding for every tier that wants codes and whose approvers have too few of them."""
    return [
        finding
        for rule in config.rules
        for tier in rule.tiers
        if tier.second_factor
        for finding in _lacking(config, factors, rule, tier)
    ]


def _lacking(config: Config, factors: SecondFactors, rule: Rule, tier: Tier) -> Iterator[Finding]:
    enrolled = frozenset(person for person in tier.members if factors.has(person))
    stuck = tier.stuck(rule.who, enrolled)
    if stuck:
        requester = min(stuck, key=config.name_of)
        lacking = ", ".join(sorted(config.name_of(person) for person in tier.members - enrolled - {requester}))
        yield Finding(
            False,
            f"one-time codes of {rule.name}",
            f"{tier} cannot be reached for {config.name_of(requester)}: no code is set up for {lacking}",
            FIX,
        )
