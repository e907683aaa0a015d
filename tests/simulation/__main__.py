"""Run seeds: `python tests/simulation --seeds 1000 --first-seed 1`, or `make simulate SEEDS=1000 FIRST_SEED=1`."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from simulation.life import Result  # noqa: E402 - only now can it be found
from simulation.run import chunks, run_chunk, run_seed, stage  # noqa: E402

SHOWN_MAX = 5


def run_all(seeds: range, processes: int) -> Iterator[Result]:
    """Run all seeds side by side, in order."""
    if processes == 1 or len(chunks(seeds)) == 1:
        for chunk in chunks(seeds):
            yield from run_chunk(chunk)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for results in pool.imap(run_chunk, chunks(seeds)):
            yield from results


@click.command()
@click.option("--seeds", default=300, show_default=True, help="How many.")
@click.option("--first-seed", default=1, show_default=True)
@click.option("--processes", default=os.cpu_count() or 1, show_default=True)
@click.option("--trace", is_flag=True, help="Print every step, of seeds that hold as well.")
def main(seeds: int, first_seed: int, processes: int, trace: bool) -> None:
    """Run seeded simulations of the desk. Exit code 1 when a promise was broken."""
    tally: Counter[str] = Counter()
    began = time.monotonic()
    broken = []
    if trace:
        with stage() as on_stage:
            for seed in range(first_seed, first_seed + seeds):
                result = run_seed(seed, *on_stage)
                click.echo(result.report())
                tally.update(result.tally)
    else:
        every = run_all(range(first_seed, first_seed + seeds), processes)
        with click.progressbar(every, length=seeds, label="simulating", file=sys.stderr) as progress:
            for result in progress:
                tally.update(result.tally)
                if result.problem:
                    broken.append(result)
    for result in broken[:SHOWN_MAX]:
        click.echo(result.report() + "\n")
    if len(broken) > SHOWN_MAX:
        click.echo(f"broken too: seeds {', '.join(str(result.seed) for result in broken[SHOWN_MAX:])}")
    click.echo(told(tally, time.monotonic() - began))
    sys.exit(1 if tally["violations"] else 0)


def told(tally: Counter[str], seconds: float) -> str:
    """The last line: what was simulated, how it ended, how fast."""
    ends = sorted(name for name in tally if name.startswith("ended "))
    ended = ", ".join(f"{tally[name]} {name.removeprefix('ended ')}" for name in ends)
    lost = f"{tally['ever unknown']} lost their answer"
    counts = ", ".join(f"{tally[name]} {name}" for name in ("restarts", "crashes", "movements by hand", "undecidable"))
    by_the_hub = ", ".join(f"{tally[name]} {name}" for name in ("two steps", "tries", "sent back"))
    rate = tally["transfers"] / max(seconds, 0.001)
    return (
        f"{tally['seeds']} seeds, {tally['steps']} steps, {tally['transfers']} transfers ({ended}), {by_the_hub}, "
        f"{lost}, {counts}, {tally['violations']} violations, {rate:.0f} transfers/s"
    )


if __name__ == "__main__":
    main()
