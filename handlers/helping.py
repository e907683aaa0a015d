"""What `/transfer help` says: what this person can do, in examples their own rules allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from bot.accounts import label, plain, steps
from bot.config import Config
from bot.errors import GrammarError
from bot.filters import Filter
from bot.grammar import TransferIntent, parse
from bot.policy import Request, Rule, select
from handlers import cards

EXAMPLES_MAX = 6
USUAL_AMOUNT = Decimal(250)  # of USDT, in an example


def help_text(config: Config, user: str) -> str:
    """Say what this person can do, with examples their own rules allow."""
    rules = [rule for rule in config.rules if user in rule.who]
    examples = dict.fromkeys(example for rule in rules for example in _examples(config, rule, user))
    lines = ["Move money between accounts of one exchange. Nothing leaves before you press Confirm on the card."]
    if examples:
        lines += [f"• `/transfer {example}`" for example in list(examples)[:EXAMPLES_MAX]]
        lines += _MOVING
    else:
        lines.append("No rule lets you move money; you can look.")
    lines += [*_LOOKING, f"• A list can be narrowed, in any order: `/transfer history {_filter(config, user)}`"]
    if user in config.admins:
        lines += _ADMIN
    return cards.escape("\n".join(lines))


_MOVING = (
    "• An amount is written in full, `1250.50` or `1,250.50`, or as `1.5k` or `2m`; `all`, `half` and `25%` are of "
    "what is there",
    "• `/transfer` alone opens a form, `/transfer again T12` proposes T12 once more, `/transfer cancel T12` takes your "
    "own back",
    "• `/transfer limits` says what is left of your limits, `/transfer balances` what is in the accounts",
)
_LOOKING = (
    "• `/transfer why` before a transfer says what the policy makes of it",
    "• `/transfer show T12`, `/transfer mine` and `/transfer history` look, `/transfer report 30d` sums up",
    "• In an emergency `/transfer freeze` and the reason: nothing leaves any more",
)
_ADMIN = (
    "• As an admin you settle other people's transfers whose answer was lost, on their cards, and `/transfer unfreeze` "
    "what others froze",
    "• `/transfer export` sends you the transfers as a file, narrowed like a list",
)


def _filter(config: Config, user: str) -> str:
    """Return words a history of this person's could be filtered by."""
    words = Filter(config.name_of(user), next(iter(config.venues), ""), "USDT", True, timedelta(days=7), 12, 40)
    return str(words).strip()


def _examples(config: Config, rule: Rule, user: str) -> Iterator[str]:
    """Yield a transfer for each route of a rule that the grammar reads and the policy allows, hubs first."""
    currency = "USDT" if "USDT" in rule.currencies else min(rule.currencies)
    usual = USUAL_AMOUNT if currency == "USDT" else Decimal(1)
    amount = plain(min(usual, rule.per_transfer.get(currency, usual)))
    reason = " reason month-end collateral" if rule.reason_required else ""
    for source in sorted(rule.sources, key=lambda account: (account != config.venues[account.exchange].hub, account)):
        venue = config.venues[source.exchange]
        for destination in sorted(rule.destinations):
            text = f"{amount} {currency.lower()} {label(source, venue)} -> {label(destination, venue)}{reason}"
            if _is_selected(config, rule, user, text):
                yield text


def _is_selected(config: Config, rule: Rule, user: str, text: str) -> bool:
    try:
        intent = parse(text, config.venues)
    except GrammarError:
        return False
    if not isinstance(intent, TransferIntent) or len(steps(intent.route, config.venues[intent.route.exchange])) > 1:
        return False
    # A rule that is closed just now, or used up, still lets its people move money.
    return select(Request(user, intent.route, intent.currency, intent.amount), config.rules) is rule
