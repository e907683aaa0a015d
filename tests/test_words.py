"""The catalogue: every text is used, and filled in with exactly what it asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from bot import words

ROOT = Path(__file__).parents[1]
TEXTS = {name: text for name, text in vars(words).items() if name.isupper() and isinstance(text, str)}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def uses() -> Iterator[tuple[str, set[str] | None, str]]:
    """Every `words.NAME` in the code: its name, the fields it is filled in with, None without `.format`, and where."""
    for path in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        filled: dict[int, set[str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                filled[id(node.func.value)] = {str(keyword.arg) for keyword in node.keywords}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "words":
                yield node.attr, filled.get(id(node)), f"{path.relative_to(ROOT)}:{node.lineno}"


USES = list(uses())


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_said_somewhere(name: str) -> None:
    assert [where for used, _, where in USES if used == name]


@pytest.mark.parametrize(("name", "given", "where"), USES, ids=lambda value: value if isinstance(value, str) else "")
def test_every_text_is_filled_in_with_what_it_asks_for(name: str, given: set[str] | None, where: str) -> None:
    if name in TEXTS:
        assert (given or set()) == fields(TEXTS[name]), where


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_clean(name: str) -> None:
    text = TEXTS[name]
    assert text == text.strip()
    assert "  " not in text
    assert not {"!", "—"} & set(text)
    assert all(
        word not in text.lower() for word in ("sorry", "oops", "unfortunately", "invalid", "illegal", "please note")
    )
