"""A stage for the poster."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from desk_bench import DeskBench
from form_scene import Play, played
from posting import Act, Posting, Stage


@pytest.fixture
def stage(threaded_bench: DeskBench) -> Stage:
    """Run a test's coroutine with a fresh desk and a fresh Slack."""

    async def staged(act: Act) -> None:
        posting = Posting(threaded_bench)
        await posting.slack.start()
        posting.connect()
        try:
            await act(posting)
        finally:
            await posting.slack.stop()

    return lambda act: asyncio.run(staged(act))


@pytest.fixture
def form_play(threaded_bench: DeskBench) -> Play:
    """Run a test's coroutine with a desk whose form and Home tabs are connected to a fresh Slack."""
    return partial(played, threaded_bench)
