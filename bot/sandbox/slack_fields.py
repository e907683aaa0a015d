"""What stands in the fields of a view: filled in at the start, typed, kept when the app redraws it, sent. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack_blocks import elements
from bot.sandbox.slack_elements import INPUT_LENGTH_MAX, number, options_of
from bot.sandbox.slack_workspace import Json

# Block id → action id → `{"type": …, "value": text or None}`, for a select `{"type": …, "selected_option": … or None}`.
Values = Mapping[str, Mapping[str, Mapping[str, Any]]]

MISSING = "Please complete this required field."

_HOLDS = {"plain_text_input": "value", "number_input": "value", "static_select": "selected_option"}
_STARTS = {"plain_text_input": "initial_value", "number_input": "initial_value", "static_select": "initial_option"}


def redrawn(blocks: list[Json], before: Values) -> Values:
    """Return what stands in the fields once these blocks are shown.

    A field with the block id, the action id and the type of one before keeps what was in it (slack.md §2.5); any
    other starts with its initial value. A choice that is no longer offered is not kept.
    """
    values: dict[str, dict[str, Json]] = {}
    for block, field in _fields(blocks):
        held = _HOLDS[field["type"]]
        start = {"type": field["type"], held: field.get(_STARTS[field["type"]]) or None}
        old = before.get(block["block_id"], {}).get(field["action_id"])
        keeps = old is not None and old["type"] == field["type"] and _can_hold(field, old[held])
        values.setdefault(block["block_id"], {})[field["action_id"]] = dict(old) if keeps and old else start
    return values


def filled(blocks: list[Json], before: Values, given: Values) -> Values:
    """Return the fields with some of them filled in anew; what is given for fields that are not there is dropped.

    Raises:
        LookupError: a choice that is not offered.
    """
    values = {block_id: dict(fields) for block_id, fields in before.items()}
    for block, field in _fields(blocks):
        answer = given.get(block["block_id"], {}).get(field["action_id"])
        held = _HOLDS[field["type"]]
        if answer is None:
            continue
        value = answer.get(held) or None
        if not _can_hold(field, value):
            raise LookupError("That is not among the options.")
        values[block["block_id"]][field["action_id"]] = {"type": field["type"], held: value}
    return values


def answer_of(field: Json, text: str | None) -> Json:
    """Return what one field holds: text as typed, or for a select the option with this value.

    Raises:
        LookupError: there is no such option, or this is nothing that holds a value.
    """
    if field["type"] not in _HOLDS:
        raise LookupError("That is no field.")
    if field["type"] != "static_select" or text is None:
        return {"type": field["type"], _HOLDS[field["type"]]: text or None}
    for option in options_of(field):
        if option["value"] == text:
            return {"type": field["type"], "selected_option": option}
    raise LookupError("That is not among the options.")


def is_dispatched(block: Json, field: Json, *, entered: bool) -> bool:
    """Whether the app hears of a change at once, or only when the form is sent.

    Args:
        entered: Enter was pressed; else a character was typed. A choice is always made at once.
    """
    if block["type"] != "input":
        return True
    if not block.get("dispatch_action"):
        return False
    config = field.get("dispatch_action_config", {"trigger_actions_on": ["on_enter_pressed"]})
    trigger = "on_enter_pressed" if entered else "on_character_entered"
    return field["type"] == "static_select" or trigger in config["trigger_actions_on"]


def problems(blocks: list[Json], values: Values) -> dict[str, str]:
    """Return block id → what Slack's own client shows beside a field and sends nothing for. The words are ours."""
    found = {}
    for block, field in _fields(blocks):
        value = values.get(block["block_id"], {}).get(field["action_id"], {}).get(_HOLDS[field["type"]])
        problem = _problem(field, value) if value else "" if block.get("optional") else MISSING
        if block["type"] == "input" and problem:
            found[block["block_id"]] = problem
    return found


def _fields(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    return ((block, element) for block, element in elements(blocks) if element["type"] in _HOLDS)


def _can_hold(field: Json, value: object) -> bool:
    if value is None:
        return True
    return value in options_of(field) if field["type"] == "static_select" else isinstance(value, str)


def _problem(field: Json, value: Any) -> str:
    if field["type"] == "plain_text_input":
        least, most = field.get("min_length", 0), field.get("max_length", INPUT_LENGTH_MAX)
        return "" if least <= len(value) <= most else f"Please enter {least} to {most} characters."
    if field["type"] != "number_input":
        return ""
    read = number(value)
    if read is None:
        return "Please enter a number."
    if not field["is_decimal_allowed"] and read != read.to_integral_value():
        return "Please enter a whole number."
    least, most = number(field.get("min_value")), number(field.get("max_value"))
    if least is not None and read < least:
        return f"Please enter {least} or more."
    return f"Please enter {most} or less." if most is not None and read > most else ""
