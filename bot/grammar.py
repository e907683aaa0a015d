"""Text → Command: what a person typed after `/transfer`, read tolerantly in form and strictly about money.

    AMOUNT CURRENCY [from] ACCOUNT (to | ->) ACCOUNT [reason FREE TEXT]
    (all | half | 25%) CURRENCY [from] ACCOUNT (to | ->) ACCOUNT [reason FREE TEXT]
    why AMOUNT CURRENCY [from] ACCOUNT (to | ->) ACCOUNT [reason FREE TEXT] [as PERSON]
    help | ?        show T12        cancel T12      again T12       mine            limits
    history [FILTER]                export [FILTER]                 balances [EXCHANGE]             report [30d]
    freeze [EXCHANGE | all] FREE TEXT               unfreeze [EXCHANGE | all]

where FILTER is any of: @PERSON, EXCHANGE, CURRENCY, failed, since 7d, T12..T40.

Slack escapes and auto-links, phones curl quotes and lengthen dashes; all that is undone first (`bot.text`). After
it every word must be accounted for: what is left over, ambiguous or surprising is refused with one line that says
what was understood and shows a corrected example. Nothing is guessed, least of all an amount or a direction.
Free text is the exception: it is kept as it was written, and nothing in it can change what is moved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from bot.accounts import Venue, near_miss, quoted
from bot.commands import (
    REPORT_DAYS,
    REPORT_DAYS_MAX,
    Again,
    Balances,
    Cancel,
    Command,
    Export,
    Form,
    Freeze,
    Help,
    History,
    Limits,
    Mine,
    Report,
    ShareIntent,
    Show,
    TransferIntent,
    Unfreeze,
    Why,
    spelled,
    typed,
)
from bot.errors import GrammarError
from bot.examples import usual
from bot.filters import read_filter
from bot.text import (
    ascii_words,
    echoed,
    first_word,
    free_text,
    one_word_away,
    split_person,
    split_reason,
    unwrapped,
    without_marker,
)
from bot.transfer_line import (
    AMOUNT_LIKE,
    EXAMPLE_PERSON,
    Around,
    currency_is_missing,
    offered,
    read_transfer,
    split_off_amount,
)

__all__ = [
    "Again",
    "Balances",
    "Cancel",
    "Command",
    "Export",
    "Form",
    "Freeze",
    "Help",
    "History",
    "Limits",
    "Mine",
    "Report",
    "ShareIntent",
    "Show",
    "TransferIntent",
    "Unfreeze",
    "Why",
    "parse",
    "typed",
]


def parse(text: str, venues: Mapping[str, Venue]) -> Command:
    """Read one command as Slack delivers it (escaped, auto-linked). Empty text is `Form`.

    Raises:
        GrammarError: for anything else than exactly one command; one line, with a corrected example.
    """
    text = unwrapped(text)
    try:
        return _command(text, venues)
    except GrammarError as refusal:
        raise GrammarError(_nearly_reason(text, venues) or str(refusal)) from None


def _command(text: str, venues: Mapping[str, Venue]) -> Command:
    verb, rest = first_word(text)
    if verb == "freeze":
        return _freeze(rest, venues)
    if verb == "why":
        return _why(rest, venues)
    if verb in _FILTERED:
        return _filtered(verb, text, venues)
    line, reason = split_reason(text)
    around = Around(reason=reason)
    try:
        words = ascii_words(line)
    except GrammarError as refusal:
        raise GrammarError(_unreadable(verb, rest, str(refusal), around, venues)) from None
    if not words:
        return Form()
    if words[0] in _VERBS:
        return _verb(words, reason, venues)
    if AMOUNT_LIKE.match(words[0]):
        return read_transfer(words, around, venues)
    raise GrammarError(_no_command(words, rest, around, venues))


_EXAMPLE_FREEZE = "a key may have leaked"

_VERBS = ("help", "?", "show", "cancel", "again", "mine", "limits", "balances", "report", "unfreeze")
_FILTERED: dict[str, type[History] | type[Export]] = {"history": History, "export": Export}
# These take free text or mentions and are known before any word is read.
_ALL_VERBS = (*_VERBS, *_FILTERED, "freeze", "why")
_TRANSFER_ID = re.compile(r"t?([1-9][0-9]{0,17})")
_DAYS = re.compile(r"([1-9][0-9]{0,2})d")
_NEARLY_REASON = frozenset(
    {"reasons", "resaon", "reson", "reasn", "raeson", "reaon", "reasno", "raison", "rason", "reeson", "reasson"}
    | {"because", "for", "since", "note", "memo", "comment"}
)


def _verb(words: list[str], reason: str | None, venues: Mapping[str, Venue]) -> Command:
    """Read a command that is no transfer, from words that start with a verb."""
    return _without_reason(_bare_verb(words, venues), reason, venues)


def _without_reason(command: Command, reason: str | None, venues: Mapping[str, Venue]) -> Command:
    if reason is not None:
        understood = f"`{spelled(command, venues)}`"
        raise GrammarError(f"Understood {understood}; it takes no reason. Try {understood}.")
    return command


def _filtered(verb: str, text: str, venues: Mapping[str, Venue]) -> Command:
    """Read a command that takes a filter, from the whole of its raw line."""
    line, reason = split_reason(text)
    command = _FILTERED[verb](read_filter(verb, first_word(line)[1], venues))
    return _without_reason(command, reason, venues)


def _bare_verb(words: list[str], venues: Mapping[str, Venue]) -> Command:
    match words:
        case ["help" | "?"]:
            return Help()
        case ["mine"]:
            return Mine()
        case ["limits"]:
            return Limits()
        case ["balances", *rest]:
            return Balances(_one_exchange("balances", rest, venues))
        case ["report", *rest]:
            return Report(_report_days(rest))
        case ["again", *rest]:
            return Again(_transfer_id("again", rest))
        case ["show", *rest]:
            return Show(_transfer_id("show", rest))
        case ["cancel", *rest]:
            return Cancel(_transfer_id("cancel", rest))
        case ["unfreeze", *rest]:
            return Unfreeze(_one_exchange("unfreeze", rest, venues, "all"))
    raise GrammarError(f"`{words[0]}` stands alone; left over: {quoted(' '.join(words[1:]))}. Try `{words[0]}`.")


def _transfer_id(verb: str, rest: list[str]) -> int:
    """Read the one id after a verb: `T12`, `t12` or `12`."""
    number = _TRANSFER_ID.fullmatch(rest[0]) if rest else None
    if not number:
        what = f"{quoted(rest[0])} is not a transfer" if rest else "The transfer is missing"
        raise GrammarError(f"`{verb}` takes the id of one transfer. {what}. Try `{verb} T12`.")
    _nothing_after(f"{verb} T{number[1]}", rest[1:])
    return int(number[1])


def _one_exchange(verb: str, rest: list[str], venues: Mapping[str, Venue], every: str = "") -> str:
    """Read what a verb is about: one connection, or all of them as an empty text.

    Args:
        every: the word that means all of them, where there is one.
    """
    named = rest[0] if rest else every
    if named != every and named not in venues:
        known = ", ".join(f"`{name}`" for name in (*venues, every) if name)
        close = get_close_matches(named, list(venues), n=1)
        meant = f"{verb} {close[0] if close else every}".strip()
        raise GrammarError(
            f"There is no exchange {quoted(named)} here; there is {known}.{near_miss(named, venues)} Try `{meant}`."
        )
    _nothing_after(f"{verb} {named}", rest[1:])
    return "" if named == every else named


def _report_days(rest: list[str]) -> int:
    """Read how many days a report is about: `30d`, or nothing for the usual."""
    if not rest:
        return REPORT_DAYS
    days = _DAYS.fullmatch(rest[0])
    if not days or int(days[1]) > REPORT_DAYS_MAX:
        raise GrammarError(
            f"`report` takes a number of days from `1d` to `{REPORT_DAYS_MAX}d`, not {quoted(rest[0])}. "
            f"Try `report {REPORT_DAYS}d`."
        )
    _nothing_after(f"report {rest[0]}", rest[1:])
    return int(days[1])


def _nothing_after(understood: str, extra: list[str]) -> None:
    if extra:
        left_over = quoted(" ".join(extra))
        raise GrammarError(f"Understood `{understood}`; left over: {left_over}. Try `{understood}`.")


def _freeze(rest: str, venues: Mapping[str, Venue]) -> Freeze:
    """Read what follows `freeze`. Only the exact name of a connection narrows it: in doubt everything freezes."""
    named, reason = first_word(rest)
    if named != "all" and named not in venues:
        named, reason = "all", rest
    try:
        return Freeze("" if named == "all" else named, free_text(without_marker(reason)))
    except GrammarError as refusal:
        raise GrammarError(f"Understood `freeze {named}`. {refusal} Try `freeze {named} {_EXAMPLE_FREEZE}`.") from None


def _why(rest: str, venues: Mapping[str, Venue]) -> Why:
    """Read what follows `why`: a transfer, and whose it would be."""
    rest, person = split_person(rest)
    line, reason = split_reason(rest)
    around = Around("why", reason, person)
    try:
        words = ascii_words(line)
    except GrammarError as refusal:
        example = replace(around, person=person or EXAMPLE_PERSON).offer(usual(venues, line))
        raise GrammarError(f"{refusal} A question looks like {example}.") from None
    if not words:
        raise GrammarError(f"`why` takes a whole transfer. For example {around.offer(usual(venues, line))}.")
    if not AMOUNT_LIKE.match(words[0]):
        raise GrammarError(_no_command(words, "", around, venues))
    intent = read_transfer(words, around, venues)
    if isinstance(intent, ShareIntent):
        raise GrammarError(
            f"`why` is about a figure; what `{intent.share}` comes to is read when a transfer is proposed. "
            f"Write the figure. For example {offered(intent, around, venues[intent.route.exchange])}."
        )
    return Why(intent, around.read_person())


def _no_command(words: list[str], rest: str, around: Around, venues: Mapping[str, Venue]) -> str:
    """Say that a text starts with neither an amount nor a verb, and how it may have been meant.

    Args:
        rest: the raw text after the first word, where a verb may have been meant.
    """
    if number := _TRANSFER_ID.fullmatch(words[0]):
        return f"{quoted(words[0])} alone does not say what to do. Try `show T{number[1]}` or `cancel T{number[1]}`."
    # First of all: whoever meant to ask must not be shown a transfer to type.
    if not around.verb and (near := _nearly_verb(words[0], rest, ["why"], venues)):
        return near
    start = f"{quoted(words[0])} is no command; a transfer starts with the amount."
    if len(words) > 2 and AMOUNT_LIKE.match(words[1]):
        # `usdt 250 from …` or `send 250 usdt from …`
        figure, following = split_off_amount(words[1:])
        meant = [*figure.split(), words[0], *following] if currency_is_missing(following) else words[1:]
        try:
            intent = read_transfer(meant, around, venues)
        except GrammarError as refusal:
            return f"{start} {refusal}"
        return f"{start} Try {offered(intent, around, venues[intent.route.exchange])}."
    near = "" if around.verb else _nearly_verb(words[0], rest, _ALL_VERBS, venues)
    return near or f"{start} For example {around.offer(usual(venues, ' '.join(words)))}, or `help`."


def _nearly_verb(word: str, rest: str, verbs: Sequence[str], venues: Mapping[str, Venue]) -> str:
    """Say which of some verbs a word is a typo of, and how the line reads with it; nothing where it is none."""
    close = get_close_matches(word, verbs, n=1)
    if not close:
        return ""
    try:
        command = _command(f"{close[0]} {rest}", venues)
    except GrammarError as refusal:
        advice = str(refusal)
    else:
        advice = f"Try {_shown(command, venues)}."
    return f"{quoted(word)} is no command. Did you mean `{close[0]}`? {advice}"


def _unreadable(verb: str, rest: str, refusal: str, around: Around, venues: Mapping[str, Venue]) -> str:
    """Say what is wrong with a line whose words cannot be read, and what one of its kind looks like."""
    if verb in {"show", "cancel", "again"}:
        return f"{refusal} Try `{verb} T12`."
    if verb in _VERBS:
        return f"{refusal} Try `{verb}`."
    near = _nearly_verb(verb, rest, _ALL_VERBS, venues) if verb.isalpha() else ""
    return near or f"{refusal} A transfer looks like {around.offer(usual(venues, rest))}."


def _nearly_reason(text: str, venues: Mapping[str, Venue]) -> str:
    """Say that a word stands where only `reason` would make a command of the line; nothing where it does not help."""
    away = None if split_reason(text)[1] is not None else one_word_away(text, _NEARLY_REASON)
    if away is None:
        return ""
    word, mended = away
    try:
        command = _command(mended, venues)
    except GrammarError:
        return ""
    if not isinstance(command, TransferIntent | ShareIntent | Why):
        return ""
    return f"{quoted(word)} is no word of a transfer. Did you mean `reason`? Try {_shown(command, venues)}."


def _shown(command: Command, venues: Mapping[str, Venue]) -> str:
    """Return a command in backticks, whatever is in its free text."""
    match command:
        case TransferIntent() | ShareIntent() | Freeze():
            command = replace(command, reason=echoed(command.reason))
        case Why():
            command = replace(command, intent=replace(command.intent, reason=echoed(command.intent.reason)))
    return f"`{spelled(command, venues)}`"
