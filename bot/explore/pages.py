"""What the pages show: queries people ask again and again, what tables and columns mean, and charts.

The queries are files of SQL beside this one: their first line is a title, those after it say what they tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from bot.journal.dictionary import KEPT, WORKING, Described

DATABASE = "journal"

_SQLITES_OWN = ("_sqlite_migrations", "sqlite_sequence")
_PEOPLE = Described(
    "What desk.toml called people when this snapshot was made; not of the journal.",
    {"user": "Slack user id.", "name": "Their name under [people]."},
)

_DAY: Mapping[str, Any] = {
    "field": "day",
    "type": "ordinal",
    "title": "Day (UTC)",
    "axis": {"labelAngle": 0, "labelOverlap": True},
}
# A scale of few transfers has marks between the whole numbers, too.
_WHOLE: Mapping[str, Any] = {"axis": {"labelExpr": "datum.value % 1 ? '' : format(datum.value, ',')"}}


def _amount(name: str) -> Mapping[str, Any]:
    return {"field": name, "type": "quantitative", "title": name.capitalize()}


def _kind(name: str) -> Mapping[str, Any]:
    return {"field": name, "type": "nominal", "title": name.capitalize()}


# What each chart's bars mean. Only Vega-Lite draws these: the plugin's own tables and figures would take what people
# typed for HTML.
_ENCODINGS: Mapping[str, Mapping[str, Any]] = {
    "ended": {"x": _DAY, "y": {**_amount("transfers"), **_WHOLE}, "color": _kind("state")},
    "moved": {"x": _DAY, "y": _amount("moved"), "color": _kind("currency")},
    "approvals": {
        "x": {**_amount("minutes"), "bin": {"maxbins": 30}},
        "y": {"aggregate": "count", "type": "quantitative", "title": "Transfers", **_WHOLE},
    },
    "refused": {"x": _DAY, "y": {**_amount("attempts"), **_WHOLE}, "color": _kind("person")},
}


def metadata(taken: str) -> dict[str, Any]:
    """Return everything Datasette shows beside the rows.

    Args:
        taken: when the snapshot was made, for people.
    """
    charts = {name: _chart(title, sql, _ENCODINGS[name]) for name, title, _, sql in _read("charts")}
    return {
        "title": "Transferdesk's journal",
        "description": f"A snapshot of {taken}: what happened since is not in it. Nothing here changes the journal.",
        # Whoever has the link that was printed, and nobody else on this machine.
        "allow": {"id": "root"},
        "databases": {DATABASE: {"queries": queries(), "tables": _tables()}},
        "plugins": {
            "datasette-dashboards": {
                "desk": {
                    "title": "The desk",
                    "description": "The last 90 days of the journal.",
                    "layout": [["ended", "moved"], ["approvals", "refused"]],
                    "charts": charts,
                }
            }
        },
    }


def queries() -> dict[str, dict[str, Any]]:
    """Return the queries by name, as Datasette takes them."""
    return {
        name: {"title": title, "description": about, "sql": sql, "hide_sql": True}
        for name, title, about, sql in _read("queries")
    }


def _read(folder: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, title, description and SQL of every file in a folder."""
    for file in sorted(files(__package__).joinpath(folder).iterdir(), key=lambda file: file.name):
        lines = file.read_text(encoding="utf-8").strip().split("\n")
        remarks = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
        yield file.name.removesuffix(".sql"), remarks[0], " ".join(remarks[1:]), "\n".join(lines[len(remarks) :])


def _tables() -> dict[str, dict[str, Any]]:
    shown = {name: _described(table) for name, table in KEPT.items()}
    hidden = {name: {**_described(table), "hidden": True} for name, table in WORKING.items()}
    for name in _SQLITES_OWN:
        hidden[name] = {"hidden": True}
    return {**shown, "people": _described(_PEOPLE), **hidden}


def _described(table: Described) -> dict[str, Any]:
    return {"description": table.about, "columns": dict(table.columns)}


def _chart(title: str, sql: str, encoding: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "db": DATABASE,
        "query": sql,
        "library": "vega-lite",
        "display": {
            "mark": {"type": "bar", "tooltip": True},
            "encoding": dict(encoding),
            # Beside saving a picture, the menu on a chart would offer to open it on a page elsewhere.
            "usermeta": {
                "embedOptions": {"actions": {"export": True, "source": False, "compiled": False, "editor": False}}
            },
        },
    }
