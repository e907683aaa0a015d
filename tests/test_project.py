"""The project as a whole: what is locked, what is told to the reader, how big things are, which way imports point."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

from bot.config_file import DeskFile, DeskTable, ExchangeTable, RuleTable, SlackTable
from bot.errors import SettingsError
from bot.paths import config_path, database_path
from bot.settings import load_settings

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-report.lock", "requirements-explore.lock", "requirements-dev.lock")
# Of an environment of its own, where nothing of the desk is installed.
BENCH_LOCK = "requirements-bench.lock"

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def modules(*folders: str) -> dict[str, Path]:
    """Every Python file below some folders, by its dotted name."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


PRODUCT = modules("bot", "handlers")
EVERYTHING = PRODUCT | modules("tests")


# Locks


@pytest.mark.parametrize("lock", [*LOCKS, BENCH_LOCK])
def test_a_lock_names_no_index_and_no_address(lock: str) -> None:
    text = read(lock)
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|-e|--(?!hash=)\S+)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", [*LOCKS, BENCH_LOCK])
def test_everything_locked_has_one_version_and_hashes(lock: str) -> None:
    lines = [line.split("#")[0].rstrip() for line in read(lock).replace("\\\n", " ").split("\n")]
    entries = [line for line in lines if line.strip()]
    assert entries
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9._-]+==[^\s;]+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+", entry), entry[:80]


def named(requirement: str) -> str:
    """The name of what a requirement asks for, as locks write it."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def locked(lock: str) -> set[str]:
    return {named(line) for line in read(lock).split("\n") if "==" in line}


def test_every_dependency_is_locked() -> None:
    wanted = {named(text) for text in [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]}
    assert wanted <= locked("requirements.lock")
    for extra, asked in PROJECT["project"]["optional-dependencies"].items():
        assert wanted | {named(text) for text in asked} <= locked(f"requirements-{extra}.lock")
        assert {named(text) for text in asked} <= {named(text) for text in PROJECT["dependency-groups"]["dev"]}
    wanted |= {named(text) for text in PROJECT["dependency-groups"]["dev"]}
    assert wanted <= locked("requirements-dev.lock")
    assert {named(text) for text in PROJECT["dependency-groups"]["bench"]} <= locked(BENCH_LOCK)


@pytest.mark.parametrize("lock", LOCKS[:-1])
def test_tests_run_against_the_versions_that_are_shipped(lock: str) -> None:
    shipped = {line.split()[0] for line in read(lock).split("\n") if "==" in line}
    tested = {line.split()[0] for line in read("requirements-dev.lock").split("\n") if "==" in line}
    assert shipped <= tested


def test_every_package_is_installed() -> None:
    packages = {name for name, path in PRODUCT.items() if path.name == "__init__.py"}
    folders = {".".join(path.relative_to(ROOT).parent.parts) for path in PRODUCT.values()}
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == sorted(packages) == sorted(folders)


# What the reader is told


class Noticed(dict[str, str]):
    """An environment that notices what is asked of it."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return default


def test_the_readme_names_every_variable() -> None:
    environ = Noticed()
    config_path(environ)
    database_path(environ)
    with pytest.raises(SettingsError):
        load_settings(environ, ["htx", "coinw"])
    assert {"SLACK_BOT_TOKEN", "TRANSFERDESK_CONFIG", "HTX_SECRET_KEY", "HTX_SECRET_KEY_FILE"} <= environ.asked
    readme = read("README.md")
    missing = {name for name in environ.asked if name.removesuffix("_FILE") not in readme}
    assert not missing
    assert "_FILE" in readme


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_names_the_commands_that_are_there(command: str) -> None:
    assert command in read("README.md")
    assert re.search(rf"^{command.removeprefix('make ')}:", read("Makefile"), re.MULTILINE)


@pytest.mark.parametrize("table", [SlackTable, ExchangeTable, DeskTable, RuleTable])
def test_the_example_shows_every_key(table: Any) -> None:
    example = read("desk.example.toml")
    # A key that is not supported yet takes nothing but its absence.
    keys = [field.alias or name for name, field in table.model_fields.items() if field.annotation is not type(None)]
    assert not [key for key in keys if not re.search(rf"^(# )?{key} = ", example, re.MULTILINE)]


def test_the_example_shows_every_table() -> None:
    example = read("desk.example.toml")
    assert not [name for name in DeskFile.model_fields if not re.search(rf"^\[+{name}\b", example, re.MULTILINE)]


