"""`transferdesk explore`: a real Datasette over a snapshot of a real journal, on loopback."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from desk_bench import ALICE, BOB, DeskBench
from explorer import ROOT, START_S, Explorer, exploring, lived
from sqlite_utils.utils import sqlite3

from bot.transfers import Accepted

pytest.importorskip("datasette", reason="the extra is not installed")


QUERIES = ("open", "by_person", "by_route", "refused_attempts", "slow_approvals", "unknown")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskBench]:
    with lived(tmp_path_factory.mktemp("desk")) as bench:
        yield bench


@pytest.fixture(scope="module")
def explorer(desk: DeskBench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    with exploring(desk, tmp_path_factory.mktemp("explore") / "tmp") as explorer:
        # What a stranger gets before anybody was let in is part of `test_nobody_is_let_in_without_the_link`.
        assert explorer.stranger.get("/").status_code == 403
        explorer.let_in()
        yield explorer


# What it says --------------------------------------------------------------------------------------------------------


def test_what_is_open_is_listed_with_names(explorer: Explorer) -> None:
    found = [(row["transfer"], row["state"], row["requester"], row["amount"]) for row in explorer.rows("open")]
    assert found == [
        ("T3", "approved", "bob", "1000"),
        ("T5", "unknown", "alice", "8"),
        ("T6", "awaiting_approval", "alice", "600"),
    ]


def test_what_people_asked_for_is_added_up_to_the_last_digit(explorer: Explorer) -> None:
    everybody = {row["person"]: (row["transfers"], row["done"], row["moved"]) for row in explorer.rows("by_person")}
    assert everybody == {"alice": (5, 3, "257.3"), "bob": (1, 0, "0")}
    assert [row["person"] for row in explorer.rows("by_person", person="bob")] == ["bob"]
    assert [row["person"] for row in explorer.rows("by_person", person=ALICE.user)] == ["alice"]


def test_routes_are_added_up(explorer: Explorer) -> None:
    found = {(row["source"], row["destination"]): (row["transfers"], row["moved"]) for row in explorer.rows("by_route")}
    assert found == {
        ("htx:spot", "htx:linear-swap"): (3, "250.3"),
        ("htx:linear-swap", "htx:spot"): (2, "7"),
        ("htx:spot", "htx:linear-swap/BTC-USDT"): (1, "0"),
    }


def test_refused_attempts_say_who_tried_what(explorer: Explorer) -> None:
    (row,) = explorer.rows("refused_attempts")
    assert (row["person"], row["attempt"]) == ("alice", "9999 usdt htx:spot -> htx:linear-swap")
    assert "1,000" in row["why"]


def test_slow_approvals_come_slowest_first(explorer: Explorer) -> None:
    # Since the clock of this desk stands in November 2026, what still waits has waited for no time that can be told.
    found = {row["transfer"]: (row["ended"], row["approved_by"]) for row in explorer.rows("slow_approvals")}
    assert found == {"T3": ("approved", "carol"), "T6": ("still waiting", None)}
    (slow,) = [row for row in explorer.rows("slow_approvals") if row["transfer"] == "T3"]
    assert slow["minutes"] == 42.0
    minutes = [row["minutes"] for row in explorer.rows("slow_approvals")]
    assert minutes == sorted(minutes, reverse=True)


def test_what_was_unknown_is_told_with_how_it_ended(explorer: Explorer) -> None:
    found = [(row["transfer"], row["state"], row["settled_by"]) for row in explorer.rows("unknown")]
    assert found == [("T5", "unknown", "nobody yet"), ("T4", "succeeded", "people")]
    (settled,) = [row for row in explorer.rows("unknown") if row["transfer"] == "T4"]
    assert settled["minutes"] == 6.0


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_has_a_page_that_says_what_it_tells(explorer: Explorer, query: str) -> None:
    page = explorer.browser.get(f"/journal/{query}")
    listed = explorer.browser.get("/journal")
    about = explorer.browser.get("/-/metadata.json").json()["databases"]["journal"]["queries"][query]
    assert page.status_code == 200
    assert about["title"] in page.text
    assert about["description"].split(",")[0] in page.text
    assert f"/journal/{query}" in listed.text


def test_columns_say_what_they_are(explorer: Explorer) -> None:
    page = explorer.browser.get("/journal/transfers").text
    assert "Slack user id of who asked for it." in page
    assert "One row a transfer" in page


def test_charts_have_their_figures_and_everything_they_are_drawn_with(explorer: Explorer) -> None:
    page = explorer.browser.get("/-/dashboards/desk")
    charts = explorer.browser.get("/-/metadata.json").json()["plugins"]["datasette-dashboards"]["desk"]["charts"]
    assert set(charts) == {"ended", "moved", "approvals", "refused"}
    for chart in charts.values():
        answer = explorer.ask(chart["query"])
        assert answer.status_code == 200, answer.text
        fields = {one.get("field") for one in chart["display"]["encoding"].values()} - {None}
        assert answer.json()["rows"]
        assert fields <= set(answer.json()["rows"][0])
    loaded = re.findall(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"', page.text)
    scripts = [address for address in loaded if "vega" in address]
    assert len(scripts) == 3
    for address in loaded:
        assert not urlsplit(address).netloc, "nothing is loaded from elsewhere"
        assert explorer.browser.get(address).status_code == 200


# Who is let in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/journal", "/journal/open.json", "/journal/transfers", "/journal.json?sql=select+1", "/journal.db"),
        *("/-/dashboards", "/-/dashboards/desk", "/-/metadata.json", "/-/plugins.json", "/-/databases.json"),
    ],
)
def test_nobody_is_let_in_without_the_link(explorer: Explorer, path: str) -> None:
    answer = explorer.stranger.get(path)
    assert answer.status_code in (403, 404)
    assert "alice" not in answer.text


def test_the_link_opens_once(explorer: Explorer) -> None:
    answer = explorer.stranger.get(explorer.link)
    assert (answer.status_code, answer.cookies) == (403, httpx.Cookies())


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "[::1]", ""])
def test_a_page_of_another_name_gets_nothing_even_with_the_cookie(explorer: Explorer, host: str) -> None:
    answer = explorer.browser.get("/journal/open.json", headers={"Host": host})
    assert answer.status_code == 403 if host else answer.status_code in (400, 403)
    assert "alice" not in answer.text


def test_every_answer_forbids_what_is_elsewhere(explorer: Explorer) -> None:
    for answer in (explorer.browser.get("/"), explorer.stranger.get("/"), explorer.browser.get("/-/dashboards/desk")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "connect-src 'self'" in policy
        assert "access-control-allow-origin" not in answer.headers


# What it does not do -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/journal/transfers.csv", "/journal/transfers.csv?_stream=1", "/journal/open.csv", "/journal.csv?sql=select+1"],
)
def test_no_csv_is_given_out(explorer: Explorer, path: str) -> None:
    answer = explorer.browser.get(path)
    assert (answer.status_code, "audit export" in answer.text) == (403, True)
    for disguised in (path.replace("csv", "%63sv"), path.replace(".csv", "~2Ecsv"), path.replace("csv", "CSV")):
        assert "T3" not in explorer.browser.get(disguised).text


def test_the_file_is_not_given_out(explorer: Explorer) -> None:
    assert explorer.browser.get("/journal.db").status_code in (403, 404)


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM transfers", "ATTACH '/etc/passwd' AS x", "PRAGMA journal_mode = wal", "SELECT load_extension('x')"],
)
def test_queries_only_read(explorer: Explorer, sql: str) -> None:
    assert explorer.ask(sql).status_code == 400
    assert explorer.rows("open")


def test_the_snapshot_is_not_the_journal_and_is_its_owners_alone(explorer: Explorer, desk: DeskBench) -> None:
    (folder,) = explorer.copies()
    (copy,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert not copy.samefile(desk.path)
    before = explorer.rows("open")
    desk.proposed("5 usdt htx:spot -> htx:linear-swap", BOB)
    assert explorer.rows("open") == before
    assert desk.read("SELECT count(*) FROM sqlite_master WHERE name = 'people'") == [(0,)]


# Beginning and end ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_behind(bench: DeskBench, tmp_path: Path, number: signal.Signals) -> None:
    bench.settled(Accepted("1"))
    with exploring(bench, tmp_path / "tmp") as explorer:
        explorer.let_in()
        assert explorer.rows("by_person")[0]["moved"] == "250"
        assert len(explorer.copies()) == 1
        assert explorer.end(number) == 0
        assert explorer.copies() == []


def test_a_backup_is_shown_without_names_where_there_is_no_desk_toml(bench: DeskBench, tmp_path: Path) -> None:
    bench.settled(Accepted("1"))
    backup = tmp_path / "desk.bak"
    done = subprocess.run(
        [sys.executable, "-m", "bot", "backup", str(backup)],
        env={**os.environ, "TRANSFERDESK_DATABASE": str(bench.path)},
        cwd=ROOT,
        timeout=START_S,
    )
    assert done.returncode == 0
    (bench.folder / "desk.toml").unlink()
    with exploring(bench, tmp_path / "tmp", str(backup)) as explorer:
        explorer.let_in()
        assert explorer.rows("by_person")[0]["person"] == ALICE.user


@pytest.mark.parametrize("version", ["before_agreement", "before_touch"])
def test_a_backup_of_an_older_version_answers_every_query(bench: DeskBench, tmp_path: Path, version: str) -> None:
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript((ROOT / "tests/audit/journals" / f"{version}.sql").read_text(encoding="utf-8"))
    before = old.read_bytes()
    with exploring(bench, tmp_path / "tmp", str(old)) as explorer:
        explorer.let_in()
        for query in QUERIES:
            explorer.rows(query)
        assert explorer.rows("by_person")
    assert old.read_bytes() == before


def explore(folder: Path, *arguments: str, start: tuple[str, ...] = ("-m", "bot")) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *start, "explore", *arguments],
        capture_output=True,
        text=True,
        timeout=START_S,
        cwd=ROOT,
        env={**os.environ, "TRANSFERDESK_DATABASE": str(folder / "desk.db"), "TMPDIR": str(folder)},
    )


def test_without_the_extra_there_is_one_line(tmp_path: Path) -> None:
    without = "import sys; sys.modules['datasette'] = None; from bot.cli import main; main()"
    done = explore(tmp_path, start=("-c", without))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "For this install Datasette: `pip install --require-hashes -r requirements-explore.lock`.\n"


def test_without_a_journal_there_is_one_line_and_nothing_left(tmp_path: Path) -> None:
    done = explore(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path / 'desk.db'}: there is no such file\n"
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said(explorer: Explorer, desk: DeskBench) -> None:
    taken = str(urlsplit(explorer.base).port)
    done = explore(desk.folder, "--port", taken)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {taken} cannot be used" in done.stderr
    assert "choose another with --port" in done.stderr


def test_a_fresh_journal_has_pages_too(bench: DeskBench, tmp_path: Path) -> None:
    with exploring(bench, tmp_path / "tmp") as explorer:
        explorer.let_in()
        assert explorer.rows("open") == []
        assert explorer.browser.get("/-/dashboards/desk").status_code == 200
