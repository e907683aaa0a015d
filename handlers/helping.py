"""What `/transfer help` says: what this person can do, in examples their own rules allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import islice

from bot import words
from bot.accounts import Route, label, plain
from bot.config import Config
from bot.errors import GrammarError
from bot.filters import Filter
from bot.grammar import TransferIntent, parse
from bot.policy import Request, Rule, select
from handlers.markup import escape

EXAMPLES_MAX = 6
USUAL_AMOUNT = Decimal(250)  # of USDT, in an example


def help_text(config: Config, user: str) -> str:
    """Say what this person can do, with examples their own rules allow."""
    rules = [rule for rule in config.rules if user in rule.who]
    examples = list(islice((example for rule in rules for example in _examples(config, rule, user)), EXAMPLES_MAX))
    lines = [words.HELP]
    if examples:
        lines += [words.HELP_EXAMPLE.format(example=example) for example in examples]
        lines += _MOVING
    else:
        lines.append(words.HELP_LOOKING_ONLY)
    lines += [*_LOOKING, words.HELP_FILTER.format(filter=_filter(config, user))]
    if user in config.admins:
        lines += _ADMIN
    return escape("\n".join(lines))


_MOVING = (words.HELP_AMOUNT, words.HELP_FORM, words.HELP_LIMITS)
_LOOKING = (words.HELP_WHY, words.HELP_LOOK, words.HELP_FREEZE)
_ADMIN = (words.HELP_SETTLE, words.HELP_EXPORT)


def _filter(config: Config, user: str) -> str:
    """Return words a history of this person's could be filtered by."""
    every = Filter(config.name_of(user), next(iter(config.venues), ""), "USDT", True, timedelta(days=7), 12, 40)
    return str(every).strip()


def _examples(config: Config, rule: Rule, user: str) -> Iterator[str]:
    """Yield a transfer for each single step of a rule that the grammar reads and the policy allows, hubs first."""
    currency = "USDT" if "USDT" in rule.currencies else min(rule.currencies)
    usual = USUAL_AMOUNT if currency == "USDT" else Decimal(1)
    amount = min(usual, rule.per_transfer.get(currency, usual))
    reason = f" {words.HELP_REASON}" if rule.reason_required else ""
    for source in sorted(rule.sources, key=lambda account: (account != config.venues[account.exchange].hub, account)):
        venue = config.venues[source.exchange]
        # One side of a single step is the hub. To try every pair of accounts would take minutes where there are many.
        for destination in sorted(rule.destinations if source == venue.hub else rule.destinations & {venue.hub}):
            text = f"{plain(amount)} {currency.lower()} {label(source, venue)} -> {label(destination, venue)}{reason}"
            # A rule that is closed just now, or used up, still lets its people move money.
            request = Request(user, Route(source, destination), currency, amount)
            if select(request, config.rules) is rule and _is_read(config, text):
                yield text


def _is_read(config: Config, text: str) -> bool:
    try:
        return isinstance(parse(text, config.venues), TransferIntent)
    except GrammarError:
        return False
