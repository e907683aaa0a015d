"""The emergency stop from a shell: no order is lost, and whatever is in the file stops the desk."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from desk_bench import KEYS, SNAPSHOT, DeskBench

from bot.desk import Order
from bot.desk.freezing import REASON_MAX
from bot.freeze_file import ORDERS_MAX, FreezeFile
from bot.journal import EVERYTHING
from bot.lanes import ShellOrders
from bot.transfers import Transfer


def claim(bench: DeskBench, transfer: Transfer) -> Transfer | None:
    return bench.desk.claim(transfer.id, SNAPSHOT).result()


def order(bench: DeskBench, exchange: str = EVERYTHING, reason: str = "Slack is down") -> None:
    """What `transferdesk freeze` does, in a process of its own."""
    FreezeFile(bench.path).add(Order(exchange, reason, "root in a shell"))


def file_of(bench: DeskBench) -> Path:
    return bench.folder / "FREEZE"


def step(bench: DeskBench) -> None:
    ShellOrders(bench.desk, bench.freeze_file).step()


def test_a_shells_order_freezes_a_running_desk(bench: DeskBench) -> None:
    order(bench, "htx")
    step(bench)
    assert bench.frozen() == {"htx": ("root in a shell", "Slack is down")}
    assert [parcel.kind for parcel in bench.parcels()] == ["audit"]
    assert list(bench.folder.glob("*FREEZE*")) == []
    assert bench.unfreeze("htx") == "carol unfroze htx. What is confirmed and still in time leaves now."
    step(bench)
    assert bench.frozen() == {}


def test_a_shells_order_freezes_a_desk_that_is_down(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.close()
    order(bench)
    bench.open()
    assert list(bench.frozen()) == ["all"]
    assert bench.desk.what_next("htx").result().transfer is None
    assert claim(bench, transfer) is None


@pytest.mark.parametrize("last_look", ["claim", "what_next"])
def test_a_file_nobody_took_yet_is_heeded_by_the_lane(bench: DeskBench, last_look: str) -> None:
    transfer = bench.approved()
    order(bench, "htx")
    if last_look == "claim":
        assert claim(bench, transfer) is None
    else:
        assert bench.desk.what_next("htx").result().transfer is None
    assert bench.state(transfer) == "approved"
    assert list(bench.frozen()) == ["htx"]


@pytest.mark.parametrize("where", ["FREEZE", "FREEZE.taken"])
def test_an_order_already_moved_but_not_carried_out_is_heeded(bench: DeskBench, where: str) -> None:
    transfer = bench.approved()
    (bench.folder / where).touch()
    assert claim(bench, transfer) is None
    assert list(bench.frozen()) == ["all"]


def test_an_order_moved_while_a_claim_looks_is_not_missed(bench: DeskBench, monkeypatch: pytest.MonkeyPatch) -> None:
    order(bench)
    read_text, looked = Path.read_text, False

    def read_and_take(path: Path, encoding: str | None = None, errors: str | None = None) -> str:
        nonlocal looked
        try:
            return read_text(path, encoding, errors)
        finally:
            if not looked:
                looked = True
                FreezeFile(bench.path).take()

    monkeypatch.setattr(Path, "read_text", read_and_take)
    assert [given.exchange for given in bench.freeze_file.orders()] != []
    assert looked


def test_an_order_given_while_another_is_carried_out_is_not_lost(bench: DeskBench) -> None:
    order(bench, "htx")
    taken = bench.freeze_file.take()
    order(bench, "coinw")
    bench.desk.obey(taken).result()
    bench.freeze_file.done()
    assert list(bench.frozen()) == ["htx"]
    step(bench)
    assert sorted(bench.frozen()) == ["coinw", "htx"]


def test_an_order_that_was_carried_out_before_a_crash_is_one_freeze(bench: DeskBench) -> None:
    order(bench)
    bench.desk.obey(bench.freeze_file.take()).result()
    bench.restart()  # before `done`
    step(bench)
    assert len(bench.events("frozen")) == 1
    assert bench.freeze_file.orders() == ()


def test_orders_of_many_shells_at_once_are_all_kept(bench: DeskBench) -> None:
    with ThreadPoolExecutor(8) as shells:
        list(shells.map(lambda number: order(bench, f"exchange-{number}"), range(40)))
    assert {given.exchange for given in bench.freeze_file.orders()} == {f"exchange-{number}" for number in range(40)}


def test_unfreezing_counts_what_a_shell_ordered_a_moment_ago(bench: DeskBench) -> None:
    order(bench)
    assert bench.unfreeze() == "carol unfroze everything. What is confirmed and still in time leaves now."
    assert len(bench.events("frozen")) == 1


GARBAGE: dict[str, bytes] = {
    "touched": b"",
    "blank": b" \n\n",
    "words": b"stop everything!!",
    "cut-off": b'{"exchange": "htx", "rea',
    "not-text": b"\xff\xfe\x00\x01\x80",
    "control-characters": b"\x01\x02\x03",
    "a-list": b'["htx"]',
    "a-number": b"7",
    "no-exchange": b'{"reason": "x"}',
    "exchange-of-another-type": b'{"exchange": ["htx"], "reason": 5, "actor": null}',
    "exchange-not-here": b'{"exchange": "HTX", "reason": "x", "actor": "y"}',
    "half-a-character": b'{"exchange": "\\ud800", "reason": "\\ud800", "actor": "\\udfff"}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
def test_whatever_else_is_in_the_file_freezes_everything(bench: DeskBench, text: bytes) -> None:
    transfer = bench.approved()
    file_of(bench).write_bytes(text)
    assert claim(bench, transfer) is None
    step(bench)
    (why,) = bench.frozen().values()
    assert list(bench.frozen()) == ["all"]
    assert all(0 < len(said) <= REASON_MAX for said in why)
    assert claim(bench, transfer) is None
    assert not file_of(bench).exists()


def test_a_good_line_beside_a_bad_one_counts_for_itself(bench: DeskBench) -> None:
    order(bench, "htx")
    with file_of(bench).open("a") as file:
        file.write("and stop the rest too\n")
    step(bench)
    assert bench.frozen() == {
        "all": ("a shell", "and stop the rest too"),
        "htx": ("root in a shell", "Slack is down"),
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_cannot_be_read_freezes_everything(bench: DeskBench) -> None:
    transfer = bench.approved()
    file_of(bench).touch(0o000)
    assert claim(bench, transfer) is None
    assert list(bench.frozen()) == ["all"]


def test_a_folder_in_the_files_place_freezes_everything(bench: DeskBench) -> None:
    transfer = bench.approved()
    file_of(bench).mkdir()
    assert claim(bench, transfer) is None
    assert bench.frozen() == {"all": ("a shell", "a FREEZE file that cannot be read")}


def test_an_empty_file_is_still_an_order_when_another_is_added(bench: DeskBench) -> None:
    file_of(bench).touch()
    order(bench, "htx")
    step(bench)
    assert sorted(bench.frozen()) == ["all", "htx"]


def test_a_file_longer_than_is_read_freezes_everything(bench: DeskBench) -> None:
    lines = [json.dumps({"exchange": "htx"})] * ORDERS_MAX + [json.dumps({"exchange": "coinw"})]
    file_of(bench).write_text("\n".join(lines))
    step(bench)
    assert sorted(bench.frozen()) == ["all", "htx"]


def test_an_order_for_an_exchange_that_is_gone_freezes_what_is_there(bench: DeskBench) -> None:
    bench.close()
    order(bench, "htx")
    bench.open()
    assert list(bench.frozen()) == ["htx"]
    order(bench, "binance")
    step(bench)
    assert sorted(bench.frozen()) == ["all", "htx"]
    assert set(KEYS) == {"htx", "coinw"}


def test_orders_wait_while_the_journal_cannot_be_written(bench: DeskBench) -> None:
    order(bench)
    bench.journal.close()
    step(bench)
    assert [given.exchange for given in FreezeFile(bench.path).orders()] == [EVERYTHING]
    bench.open()
    step(bench)
    assert list(bench.frozen()) == ["all"]


@pytest.mark.parametrize("reason", ["x" * 5000, "two\nlines", "‮right to left", "\x1b[31mred"])
def test_a_shells_words_are_kept_as_one_short_printable_line(bench: DeskBench, reason: str) -> None:
    order(bench, "htx", reason)
    step(bench)
    ((_, kept),) = bench.frozen().values()
    assert kept.isprintable()
    assert 0 < len(kept) <= REASON_MAX
