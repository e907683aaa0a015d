"""One busy journal, made once; every test gets a copy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from audited import busy, copied


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return busy(tmp_path_factory.mktemp("busy"))


@pytest.fixture
def journal(made: Path, tmp_path: Path) -> Path:
    """A journal on which nearly everything happened, all of it as it should be."""
    return copied(made, tmp_path)
