"""Block Kit's smallest parts, text objects and what a person can act on, with Slack's limits (slack.md §2.5). Pure."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.sandbox.slack_workspace import Json

ID_LENGTH_MAX = 255
INPUT_LENGTH_MAX = 3000
TRIGGERS = ("on_enter_pressed", "on_character_entered")

# Where each may stand: in an input block, or in a row of actions and beside a section.
INPUTS = frozenset({"plain_text_input", "number_input", "static_select"})
ACTIONS = frozenset({"button", "static_select"})

_PROPERTIES = {
    "button": {"text", "url", "value", "style", "confirm", "accessibility_label"},
    "static_select": {"placeholder", "options", "option_groups", "initial_option", "confirm", "focus_on_load"},
    "plain_text_input": {
        "placeholder", "initial_value", "multiline", "min_length", "max_length", "dispatch_action_config",
        "focus_on_load",
    },
    "number_input": {
        "placeholder", "is_decimal_allowed", "initial_value", "min_value", "max_value", "dispatch_action_config",
        "focus_on_load",
    },
}  # fmt: skip


def element_problems(element: object, allowed: frozenset[str], action_ids: set[str], place: str) -> list[str]:
    """Say what Slack would refuse in something a person can act on.

    Args:
        allowed: the types that may stand here.
        action_ids: those already taken in the block; this one is added.
    """
    if not isinstance(element, dict) or not isinstance(element.get("type"), str):
        return [f"missing element type [json-pointer:{place}]"]
    kind = element["type"]
    if kind not in allowed:
        return [f"unsupported type: {kind} [json-pointer:{place}/type]"]
    found = property_problems(element, _PROPERTIES[kind] | {"action_id"}, place)
    found += id_problems(element.get("action_id"), action_ids, f"{place}/action_id")
    if "placeholder" in element:
        found += text_problems(element["placeholder"], 150, f"{place}/placeholder", plain=True)
    found += flag_problems(element, ("focus_on_load", "multiline", "is_decimal_allowed"), place)
    if "confirm" in element:
        found += _confirm_problems(element["confirm"], f"{place}/confirm")
    if "dispatch_action_config" in element:
        found += _dispatch_problems(element["dispatch_action_config"], f"{place}/dispatch_action_config")
    return found + _CHECKS[kind](element, place)


def options_of(select: Json) -> list[Json]:
    """Return everything that can be chosen, out of groups too."""
    groups = select.get("option_groups")
    return (
        list(select.get("options") or []) if groups is None else [one for group in groups for one in group["options"]]
    )


def number(text: object) -> Decimal | None:
    """Read what a number field holds; None when it is no number."""
    try:
        read = Decimal(str(text))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def property_problems(part: Json, known: set[str], place: str) -> list[str]:
    """Say which properties Slack does not know there; a misspelled one is refused, not ignored."""
    unknown = sorted(str(name) for name in part if name not in known | {"type"})
    return [f"invalid additional property: {name} [json-pointer:{place}]" for name in unknown]


def flag_problems(part: Json, names: tuple[str, ...], place: str) -> list[str]:
    """Say which of these are given and are neither true nor false."""
    wrong = [name for name in names if name in part and not isinstance(part[name], bool)]
    return [f"must be a boolean [json-pointer:{place}/{name}]" for name in wrong]


def id_problems(value: object, taken: set[str], place: str) -> list[str]:
    """Check an optional id and remember it among those already taken."""
    if value is None:
        return []
    if not isinstance(value, str) or not 0 < len(value) <= ID_LENGTH_MAX:
        return [f"must be 1 to {ID_LENGTH_MAX} characters [json-pointer:{place}]"]
    if value in taken:
        return [f'"{value}" already exists, ids must be unique [json-pointer:{place}]']
    taken.add(value)
    return []


def length_problems(value: object, length_max: int, place: str, length_min: int = 0) -> list[str]:
    """Check that something is text of such a length."""
    if isinstance(value, str) and length_min <= len(value) <= length_max:
        return []
    return [f"must be {length_min} to {length_max} characters [json-pointer:{place}]"]


def text_problems(text: object, length_max: int, place: str, *, plain: bool = False) -> list[str]:
    """Check a text object."""
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return [f"must be a text object of type {' or '.join(kinds)} [json-pointer:{place}]"]
    return length_problems(text.get("text"), length_max, f"{place}/text", 1)


def count_problems(items: object, count_max: int, place: str) -> list[str]:
    """Check that something is a list of such a length, and not empty."""
    if isinstance(items, list) and 1 <= len(items) <= count_max:
        return []
    return [f"must have 1 to {count_max} items [json-pointer:{place}]"]


def _button(button: Json, place: str) -> list[str]:
    found = text_problems(button.get("text"), 75, f"{place}/text", plain=True)
    found += length_problems(button.get("value", ""), 2000, f"{place}/value")
    found += length_problems(button.get("url", ""), 3000, f"{place}/url")
    found += length_problems(button.get("accessibility_label", ""), 75, f"{place}/accessibility_label")
    if button.get("style", "primary") not in ("primary", "danger"):
        found.append(f"must be primary or danger [json-pointer:{place}/style]")
    return found


def _static_select(select: Json, place: str) -> list[str]:
    if ("options" in select) == ("option_groups" in select):
        return [f"needs either options or option_groups [json-pointer:{place}]"]
    if "options" in select:
        found = _option_problems(select["options"], f"{place}/options")
    else:
        found = count_problems(select["option_groups"], 100, f"{place}/option_groups")
        for index, group in enumerate([] if found else select["option_groups"]):
            inside = f"{place}/option_groups/{index}"
            if not isinstance(group, dict):
                found.append(f"must be an object [json-pointer:{inside}]")
                continue
            found += property_problems(group, {"label", "options"}, inside)
            found += text_problems(group.get("label"), 75, f"{inside}/label", plain=True)
            found += _option_problems(group.get("options"), f"{inside}/options")
    if not found and "initial_option" in select and select["initial_option"] not in options_of(select):
        found.append(f"must be one of the options [json-pointer:{place}/initial_option]")
    return found


def _plain_text_input(field: Json, place: str) -> list[str]:
    found = length_problems(field.get("initial_value", ""), INPUT_LENGTH_MAX, f"{place}/initial_value")
    for name, least in (("min_length", 0), ("max_length", 1)):
        length = field.get(name, least)
        if not isinstance(length, int) or isinstance(length, bool) or not least <= length <= INPUT_LENGTH_MAX:
            found.append(f"must be a number from {least} to {INPUT_LENGTH_MAX} [json-pointer:{place}/{name}]")
    return found


def _number_input(field: Json, place: str) -> list[str]:
    missing = [f"missing required field: is_decimal_allowed [json-pointer:{place}]"]
    found = [] if "is_decimal_allowed" in field else missing
    given = [name for name in ("initial_value", "min_value", "max_value") if name in field]
    wrong = [name for name in given if not isinstance(field[name], str) or number(field[name]) is None]
    return found + [f"must be a number written as a string [json-pointer:{place}/{name}]" for name in wrong]


def _option_problems(options: Any, place: str) -> list[str]:
    found = count_problems(options, 100, place)
    for index, option in enumerate([] if found else options):
        inside = f"{place}/{index}"
        if not isinstance(option, dict):
            found.append(f"must be an object [json-pointer:{inside}]")
            continue
        found += property_problems(option, {"text", "value", "description"}, inside)
        found += text_problems(option.get("text"), 75, f"{inside}/text", plain=True)
        found += length_problems(option.get("value"), 150, f"{inside}/value", 1)
        if "description" in option:
            found += text_problems(option["description"], 75, f"{inside}/description", plain=True)
    return found


def _confirm_problems(confirm: object, place: str) -> list[str]:
    if not isinstance(confirm, dict):
        return [f"must be an object [json-pointer:{place}]"]
    found = property_problems(confirm, {"title", "text", "confirm", "deny", "style"}, place)
    for key, length_max in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        found += text_problems(confirm.get(key), length_max, f"{place}/{key}", plain=key != "text")
    return found


def _dispatch_problems(config: object, place: str) -> list[str]:
    triggers = config.get("trigger_actions_on") if isinstance(config, dict) else None
    if isinstance(triggers, list) and triggers and all(one in TRIGGERS for one in triggers):
        return []
    return [f"must name some of {', '.join(TRIGGERS)} [json-pointer:{place}/trigger_actions_on]"]


_CHECKS: dict[str, Callable[[Json, str], list[str]]] = {
    "button": _button,
    "static_select": _static_select,
    "plain_text_input": _plain_text_input,
    "number_input": _number_input,
}
