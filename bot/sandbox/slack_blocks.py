"""Block Kit's rules for what an app may post: the safe set of slack.md §2.5, with its limits. Pure.

Slack answers `invalid_blocks` and says where; so does this. A block outside the safe set is refused too, since the
sandbox could not show it and the desk must not rely on it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from bot.sandbox.slack_workspace import Json

BLOCKS_MAX = {"message": 50, "modal": 100, "home": 100}
ID_LENGTH_MAX = 255
VIEW_BYTES_MAX = 250_000
METADATA_LENGTH_MAX = 3000


def block_problems(blocks: object, surface: str = "message") -> list[str]:
    """Say everything Slack would refuse in these blocks, each with its place; nothing means they are fine.

    Args:
        surface: `message`, `modal` or `home`.
    """
    if not isinstance(blocks, list):
        return ["blocks must be an array"]
    found: list[str] = []
    if len(blocks) > BLOCKS_MAX[surface]:
        found.append(f"no more than {BLOCKS_MAX[surface]} items allowed [json-pointer:/blocks]")
    block_ids: set[str] = set()
    for index, block in enumerate(blocks):
        place = f"/blocks/{index}"
        if not isinstance(block, dict) or block.get("type") not in _CHECKS:
            found.append(f"unsupported type [json-pointer:{place}/type]")
            continue
        found += _id_problems(block.get("block_id"), block_ids, f"{place}/block_id")
        found += _CHECKS[block["type"]](block, place)
    return found


def view_problems(view: object) -> list[str]:
    """Say everything Slack would refuse in a modal or a Home view."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["unsupported type [json-pointer:/view/type]"]
    found = block_problems(view.get("blocks"), view["type"])
    if len(json.dumps(view)) > VIEW_BYTES_MAX:
        found.append("the view is larger than 250 kB [json-pointer:/view]")
    found += _length_problem(view.get("private_metadata", ""), METADATA_LENGTH_MAX, "/view/private_metadata")
    found += _length_problem(view.get("callback_id", ""), ID_LENGTH_MAX, "/view/callback_id")
    if view["type"] == "modal":
        found += _text_problems(view.get("title"), 24, "/view/title", plain=True)
        for key in ("submit", "close"):
            if key in view:
                found += _text_problems(view[key], 24, f"/view/{key}", plain=True)
        if "submit" not in view and any(block.get("type") == "input" for block in view.get("blocks") or []):
            found.append("missing required field: submit [json-pointer:/view]")
    return found


def with_ids(blocks: list[Json]) -> list[Json]:
    """Return the blocks as Slack keeps them: ids it was not given are made up."""
    kept = []
    for block in blocks:
        named = {"block_id": secrets.token_urlsafe(4), **block}
        if "elements" in named:
            named["elements"] = [_with_action_id(element) for element in named["elements"]]
        for key in ("accessory", "element"):
            if key in named:
                named[key] = _with_action_id(named[key])
        kept.append(named)
    return kept


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Walk over everything a person can act on, with the block it stands in."""
    for block in blocks:
        candidates = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in candidates:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def plain_text(text: object) -> str:
    """Return a text object's text; nothing for none."""
    return str(text.get("text", "")) if isinstance(text, dict) else ""


def _with_action_id(element: Json) -> Json:
    acts = element.get("type") not in ("mrkdwn", "plain_text", "image", "rich_text_section")
    return {"action_id": secrets.token_urlsafe(4), **element} if acts else element


def _id_problems(value: object, taken: set[str], place: str) -> list[str]:
    """Check an optional id and remember it among those already taken."""
    if value is None:
        return []
    if not isinstance(value, str) or not 0 < len(value) <= ID_LENGTH_MAX:
        return [f"must be 1 to {ID_LENGTH_MAX} characters [json-pointer:{place}]"]
    if value in taken:
        return [f'"{value}" already exists, ids must be unique [json-pointer:{place}]']
    taken.add(value)
    return []


def _length_problem(value: object, length_max: int, place: str, length_min: int = 0) -> list[str]:
    if isinstance(value, str) and length_min <= len(value) <= length_max:
        return []
    return [f"must be {length_min} to {length_max} characters [json-pointer:{place}]"]