# How big things are


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_module_is_longer_than_it_may_be() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").split("\n")) - 1 for name, path in EVERYTHING.items()}
    assert not {name: length for name, length in lengths.items() if length > MODULE_LINES_MAX}


def test_no_function_is_longer_than_it_may_be() -> None:
    lengths = {
        f"{name}.{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for name, path in EVERYTHING.items()
        for function in functions(path)
    }
    assert not {name: length for name, length in lengths.items() if length > FUNCTION_LINES_MAX}


# Which way imports point

# These decide what happens to money or what people read; they must give the same answer every time.
PURE = {
    "bot.errors",
    "bot.findings",
    "bot.accounts",
    "bot.amounts",
    "bot.text",
    "bot.examples",
    "bot.filters",
    "bot.grammar",
    "bot.commands",
    "bot.transfer_line",
    "bot.policy",
    "bot.policy.rules",
    "bot.policy.decide",
    "bot.policy.why",
    "bot.policy.explained",
    "bot.evidence",
    "bot.reconcile",
    "bot.report",
    "bot.statement",
    "bot.witness",
    "bot.transfers",
    "bot.words",
    "bot.words.answers",
    "bot.words.cards",
    "bot.words.views",
    "bot.exchanges.htx_codes",
    "bot.exchanges.coinw_codes",
    "bot.journal.chain",
    "handlers.cards",
    "handlers.standing",
}
CALCULATES = {
    "__future__",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "functools",
    "itertools",
    "zoneinfo",
    "enum",
    "hashlib",
    "json",
    "re",
    "types",
    "typing",
    "unicodedata",
}


def imports(name: str) -> set[str]:
    """What a module imports, wherever in its text, as dotted names."""
    path, found = EVERYTHING[name], set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            # `from bot.desk import sending` imports a module, `from bot.desk import Desk` a name of the package.
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {part if part in PRODUCT else str(node.module) for part in parts}
    return found


def below(imported: str, *packages: str) -> bool:
    return any(imported == package or imported.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("name", sorted(PURE))
def test_a_pure_module_does_no_input_or_output(name: str) -> None:
    foreign = {imported for imported in imports(name) if not below(imported, "bot", "handlers")}
    assert {imported.split(".")[0] for imported in foreign} <= CALCULATES


@pytest.mark.parametrize("name", sorted(PURE - {"handlers.cards"}))
def test_a_pure_module_of_the_desk_imports_only_pure_ones(name: str) -> None:
    assert {imported for imported in imports(name) if below(imported, "bot", "handlers")} <= PURE


def test_the_desk_knows_no_slack() -> None:
    may = {name for name in PRODUCT if below(name, "handlers", "bot.app", "bot.cli.selftest_crash", "bot.sandbox")}
    knows = {
        name
        for name in PRODUCT
        if any(below(imported, "slack_sdk", "slack_bolt", "handlers") for imported in imports(name))
    }
    assert knows <= may


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (("bot.journal",), ("bot.desk", "bot.lanes", "bot.exchanges", "bot.app", "bot.cli", "bot.sandbox")),
        (("bot.desk",), ("bot.lanes", "bot.exchanges", "bot.app", "bot.cli", "bot.sandbox")),
        (("bot.exchanges",), ("bot.desk", "bot.journal", "bot.lanes", "bot.app", "bot.cli", "bot.sandbox")),
        (("bot.lanes",), ("bot.journal.database", "bot.app", "bot.cli", "bot.sandbox")),
        (("handlers",), ("bot.exchanges", "bot.lanes", "bot.app", "bot.cli", "bot.sandbox")),
        # A look-alike that shared the adapters' code would agree with their mistakes.
        (("bot.sandbox.exchange_htx", "bot.sandbox.exchange_coinw", "bot.sandbox.signatures"), ("bot.exchanges",)),
    ],
)
def test_imports_point_one_way(inner: tuple[str, ...], outer: tuple[str, ...]) -> None:
    wrong = {
        f"{name} imports {imported}"
        for name in PRODUCT
        if below(name, *inner)
        for imported in imports(name)
        if below(imported, *outer)
    }
    assert not wrong


def test_there_are_no_circles() -> None:
    graph = {name: {imported for imported in imports(name) if imported in PRODUCT} for name in PRODUCT}
    assert list(TopologicalSorter(graph).static_order())


def test_nothing_of_the_product_imports_its_tests_or_test_tools() -> None:
    tools = ("pytest", "hypothesis", "respx", "pytest_socket", "yaml", "tests")
    assert not {name for name in PRODUCT if any(below(imported, *tools) for imported in imports(name))}
