"""What a process of the desk's costs: its start, its memory, and an hour of people at it.

python tests/bench/process.py [--json]
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

from figures import ROOT, Figure, Part, at, mb, median, ms, show

sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from procfs import Look, look  # noqa: E402 - only now can it be found
from scene import Scene  # noqa: E402
from soak import Soak, alone, soak  # noqa: E402

from bot.cli import COMMANDS  # noqa: E402
from bot.clock import SystemClock  # noqa: E402
from bot.sandbox.world import ALICE, TREASURY, World  # noqa: E402

ROUNDS = 7
STARTS = 5
HELP_MAX_S = 0.15
COMMANDS_AN_HOUR = 36_000
SOAK_WITHIN_S = 120.0
WARM_UP = 2 / 3  # of the soak: until then SQLite's page cache fills, and the allocator's arenas
GROWTH_MAX_MB = 2.0  # for 10,000 commands
FILES_SPREAD_MAX = 4  # a private answer under way holds one
TYPED_ALONE = 200
# Nothing `make install` leaves out; and the bytecode of the desk's own modules is kept, as pip does.
AS_INSTALLED = {
    "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "bench" / "as_installed"), str(ROOT)]),
    "PYTHONDONTWRITEBYTECODE": "",
}
BARE = "bare Bolt app"
LIBRARIES = "slack_bolt.adapter.socket_mode.aiohttp, slack_bolt.app.async_app, httpx, pydantic, sqlite_utils, pyotp"

SETTING = (
    f"Imports, `--help` and `check`: new processes in turn, medians of {ROUNDS} rounds; starts: of {STARTS}. The desk "
    "is `transferdesk run` in a process of its own, before a local Slack, HTX and CoinW behind real sockets; what it "
    "holds is read in /proc. The soak: eight people who type the next line when the last was acknowledged: two "
    "in three propose something and take it back. What `make install` leaves out, as numpy, no process sees."
)


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "TRANSFERDESK_"))}
    return kept | AS_INSTALLED


def imported(modules: str) -> float:
    """The seconds one new process takes to import something, its own start left out."""
    program = f"from time import perf_counter as now; begun = now(); import {modules}; print(now() - begun)"
    done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, check=True)
    return float(done.stdout)


def took(arguments: Sequence[str], variables: dict[str, str]) -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, *arguments], env=variables, capture_output=True, check=True)
    return perf_counter() - begun


def imports() -> list[Figure]:
    """The desk's modules beside the libraries it cannot do without."""
    names = {"the command line": "bot.cli", "the desk": "bot.app", "its libraries": LIBRARIES}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name, modules in names.items():
            seconds[name].append(imported(modules))
    desk, bare = seconds["the desk"], seconds["its libraries"]
    ratio = median([one / other for one, other in zip(desk, bare, strict=True)])
    beside = f"{ratio:.2f} × its libraries alone, {ms(median(bare))}"
    return [
        Figure("import of the command line", ms(median(seconds["the command line"]))),
        Figure("import of the whole desk", ms(median(desk)), beside),
    ]


def command_lines(folder: Path, variables: dict[str, str]) -> list[Figure]:
    """Everything a shell waits for before a command does its work."""
    lines = {"pass": ["-c", "pass"], "click": ["-c", "import click"], "--help": ["-m", "bot", "--help"]}
    lines |= {f"{name} --help": ["-m", "bot", name, "--help"] for name in COMMANDS}
    lines |= {"check": ["-m", "bot", "check"]}
    seconds: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(ROUNDS):
        for name, arguments in lines.items():
            seconds[name].append(took(arguments, environment() | variables))
    medians = {name: median(values) for name, values in seconds.items()}
    beside = f"{ms(medians['pass'])} for `python -c pass`, {ms(medians['click'])} with `import click`"
    slowest = max((name for name in lines if name.endswith(" --help")), key=lambda name: medians[name])
    ratio = f"{medians['check'] / medians['pass']:.1f} × `python -c pass`"
    limit, help_s = f"≤ {ms(HELP_MAX_S)}", medians["--help"]
    return [
        Figure("`transferdesk --help`", ms(help_s), beside, limit, help_s <= HELP_MAX_S),
        Figure(f"the slowest other, `{slowest}`", ms(medians[slowest]), beside),
        Figure("`transferdesk check`", ms(medians["check"]), ratio),
    ]


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    """A fresh world with a folder of its own."""
    world = World(SystemClock())
    await world.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            stage = Scene(world, Path(folder))
            stage.extra |= AS_INSTALLED
            yield stage
    finally:
        await world.stop()


async def first_ack(stage: Scene) -> None:
    await stage.desk_is_open()
    act = await stage.world.slack.slash(ALICE, TREASURY, "/transfer", "help")
    assert act.acked, act.failure


