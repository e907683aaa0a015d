"""The thread that steps a lane: woken, stopped, and missed when it dies."""

from __future__ import annotations

import threading

import pytest
from clock import VirtualClock
from desk_bench import DeskBench, ScriptedExchange

from bot.lanes import Lane, Worker
from bot.transfers import Accepted, Outcome, State

PATIENCE_S = 10.0  # how long a real thread may take before a test fails


class Counter:
    """A stepper that counts its steps and then wants to wait for very long."""

    def __init__(self, wait_s: float = 3600.0) -> None:
        self.steps = threading.Semaphore(0)
        self._wait_s = wait_s

    def step(self) -> float:
        self.steps.release()
        return self._wait_s

    def stepped(self) -> bool:
        """Wait for one more step."""
        return self.steps.acquire(timeout=PATIENCE_S)


def test_a_wake_up_ends_the_wait() -> None:
    counter = Counter()
    worker = Worker("lane htx", counter, pytest.fail)
    worker.start()
    assert counter.stepped()
    worker.wake()
    assert counter.stepped()
    worker.stop()
    assert worker.join(PATIENCE_S)


def test_one_wake_up_is_one_step() -> None:
    counter = Counter()
    worker = Worker("lane htx", counter, pytest.fail)
    worker.start()
    assert counter.stepped()
    worker.wake()
    assert counter.stepped()
    assert not counter.steps.acquire(timeout=0.05)
    worker.stop()
    assert worker.join(PATIENCE_S)


def test_stopping_ends_the_wait_without_another_step() -> None:
    counter = Counter()
    worker = Worker("lane htx", counter, pytest.fail)
    worker.start()
    assert counter.stepped()
    worker.stop()
    assert worker.join(PATIENCE_S)
    assert not counter.steps.acquire(blocking=False)


def test_a_wake_up_during_a_step_is_not_lost() -> None:
    worker: Worker

    class WokenMeanwhile(Counter):
        def step(self) -> float:
            worker.wake()
            return super().step()

    counter = WokenMeanwhile()
    worker = Worker("lane htx", counter, pytest.fail)
    worker.start()
    assert all(counter.stepped() for _ in range(3))
    worker.stop()
    assert worker.join(PATIENCE_S)


def test_a_step_under_way_is_finished_and_the_wait_for_it_is_bounded() -> None:
    inside, may_end = threading.Event(), threading.Event()

    class Sending:
        def step(self) -> float:
            inside.set()
            may_end.wait(PATIENCE_S)
            return 3600.0

    worker = Worker("lane htx", Sending(), pytest.fail)
    worker.start()
    assert inside.wait(PATIENCE_S)
    worker.stop()
    assert not worker.join(0.01)
    may_end.set()
    assert worker.join(PATIENCE_S)


def test_a_dying_stepper_is_announced_without_its_own_words(caplog: pytest.LogCaptureFixture) -> None:
    dead: list[str] = []
    announced = threading.Event()

    class Dying:
        def step(self) -> float:
            raise RuntimeError("https://api.huobi.pro/?Signature=secret")

    def on_death(name: str) -> None:
        dead.append(name)
        announced.set()

    worker = Worker("lane htx", Dying(), on_death)
    worker.start()
    assert announced.wait(PATIENCE_S)
    assert worker.join(PATIENCE_S)
    assert dead == ["lane htx"]
    assert "lane htx stopped by RuntimeError" in caplog.text
    assert "Signature" not in caplog.text


def test_a_commit_wakes_a_lane_which_sends(threaded_bench: DeskBench, clock: VirtualClock) -> None:
    sent = threading.Event()
    exchange = ScriptedExchange(clock)

    def tell() -> Outcome:
        sent.set()
        return Accepted("1")

    exchange.answers.append(tell)
    worker = Worker("lane htx", Lane(exchange, threaded_bench.desk, clock), pytest.fail)
    threaded_bench.journal.on_commit(worker.wake)
    worker.start()
    threaded_bench.approved()
    assert sent.wait(PATIENCE_S)
    worker.stop()
    assert worker.join(PATIENCE_S)
    assert threaded_bench.get(1).state is State.SUCCEEDED


@pytest.mark.parametrize("dies", [False, True])
def test_what_is_left_to_do_at_its_end_is_done_in_its_own_thread(dies: bool) -> None:
    ended: list[str] = []

    class Stepping:
        def step(self) -> float:
            if dies:
                raise RuntimeError
            return 60.0

    worker = Worker("reader htx", Stepping(), lambda name: None, lambda: ended.append(threading.current_thread().name))
    worker.start()
    worker.stop()
    assert worker.join(PATIENCE_S)
    assert ended == ["reader htx"]
