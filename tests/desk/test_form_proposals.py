"""A form may be sent again after a refusal; once it was taken it proposes nothing more."""

from __future__ import annotations

from dataclasses import replace

from desk_bench import COMMAND, DeskBench

from bot.desk import Refusal

TOO_MUCH = "5000 usdt htx:spot -> htx:linear-swap"


def send(bench: DeskBench, text: str = COMMAND, form: str = "form-1", sending: str = "a") -> str:
    ask = replace(bench.typed(text), key=f"{form}/{sending}")
    return bench.desk.take_form(ask, form, bench.soon).result()


def test_a_refusal_is_an_answer_of_its_own_kind_and_on_record(bench: DeskBench) -> None:
    assert isinstance(send(bench, TOO_MUCH), Refusal)
    assert len(bench.events("turned_away")) == 1
    bench.freeze()
    assert isinstance(send(bench, sending="b"), Refusal)
    assert len(bench.events("turned_away")) == 2


def test_after_a_refusal_the_form_can_be_mended_and_is_then_taken_once(bench: DeskBench) -> None:
    send(bench, TOO_MUCH)
    taken = send(bench, sending="b")
    assert taken.startswith("T1: ")
    assert not isinstance(taken, Refusal)
    before = bench.counts()["transfers"]
    assert send(bench, sending="b") == taken  # the same sending, delivered again
    assert send(bench, "7 usdt htx:spot -> htx:linear-swap", sending="c") == taken  # another sending of it
    assert bench.counts()["transfers"] == before == 1


def test_another_form_is_another_proposal(bench: DeskBench) -> None:
    send(bench)
    assert send(bench, form="form-2").startswith("T2: ")


def test_a_refused_sending_delivered_again_is_recorded_once(bench: DeskBench) -> None:
    first = send(bench, TOO_MUCH)
    before = bench.counts()
    assert send(bench, TOO_MUCH) == first
    assert bench.counts() == before