async def started(bare: bool) -> tuple[float, Look]:
    """Seconds from the start of a process to its first ack, and what it holds then."""
    async with scene() as stage:
        begun = perf_counter()
        if not bare:
            with stage.desk_process(stage.folder / "desk.log") as desk:
                await first_ack(stage)
                return perf_counter() - begun, look(desk.pid)
        variables = environment() | stage.environment
        program = [sys.executable, str(Path(__file__).parent / "bare.py"), "floor"]
        with subprocess.Popen(program, env=variables) as process:
            try:
                await first_ack(stage)
                return perf_counter() - begun, look(process.pid)
            finally:
                process.kill()


async def starts() -> list[Figure]:
    rounds = [(await started(bare=False), await started(bare=True)) for _ in range(STARTS)]
    ratio = median([desk_s / bare_s for (desk_s, _), (bare_s, _) in rounds])
    desk_s, bare_s = (median([one[which][0] for one in rounds]) for which in (0, 1))
    held, bare_held = (median([one[which][1].resident for one in rounds]) for which in (0, 1))
    return [
        Figure("start to first ack", ms(desk_s), f"{ratio:.2f} × a {BARE}, {ms(bare_s)}"),
        Figure("memory at the first ack", mb(held), f"{held / bare_held:.2f} × a {BARE}, {mb(bare_held)}"),
    ]


async def soaked() -> tuple[list[Figure], str]:
    """An hour's commands at one desk."""
    async with scene() as stage:
        with stage.desk_process(stage.folder / "desk.log") as desk:
            await first_ack(stage)
            await stage.acts.type(ALICE, "5 usdt htx:spot -> htx:linear-swap")
            await stage.acts.confirm(ALICE, 1)
            before = await alone(stage, "cancel T1", TYPED_ALONE)
            idle = look(desk.pid)
            run = await soak(stage, desk.pid, COMMANDS_AN_HOUR, SOAK_WITHIN_S)
            waiting = stage.rows("SELECT count(*) FROM outbox WHERE state = 'pending'")[0][0]
            after = await alone(stage, "cancel T1", TYPED_ALONE)
            transfers = len(stage.states())
    assert not run.failed, run.failed[:5]
    return [*held(run, idle, transfers), *paces(run, before, after, waiting)], remark(run, waiting)


def held(run: Soak, idle: Look, transfers: int) -> list[Figure]:
    first = next(sample for sample in run.samples if sample.commands >= run.commands * WARM_UP)
    settled = [sample for sample in run.samples if sample.commands >= first.commands]
    last = settled[-1]
    growth = slope([(sample.commands / 10_000, sample.desk.resident / 1024) for sample in settled])
    files = [sample.desk.files for sample in settled]
    spread, threads = max(files) - min(files), {sample.desk.threads for sample in settled}
    return [
        Figure("memory idle", mb(idle.resident)),
        Figure(f"memory after {transfers:,} transfers", mb(last.desk.resident), f"{mb(idle.resident)} idle"),
        Figure(
            "growth in the soak's last third",
            f"{growth:.2f} MB for 10,000 commands",
            f"{mb(first.desk.resident)} at its beginning",
            f"≤ {GROWTH_MAX_MB:g} MB",
            growth <= GROWTH_MAX_MB,
        ),
        Figure(
            "open files in the last third",
            f"{min(files)} to {max(files)}",
            f"{idle.files} idle",
            f"≤ {FILES_SPREAD_MAX} apart",
            spread <= FILES_SPREAD_MAX,
        ),
        Figure("threads in the last third", " or ".join(map(str, sorted(threads))), f"{idle.threads} idle"),
    ]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The least-squares slope of y over x."""
    middle_x, middle_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    across = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / across


def paces(run: Soak, before: Sequence[float], after: Sequence[float], waiting: int) -> list[Figure]:
    rate = run.commands / run.samples[-1].at
    return [
        Figure("commands in the soak", f"{run.commands:,}", f"{rate:.0f} a second, {rate / 10:.0f} × the hour's ten"),
        Figure("acks in the soak", f"p50 {ms(at(run.acks, 50))}", f"p99 {ms(at(run.acks, 99))}"),
        Figure(
            f"ack with {waiting:,} lines waiting for Slack",
            ms(median(after)),
            f"{median(after) / median(before):.2f} × with hardly any, {ms(median(before))}",
        ),
    ]


def remark(run: Soak, waiting: int) -> str:
    return (
        f"The hour's commands came in {run.samples[-1].at:.0f} s. Slack takes one message a second and channel, so "
        f"{waiting:,} lines still waited at the end: they wait on disk, and the desk's memory does not grow with them. "
        "Transfers in the soak are proposed and taken back; a card that waits for its turn cannot be confirmed yet."
    )


def measure() -> Part:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        world = asyncio.run(variables_of_a_world(Path(folder)))
        figures = [*imports(), *command_lines(Path(folder), world)]
    figures += asyncio.run(starts())
    soak_figures, said = asyncio.run(soaked())
    return Part("The process", "python tests/bench/process.py", SETTING, [*figures, *soak_figures], [said])


async def variables_of_a_world(folder: Path) -> dict[str, str]:
    """What `check` needs to read a desk.toml."""
    async with scene() as stage:
        return stage.world.environment(folder)


if __name__ == "__main__":
    show(measure)
