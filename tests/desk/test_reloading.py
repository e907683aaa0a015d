"""A policy comes into force while the desk runs: whole or not at all, on record, and told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from desk_bench import BOB, SNAPSHOT, DeskBench, rule_says

from bot.config import load_config
from bot.errors import JournalError
from bot.journal import Transaction
from bot.transfers import Accepted, State

EDITED = ('per_transfer = "1000"', 'per_transfer = "900"')
TIGHTER = ('per_transfer = "1000"', 'per_transfer = "100"')


def in_force(bench: DeskBench) -> str:
    return bench.desk.house.config.hash


def test_another_policy_is_in_force_at_once(bench: DeskBench) -> None:
    before = in_force(bench)
    bench.reload(TIGHTER)
    assert in_force(bench) != before
    assert "allows up to 100 USDT" in bench.ask()
    assert (bench.desk.house.fingerprints, bench.desk.house.factors) == (bench._keys, bench.factors)


def test_every_event_names_the_policy_in_force(bench: DeskBench) -> None:
    first = in_force(bench)
    bench.ask()
    bench.reload(EDITED)
    second = in_force(bench)
    bench.ask()
    bench.restart(('per_transfer = "900"', 'per_transfer = "800"'))
    bench.ask()
    assert {event.kind: event.data["policy"] for event in bench.events() if event.data["policy"] == second} == {
        "policy_loaded": second,
        "asked_again": second,
        "proposed": second,
    }
    assert [event.data["policy"] for event in bench.events("proposed")] == [first, second, in_force(bench)]
    assert all(event.data["policy"] for event in bench.events())


def test_each_policy_is_kept_by_its_hash_with_its_text(bench: DeskBench) -> None:
    texts = {in_force(bench): bench.desk.house.config.text}
    for edit in (EDITED, (EDITED[1], 'per_transfer = "800"')):
        bench.reload(edit)
        texts[in_force(bench)] = bench.desk.house.config.text
    assert dict(bench.read("SELECT hash, text FROM policies")) == texts
    bench.reload(('per_transfer = "800"', EDITED[0]))  # the first one again
    assert dict(bench.read("SELECT hash, text FROM policies")) == texts


def test_it_is_told_in_the_audit_channel(bench: DeskBench) -> None:
    before = in_force(bench)
    bench.reload(EDITED)
    (event,) = bench.events("policy_loaded")
    assert (event.actor, event.transfer_id) == ("desk", None)
    assert (event.data["before"], event.data["policy"], event.data["rules"]) == (before, in_force(bench), 2)
    assert [(parcel.kind, parcel.event_seq) for parcel in bench.parcels()] == [("audit", event.seq)]


def test_one_that_cannot_be_loaded_changes_nothing_and_is_told(bench: DeskBench) -> None:
    before, transfer = in_force(bench), bench.approved()
    bench.post()
    bench.desk.keep_policy("desk.toml: not valid TOML: " + "x" * 5000).result()
    (event,) = bench.events("policy_kept")
    assert (event.actor, event.data["policy"], len(event.data["why"])) == ("desk", before, 1500)
    assert [(parcel.kind, parcel.event_seq) for parcel in bench.parcels()] == [("audit", event.seq)]
    assert (in_force(bench), bench.get(1)) == (before, transfer)


def test_what_differs_is_asked_again_or_blocked_and_the_rest_stays_in_the_same_transaction(bench: DeskBench) -> None:
    proposed, approved = bench.proposed(), bench.approved("90 usdt htx:spot -> htx:linear-swap")
    other = bench.approved("10 usdt coinw:master -> coinw:maker", BOB)
    done = bench.settled(Accepted("1"), "300 usdt htx:linear-swap -> htx:spot")
    late = bench.proposed("1 usdt htx:spot -> htx:linear-swap")
    bench.tamper("UPDATE transfers SET deadline = '2026-11-21T10:15:00.000Z' WHERE id = ?", late.id)
    before = {one.id: bench.get(one.id) for one in (other, done)}
    head = len(bench.events())
    bench.reload(TIGHTER)
    states = {one.id: bench.state(one) for one in (proposed, approved, late)}
    assert states == {proposed.id: "blocked", approved.id: "proposed", late.id: "expired"}
    assert {one.id: bench.get(one.id) for one in (other, done)} == before
    assert [event.kind for event in bench.events()[head:]] == ["policy_loaded", "blocked", "asked_again", "expired"]


def test_what_is_on_its_way_is_left_alone_and_settles(bench: DeskBench) -> None:
    sending = bench.sending()
    bench.reload(TIGHTER)
    assert bench.get(1) == sending
    bench.desk.settle(1, Accepted("1")).result()
    assert bench.state(sending) == "succeeded"


def test_the_same_file_again_asks_nobody_again(bench: DeskBench) -> None:
    transfer = bench.approved()
    bench.reload()
    assert bench.get(1) == transfer


def test_an_edit_elsewhere_leaves_what_waits_alone_whatever_has_become_of_its_limits(bench: DeskBench) -> None:
    bench.restart(rule_says('per_day = "1000"'))
    transfer = bench.proposed("600 usdt htx:spot -> htx:linear-swap")
    bench.settled(Accepted("1"), "500 usdt htx:linear-swap -> htx:spot")
    bench.reload(("resolve_by = 2", "resolve_by = 1"))
    assert bench.get(transfer.id) == transfer
    bench.confirm(transfer)
    assert bench.state(transfer) == "blocked"


def test_a_journal_that_refuses_leaves_the_old_policy_in_force(bench: DeskBench) -> None:
    before, transfer = in_force(bench), bench.approved()
    bench.tamper("CREATE TRIGGER full BEFORE INSERT ON policies BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(JournalError):
        bench.reload(TIGHTER)
    assert in_force(bench) == before
    assert bench.get(1) == transfer
    bench.tamper("DROP TRIGGER full")
    bench.ask("1 usdt htx:spot -> htx:linear-swap")
    assert bench.events("proposed")[-1].data["policy"] == before
    assert bench.events("policy_loaded") == []


def test_whatever_is_done_next_is_done_under_the_new_policy(
    threaded_bench: DeskBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However late the one who loads it gets to run again."""
    bench = threaded_bench
    transfer = bench.approved()
    run, seen = bench.journal.run, []

    def slow_to_return(fn: Callable[[Transaction], Any], not_after: float | None = None, **more: float) -> Future[Any]:
        future = run(fn, not_after, **more)
        seen.append(run(lambda tx: (tx.policy, in_force(bench))).result())
        return future

    config = _edited(bench)
    monkeypatch.setattr(bench.journal, "run", slow_to_return)
    bench.desk.reload(config).result()
    monkeypatch.undo()
    assert seen == [(config.hash, config.hash)]
    assert bench.desk.claim(transfer.id, SNAPSHOT).result() is None


def test_a_claim_queued_behind_a_reload_is_judged_by_the_new_policy(threaded_bench: DeskBench) -> None:
    bench = threaded_bench
    transfer = bench.approved()
    bench.desk._ask_around()
    bench.desk.attended = False
    gate = threading.Event()
    held = bench.journal.run(lambda _: gate.wait(10))
    reloaded = bench.desk.reload(_edited(bench))
    claimed = bench.desk.claim(transfer.id, SNAPSHOT)
    gate.set()
    assert held.result()
    assert claimed.result() is None
    assert reloaded.result() is None
    assert bench.get(1).state is State.BLOCKED


def _edited(bench: DeskBench) -> Any:
    file = bench.folder / "desk.toml"
    file.write_text(file.read_text().replace(*TIGHTER))
    return load_config(file)
