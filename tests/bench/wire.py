"""How long a click takes to become a request at the exchange, and the exchange's answer to become an edited card.

    python tests/bench/wire.py

What the exchange itself takes for the reads before the send is not the desk's time; it is told beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from aiohttp import web
from figures import Figure, Part, at, median, ms, show
from stage import Scene, open_desk

from bot.sandbox.lookalike import Lookalike
from bot.sandbox.slack_workspace import Json
from bot.sandbox.world import ALICE, BOB, TREASURY, World

ROUNDS = 16
# A card is edited some three times a transfer, and the desk keeps to Slack's fifty edits a minute.
EDITS_S = 4.5
AIM_S = 0.010
PATIENCE_S = 20.0
# Who moves what where, at either exchange.
ASKED = ((ALICE, "{number}.5 usdt htx:spot -> htx:linear-swap"), (BOB, "{number}.25 usdt coinw:master -> coinw:maker"))


@dataclass
class Watch:
    """When requests were at an exchange, and when cards were edited; in seconds of one clock.

    A request counts from when its head was read to when its answer was handed over, so that what lies before and after
    counts as the desk's time.
    """

    reads: list[tuple[float, float]] = field(default_factory=list)
    sends: list[tuple[float, float]] = field(default_factory=list)
    edits: list[tuple[float, Json]] = field(default_factory=list)

    def over(self, world: World) -> None:
        """Look at a world that is not open yet."""
        for exchange in world.exchanges:
            self._over_exchange(exchange)
        respond = world.slack.web_api._respond

        async def timed(request: web.Request, name: str, arguments: Json) -> web.Response:
            if name == "chat.update":
                self.edits.append((perf_counter(), arguments))
            return await respond(request, name, arguments)

        world.slack.web_api._respond = timed  # type: ignore[method-assign]

    def _over_exchange(self, exchange: Lookalike) -> None:
        serve = exchange._serve

        async def timed(request: web.Request) -> web.StreamResponse:
            begun, sends = perf_counter(), len(exchange.requests)
            answer = await serve(request)
            kind = self.sends if len(exchange.requests) > sends else self.reads
            kind.append((begun, perf_counter()))
            return answer

        exchange._serve = timed  # type: ignore[method-assign]

    def sent(self, since: float) -> tuple[float, float]:
        """Return when the transfer was at the exchange."""
        return next((begun, ended) for begun, ended in self.sends if begun > since)

    def at_exchange(self, since: float, until: float) -> float:
        """Return for how long any read was at the exchange between two moments."""
        spans = sorted((begun, ended) for begun, ended in self.reads if since < begun < until)
        taken, done = 0.0, since
        for begun, ended in spans:
            taken += max(0.0, min(ended, until) - max(begun, done))
            done = max(done, ended)
        return taken

    def told(self, since: float) -> float:
        """Return when a card was first edited to say that it is done."""
        return next(moment for moment, arguments in self.edits if moment > since and "Done" in str(arguments))


@dataclass(frozen=True)
class Times:
    """One transfer: its click to the wire, of which at the exchange; its answer to the edited card."""

    to_wire: float
    at_exchange: float
    to_card: float

    @property
    def own(self) -> float:
        """What of the time to the wire was the desk's."""
        return self.to_wire - self.at_exchange


async def one(scene: Scene, watch: Watch, number: int) -> Times:
    """Propose a transfer, and take its times from its Confirm on."""
    person, text = ASKED[number % len(ASKED)]
    await scene.acts.type(person, text.format(number=100 + number))
    card = await scene.acts.card_saying(number, "transfer_confirm", within=PATIENCE_S)
    await asyncio.sleep(EDITS_S)
    clicked = perf_counter()
    await scene.world.slack.press(person, TREASURY, card.ts, "transfer_confirm")
    await scene.acts.card_saying(number, "Done", within=PATIENCE_S)
    sent, answered = watch.sent(clicked)
    return Times(sent - clicked, watch.at_exchange(clicked, sent), watch.told(answered) - answered)


async def transfers() -> list[Times]:
    watch = Watch()
    async with open_desk(prepare=watch.over) as scene:
        return [await one(scene, watch, number) for number in range(1, ROUNDS + 1)]


def figures(times: Sequence[Times]) -> tuple[Figure, ...]:
    own, cards = [each.own for each in times], [each.to_card for each in times]
    at_exchange = median([each.at_exchange for each in times])

    def aimed(what: str, values: Sequence[float], beside: str) -> Figure:
        return Figure(what, ms(median(values)), beside, "≤ 10 ms", median(values) <= AIM_S)

    return (
        aimed("Confirm → request at the exchange, own time, p50", own, f"exchange's part {ms(at_exchange)}"),
        Figure("the same, slowest", ms(max(own))),
        aimed("answer at the exchange → card edited, p50", cards, f"p90 {ms(at(cards, 90))}"),
        Figure("the same, slowest", ms(max(cards))),
    )


def measure() -> Part:
    times: Any = asyncio.run(transfers())
    return Part(
        "Click to wire",
        "python tests/bench/wire.py",
        f"{ROUNDS} transfers, HTX and CoinW in turn, one at a time: from the Confirm's Socket Mode envelope to the "
        "signed request at the look-alike, without what the look-alike takes for the balances and records read before "
        "it; and from the look-alike's answer to the `chat.update` at the local Slack.",
        figures(times),
        (
            "The click's commit and ack take about a third of the first. Then come the lane's look at what is "
            "approved, the desk's side of two to four reads on a new connection, and the claim with its commit, which "
            "is on disk before the first byte. Between clicks there are seconds, as with people, so nothing is warm.",
        ),
    )


if __name__ == "__main__":
    show(measure)
