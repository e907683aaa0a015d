"""Block Kit's rules for what an app may post: the safe set of slack.md §2.5, with its limits. Pure.

Slack answers `invalid_blocks` and says where; so does this. A block outside the safe set is refused too, since the
sandbox could not show it and the desk must not rely on it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from string import ascii_lowercase

from bot.sandbox.slack_elements import (
    ACTIONS,
    ID_LENGTH_MAX,
    INPUTS,
    count_problems,
    element_problems,
    flag_problems,
    id_problems,
    length_problems,
    property_problems,
    text_problems,
)
from bot.sandbox.slack_workspace import Json

BLOCKS_MAX = {"message": 50, "modal": 100, "home": 100}
VIEW_BYTES_MAX = 250_000
METADATA_LENGTH_MAX = 3000
ID_LENGTH = 8  # of the ids made up here

_BLOCK_PROPERTIES = {
    "header": {"text"},
    "section": {"text", "fields", "accessory", "expand"},
    "actions": {"elements"},
    "context": {"elements"},
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "divider": set[str](),
    "rich_text": {"elements"},
}
_VIEW_PROPERTIES = {
    "home": {"blocks", "private_metadata", "callback_id", "external_id"},
    "modal": {
        "blocks", "private_metadata", "callback_id", "external_id", "title", "submit", "close", "clear_on_close",
        "notify_on_close", "submit_disabled",
    },
}  # fmt: skip


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
        found += property_problems(block, _BLOCK_PROPERTIES[block["type"]] | {"block_id"}, place)
        found += id_problems(block.get("block_id"), block_ids, f"{place}/block_id")
        found += _CHECKS[block["type"]](block, place)
    return found


def view_problems(view: object) -> list[str]:
    """Say everything Slack would refuse in a modal or a Home view."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["unsupported type [json-pointer:/view/type]"]
    found = block_problems(view.get("blocks"), view["type"])
    found += property_problems(view, _VIEW_PROPERTIES[view["type"]], "/view")
    found += flag_problems(view, ("clear_on_close", "notify_on_close", "submit_disabled"), "/view")
    found += length_problems(view.get("private_metadata", ""), METADATA_LENGTH_MAX, "/view/private_metadata")
    for key in ("callback_id", "external_id"):
        found += length_problems(view.get(key, ""), ID_LENGTH_MAX, f"/view/{key}")
    if view["type"] == "modal":
        found += text_problems(view.get("title"), 24, "/view/title", plain=True)
        for key in ("submit", "close"):
            if key in view:
                found += text_problems(view[key], 24, f"/view/{key}", plain=True)
        if "submit" not in view and any(block.get("type") == "input" for block in view.get("blocks") or []):
            found.append("missing required field: submit [json-pointer:/view]")
    return found


def is_too_large(view: object) -> bool:
    """Whether a view has more than the 250 kB that Slack takes."""
    return len(json.dumps(view)) > VIEW_BYTES_MAX


def with_ids(blocks: list[Json]) -> list[Json]:
    """Return the blocks as Slack keeps them: ids it was not given are made up."""
    kept = []
    for block in blocks:
        named = {"block_id": _made_up_id(), **block}
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


def _made_up_id() -> str:
    # Small letters: no chance id may hold what somebody looks for on a page, such as the name of a transfer.
    return "".join(secrets.choice(ascii_lowercase) for _ in range(ID_LENGTH))


def _with_action_id(element: Json) -> Json:
    acts = element.get("type") not in ("mrkdwn", "plain_text", "image", "rich_text_section")
    return {"action_id": _made_up_id(), **element} if acts else element


def _header(block: Json, place: str) -> list[str]:
    return text_problems(block.get("text"), 150, f"{place}/text", plain=True)


def _section(block: Json, place: str) -> list[str]:
    found: list[str] = []
    if "text" not in block and "fields" not in block:
        found.append(f"missing required field: text or fields [json-pointer:{place}]")
    if "text" in block:
        found += text_problems(block["text"], 3000, f"{place}/text")
    if "fields" in block:
        found += count_problems(block["fields"], 10, f"{place}/fields")
        for index, field in enumerate(block["fields"]):
            found += text_problems(field, 2000, f"{place}/fields/{index}")
    if "accessory" in block:
        found += element_problems(block["accessory"], ACTIONS, set(), f"{place}/accessory")
    return found


def _actions(block: Json, place: str) -> list[str]:
    found = count_problems(block.get("elements"), 25, f"{place}/elements")
    action_ids: set[str] = set()
    for index, element in enumerate(block.get("elements") or []):
        found += element_problems(element, ACTIONS, action_ids, f"{place}/elements/{index}")
    return found


def _context(block: Json, place: str) -> list[str]:
    found = count_problems(block.get("elements"), 10, f"{place}/elements")
    for index, element in enumerate(block.get("elements") or []):
        if not isinstance(element, dict) or element.get("type") != "image":
            found += text_problems(element, 3000, f"{place}/elements/{index}")
    return found


def _input(block: Json, place: str) -> list[str]:
    found = text_problems(block.get("label"), 2000, f"{place}/label", plain=True)
    found += flag_problems(block, ("optional", "dispatch_action"), place)
    if "hint" in block:
        found += text_problems(block["hint"], 2000, f"{place}/hint", plain=True)
    return found + element_problems(block.get("element"), INPUTS, set(), f"{place}/element")


def _nothing_more(block: Json, place: str) -> list[str]:
    return []


_CHECKS: dict[str, Callable[[Json, str], list[str]]] = {
    "header": _header,
    "section": _section,
    "actions": _actions,
    "context": _context,
    "input": _input,
    "divider": _nothing_more,
    "rich_text": _nothing_more,
}
