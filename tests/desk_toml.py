"""desk.toml for tests: the example with some of its texts replaced, and what a file is refused with."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config, load_config
from bot.errors import ConfigError

EXAMPLE = (Path(__file__).parents[1] / "desk.example.toml").read_text(encoding="utf-8")
LIMIT = 'per_transfer = "250000"'
CURRENCIES = 'currencies = ["USDT"]'


def edited(*edits: tuple[str, str]) -> str:
    """The example with its first occurrence of each text replaced."""
    text = EXAMPLE
    for before, after in edits:
        assert before in text, f"the example no longer says {before}"
        text = text.replace(before, after, 1)
    return text


def written(folder: Path, text: str) -> Path:
    path = folder / "desk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str) -> Config:
    return load_config(written(folder, text))


def problems(folder: Path, text: str) -> list[str]:
    """The lines a file is refused with, each without the file's name, which all of them must have."""
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    lines = str(caught.value).split("\n")
    start = f"{folder / 'desk.toml'}: "
    assert all(line.startswith(start) for line in lines)
    return [line.removeprefix(start) for line in lines]
