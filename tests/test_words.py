"""The catalogue: every text is used, and filled in with exactly what it asks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

import pytest

from bot import words
from bot.transfers import State

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "bot" / "words"
PARTS = sorted(path.stem for path in CATALOGUE.glob("*.py") if path.stem != "__init__")
TEXTS = {name: text for name, text in vars(words).items() if name.isupper() and isinstance(text, str)}
TABLES = {name: table for name, table in vars(words).items() if name.isupper() and isinstance(table, Mapping)}
EVERY_TEXT = TEXTS | {f"{name}, {key}": text for name, table in TABLES.items() for key, text in table.items()}
# What no treasurer should have to look up, and what blames or flatters instead of telling.
JARGON = ("ephemeral", "payload", "outbox", "webhook", "response_url", "callback", "null", "exception", "enum")
MANNERS = ("sorry", "oops", "unfortunately", "invalid", "illegal", "please note", "your fault", "successfully")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def assigned() -> Iterator[tuple[str, str]]:
    """Every name the files of the catalogue give a text, and the file."""
    for part in PARTS:
        for node in ast.parse((CATALOGUE / f"{part}.py").read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    yield ast.unparse(target), part


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


def test_it_is_one_catalogue_with_every_name_once() -> None:
    names = [name for name, _ in assigned()]
    assert sorted(names) == sorted(set(names))
    assert set(names) == {*TEXTS, *TABLES}


@pytest.mark.parametrize("name", [*TEXTS, *TABLES])
def test_every_text_is_said_somewhere(name: str) -> None:
    assert [where for used, _, where in USES if used == name]


@pytest.mark.parametrize(("name", "given", "where"), USES, ids=lambda value: value if isinstance(value, str) else "")
def test_every_text_is_filled_in_with_what_it_asks_for(name: str, given: set[str] | None, where: str) -> None:
    if name in TEXTS:
        assert (given or set()) == fields(TEXTS[name]), where


@pytest.mark.parametrize("name", ["HEAD", "IN_WORDS"])
def test_every_state_has_words(name: str) -> None:
    assert set(TABLES[name]) == set(State)


@pytest.mark.parametrize("name", EVERY_TEXT)
def test_every_text_is_clean(name: str) -> None:
    text = EVERY_TEXT[name]
    assert text == text.strip()
    assert "  " not in text
    assert not {"!", "—"} & set(text)
    assert all(word not in text.lower() for word in JARGON + MANNERS)


@pytest.mark.parametrize("name", EVERY_TEXT)
def test_every_text_is_short(name: str) -> None:
    assert len(EVERY_TEXT[name]) <= 250