def _text_problems(text: object, length_max: int, place: str, *, plain: bool = False) -> list[str]:
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return [f"must be a text object of type {' or '.join(kinds)} [json-pointer:{place}]"]
    return _length_problem(text.get("text"), length_max, f"{place}/text", 1)


def _header(block: Json, place: str) -> list[str]:
    return _text_problems(block.get("text"), 150, f"{place}/text", plain=True)


def _section(block: Json, place: str) -> list[str]:
    found: list[str] = []
    if "text" not in block and "fields" not in block:
        found.append(f"missing required field: text or fields [json-pointer:{place}]")
    if "text" in block:
        found += _text_problems(block["text"], 3000, f"{place}/text")
    if "fields" in block:
        found += _count_problem(block["fields"], 10, f"{place}/fields")
        for index, field in enumerate(block["fields"]):
            found += _text_problems(field, 2000, f"{place}/fields/{index}")
    if "accessory" in block:
        found += _element_problems(block["accessory"], set(), f"{place}/accessory")
    return found


def _actions(block: Json, place: str) -> list[str]:
    found = _count_problem(block.get("elements"), 25, f"{place}/elements")
    action_ids: set[str] = set()
    for index, element in enumerate(block.get("elements") or []):
        found += _element_problems(element, action_ids, f"{place}/elements/{index}")
    return found


def _context(block: Json, place: str) -> list[str]:
    found = _count_problem(block.get("elements"), 10, f"{place}/elements")
    for index, element in enumerate(block.get("elements") or []):
        if not isinstance(element, dict) or element.get("type") != "image":
            found += _text_problems(element, 3000, f"{place}/elements/{index}")
    return found


def _input(block: Json, place: str) -> list[str]:
    found = _text_problems(block.get("label"), 2000, f"{place}/label", plain=True)
    if "hint" in block:
        found += _text_problems(block["hint"], 2000, f"{place}/hint", plain=True)
    return found + _element_problems(block.get("element"), set(), f"{place}/element")


def _nothing_more(block: Json, place: str) -> list[str]:
    return []


def _count_problem(items: object, count_max: int, place: str) -> list[str]:
    if isinstance(items, list) and 1 <= len(items) <= count_max:
        return []
    return [f"must have 1 to {count_max} items [json-pointer:{place}]"]


def _element_problems(element: object, action_ids: set[str], place: str) -> list[str]:
    """Check something a person can act on. Its action id must be the only one of its name in the block."""
    if not isinstance(element, dict) or not isinstance(element.get("type"), str):
        return [f"missing element type [json-pointer:{place}]"]
    found = _id_problems(element.get("action_id"), action_ids, f"{place}/action_id")
    if element["type"] == "button":
        found += _button_problems(element, place)
    if "placeholder" in element:
        found += _text_problems(element["placeholder"], 150, f"{place}/placeholder", plain=True)
    if "options" in element:
        found += _option_problems(element["options"], f"{place}/options")
    return found


def _button_problems(button: Json, place: str) -> list[str]:
    found = _text_problems(button.get("text"), 75, f"{place}/text", plain=True)
    found += _length_problem(button.get("value", ""), 2000, f"{place}/value")
    found += _length_problem(button.get("url", ""), 3000, f"{place}/url")
    if button.get("style", "primary") not in ("primary", "danger"):
        found.append(f"must be primary or danger [json-pointer:{place}/style]")
    confirm = button.get("confirm")
    if confirm is not None:
        for key, length_max in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            found += _text_problems(confirm.get(key), length_max, f"{place}/confirm/{key}", plain=key != "text")
    return found


def _option_problems(options: list[Any], place: str) -> list[str]:
    found = _count_problem(options, 100, place)
    for index, option in enumerate(options):
        found += _text_problems(option.get("text"), 75, f"{place}/{index}/text")
        found += _length_problem(option.get("value"), 150, f"{place}/{index}/value", 1)
    return found


_CHECKS: dict[str, Callable[[Json, str], list[str]]] = {
    "header": _header,
    "section": _section,
    "actions": _actions,
    "context": _context,
    "input": _input,
    "divider": _nothing_more,
    "rich_text": _nothing_more,
}
