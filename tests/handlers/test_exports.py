"""Making a file holds nobody up: it is read on a connection and a thread of its own, while the desk goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from desk_bench import ALICE
from posting import Posting, Stage

from bot.desk import ExportGranted
from bot.desk.listing import EXPORT_MAX
from bot.errors import StartError
from bot.filters import EVERYTHING, Filter
from bot.journal import Transaction
from bot.journal.backup import looking_at
from bot.sandbox.slack_answers import Origin
from handlers.exports import Exports, told

EXPORT = ExportGranted(ALICE.team, EVERYTHING)


def response_url(posting: Posting) -> str:
    return f"{posting.slack.url}/response/{posting.slack.response_urls.issue(Origin(ALICE.user, 'C01TREASURY'))}"


def test_the_desk_goes_on_while_a_file_is_made(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        gate = threading.Event()

        @contextmanager
        def reading() -> Iterator[Transaction]:
            assert gate.wait(10)
            with looking_at(posting.bench.path) as tx:
                yield tx

        exports = Exports(posting.bench.desk, posting.client, posting.replies, reading)
        making = asyncio.create_task(exports.hand_out(EXPORT, ALICE.user, response_url(posting)))
        await posting.proposed()
        assert not making.done()
        gate.set()
        await making
        channel = posting.slack.workspace.direct(ALICE.user)
        assert channel is not None
        (message,) = posting.slack.workspace.messages(channel.id)
        assert message.text == "1 transfer. Times are UTC."
        assert posting.calls()[-3:] == [
            "conversations.open",
            "files.getUploadURLExternal",
            "files.completeUploadExternal",
        ]

    stage(act)


def test_a_full_file_says_how_to_ask_for_the_rest() -> None:
    found = [SimpleNamespace(transfer=SimpleNamespace(id=number)) for number in range(EXPORT_MAX + 500, 500, -1)]
    export = ExportGranted(ALICE.team, Filter(person="U02BOB", exchange="htx", first=7))
    assert told(export, found) == (  # type: ignore[arg-type]
        "The latest 20,000 transfers. `/transfer export &lt;@U02BOB&gt; htx T7..T500` asks for those before them. "
        "Times are UTC."
    )
    assert told(export, found[1:]) == "19999 transfers. Times are UTC."  # type: ignore[arg-type]


def test_a_journal_that_cannot_be_read_is_told_without_its_text(stage: Stage) -> None:
    async def act(posting: Posting) -> None:
        @contextmanager
        def reading() -> Iterator[Transaction]:
            raise StartError("/secret/place.db: it cannot be read")
            yield

        exports = Exports(posting.bench.desk, posting.client, posting.replies, reading)
        await exports.hand_out(EXPORT, ALICE.user, response_url(posting))
        assert posting.told_alice() == ["The file could not be handed out. Ask for it again."]
        assert "conversations.open" not in posting.calls()

    stage(act)
