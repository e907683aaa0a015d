"""A seed's life: which steps it takes, and the stage on which seeds run one after the other."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulation.life import Life, Result

STEPS_MIN, STEPS_MAX = 40, 110
CHUNK = 20

# What usually happens, with its weight.
USUAL = {
    "type_transfer": 6, "type_and_confirm": 12, "press_confirm": 8, "press_cancel": 2, "lane": 14, "deadlines": 2,
    "post": 10, "post_all": 8, "work": 5, "time": 5, "settle_unknown": 4, "look": 1, "cancel_by_command": 1,
}  # fmt: skip
# What happens where the same sum goes back and forth and answers get lost.
HURRIED = {
    "transfer_now": 14, "lose_an_answer": 4, "lane": 12, "work": 4, "time": 8, "post_all": 4, "move_by_hand": 8,
    "exchange_fault": 10, "settle_unknown": 2, "settle_patiently": 3, "lagging_records": 5,
}  # fmt: skip
# What a seed may have on top; each seed draws its own handful, so that some have one kind of trouble and some many.
TROUBLE = {
    "press_together": 3, "press_old_card": 3, "redeliver": 4, "deliver_twice": 3, "move_by_hand": 3,
    "exchange_fault": 10, "unreadable": 4, "lagging_records": 3, "slack_fault": 8, "slack_down": 2, "clock_step": 3,
    "clock_right": 2, "disk_full": 3, "disk_slow": 2, "crash_soon": 5, "restart": 3, "policy_edit": 2, "delete_card": 1,
    "policy_reload": 3, "freeze": 3, "standing": 3, "unasked": 3, "a_day": 1,
}  # fmt: skip
# What comes with rules that ask others.
AGREEING = {"transfer_now": 5, "lose_an_answer": 4, "agree": 12, "decide": 5, "decide_together": 3, "change_of_mind": 5}
# What comes with routes of two steps.
BY_THE_HUB = {"half_way": 8, "move_on": 6}
# Trouble that may come in between, while the desk waits for an exchange.
INTRUDING = ("freeze", "standing", "policy_reload")


def run_seed(seed: int, folder: Path, loop: asyncio.AbstractEventLoop) -> Result:
    """Run one seed to rest, or to the first broken promise."""
    life = Life(seed, folder, loop)

    def live() -> None:
        usual = HURRIED if life.steps.hurried else USUAL
        if life.rng.random() < (0.15 if life.steps.hurried else 0.6):
            life.steps.begin_with_agreement()
            usual = AGREEING | usual
        if life.steps.by_the_hub:
            usual = BY_THE_HUB | usual
        weights = usual | {name: TROUBLE[name] for name in life.rng.sample(sorted(TROUBLE), life.rng.randint(2, 11))}
        if "freeze" in weights:
            weights["unfreeze"] = 3
        life.steps.intruding = [getattr(life.steps, name) for name in INTRUDING if name in weights]
        names, shares = list(weights), list(weights.values())
        if life.rng.random() < 0.4:
            life.world.meanwhile = life.steps.meanwhile
        for step in range(1, life.rng.randint(STEPS_MIN, STEPS_MAX) + 1):
            life.step = step
            name = life.rng.choices(names, shares)[0]
            life.survive(getattr(life.steps, name))

    return life.run(live)


def run_chunk(seeds: range) -> list[Result]:
    """Run some seeds in one process; only failing ones bring their trace back."""
    with stage() as on_stage:
        results = [run_seed(seed, *on_stage) for seed in seeds]
    for result in results:
        if not result.problem:
            result.trace = []
    return results


def chunks(seeds: range) -> list[range]:
    """Cut seeds into what one process runs at a time."""
    return [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]


class OneThread(asyncio.SelectorEventLoop):
    """An event loop that nobody calls from another thread, so that it need not wake itself through a socket."""

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)


@contextmanager
def stage() -> Iterator[tuple[Path, asyncio.AbstractEventLoop]]:
    """Give a folder, in memory where that can be, and an event loop; and silence the product's logs."""
    logging.disable(logging.CRITICAL)
    memory = Path("/dev/shm")
    loop = OneThread()
    try:
        with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
            yield Path(folder), loop
    finally:
        loop.close()
        logging.disable(logging.NOTSET)
