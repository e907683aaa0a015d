"""What the exchange does wrong, and what the desk makes of it: never twice, never lost, never guessed."""

from __future__ import annotations

import pytest
from scene import Play, Scene

from bot.sandbox.faults import FAULTS
from bot.sandbox.world import ALICE, BOB, CAROL, DAN, TREASURY

HTX = "75 usdt htx:spot -> htx:linear-swap"
COINW = "75 usdt coinw:master -> coinw:maker"

# Hanging ends at the send's own deadline of 20 s and has its tests where that deadline can be set.
_SLOW = {"late", "hang_before", "hang_after"}
# Answers that come from in front of the exchange and say by themselves that it never saw the request.
_REFUSED = {"html_403", "http_429"}


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - _SLOW))
@pytest.mark.parametrize("exchange", ["htx", "coinw"])
def test_every_fault_is_sent_once_and_ends_as_it_must(play: Play, exchange: str, fault: str) -> None:
    async def act(scene: Scene) -> None:
        lookalike = getattr(scene.world, exchange)
        async with scene.desk():
            lookalike.faults.plan(fault)
            await scene.acts.type(ALICE, HTX if exchange == "htx" else COINW)
            await scene.acts.confirm(ALICE, 1)
            refused = fault in _REFUSED
            await scene.acts.card_saying(1, "nothing moved" if refused else "do not repeat it")
        assert len(lookalike.requests) == 1
        assert scene.states() == ["refused" if refused else "unknown"]
        assert len(lookalike.executed) <= (0 if refused else 1)

    play(act)


def test_an_unknown_locks_its_route_and_people_settle_it(play: Play) -> None:
    async def act(scene: Scene) -> None:
        async with scene.desk():
            scene.world.htx.faults.plan("drop_after")
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            await scene.acts.card_saying(1, "do not repeat it")

            # Typed again after the time-out: named on the card, and not to be confirmed.
            assert "cannot be confirmed" in await scene.acts.type(BOB, HTX)
            await scene.acts.card_saying(2, "Confirm is withheld")
            # Another amount on the same route may be confirmed, but waits and says for what.
            await scene.acts.type(BOB, "20 usdt htx:spot -> htx:linear-swap/BTC-USDT")
            await scene.acts.confirm(BOB, 3)
            await scene.acts.card_saying(3, "waits for T1")
            # The other direction is another key and goes.
            await scene.acts.type(BOB, "5 usdt htx:linear-swap -> htx:spot")
            await scene.acts.confirm(BOB, 4)
            await scene.acts.card_saying(4, "Done")

            card = await scene.acts.card_saying(1, "do not repeat it")
            await scene.world.slack.press(ALICE, "C01TREASURY", card.ts, "transfer_resolve_executed")
            await scene.world.slack.wait_for(lambda: "Only admins" in scene.acts.whispers(ALICE)[-1])
            assert "one more admin" in await scene.acts.settle(CAROL, 1, executed=True, reason="seen in HTX's ledger")
            assert scene.states()[0] == "unknown"
            assert "settled as executed" in await scene.acts.settle(DAN, 1, executed=True, reason="balance fits")
            await scene.acts.card_saying(1, "Settled by hand")
            # The lock is gone: what waited goes out, what was withheld may be confirmed.
            await scene.acts.card_saying(3, "Done")
            await scene.acts.card_saying(2, "transfer_confirm")
        assert scene.states() == ["succeeded", "proposed", "succeeded", "succeeded"]
        assert [movement.amount for movement in scene.world.htx.executed] == [75, 5, 20]
        votes = scene.rows("SELECT actor, data FROM events WHERE kind = 'resolve_vote' ORDER BY seq")
        assert [vote[0] for vote in votes] == [CAROL, DAN]
        assert "seen in HTX's ledger" in votes[0][1]

    play(act)


@pytest.mark.parametrize("exchange", ["htx", "coinw"])
@pytest.mark.parametrize("executed", [True, False])
def test_the_exchanges_records_settle_what_they_show_and_nothing_else(
    play: Play, exchange: str, executed: bool
) -> None:
    async def act(scene: Scene) -> None:
        lookalike = getattr(scene.world, exchange)
        lookalike.records_lag_s = 0
        async with scene.desk():
            lookalike.faults.plan("drop_after" if executed else "drop_before")
            await scene.acts.type(ALICE, HTX if exchange == "htx" else COINW)
            await scene.acts.confirm(ALICE, 1)
            words = "Settled by evidence" if executed else "The records show no such transfer"
            await scene.acts.card_saying(1, words)
        assert scene.states() == ["succeeded" if executed else "unknown"]
        assert (len(lookalike.requests), len(lookalike.executed)) == (1, int(executed))

    play(act)


def test_the_form_shows_the_evidence_and_a_decision_on_older_evidence_does_not_count(play: Play) -> None:
    async def act(scene: Scene) -> None:
        slack, htx = scene.world.slack, scene.world.htx
        scene.edit_desk_toml(("resolve_by = 2", 'resolve_by = 2\nsettle_by_evidence = "person"'))
        async with scene.desk():
            htx.faults.plan("drop_after")
            await scene.acts.type(ALICE, HTX)
            await scene.acts.confirm(ALICE, 1)
            card = await scene.acts.card_saying(1, "The records show no such transfer")
            await slack.press(CAROL, TREASURY, card.ts, "transfer_resolve_executed")
            await slack.wait_for(lambda: slack.views.open_view(CAROL) is not None)
            view = slack.views.open_view(CAROL)
            assert view is not None
            assert "The records show no such transfer" in str(view.content["blocks"])
            htx.records_lag_s = 0
            await scene.acts.card_saying(1, "The records show the transfer", 20)
            field = {"type": "plain_text_input", "value": "seen"}
            await slack.submit_view(CAROL, view.id, {"reason": {"text": field}})
            await slack.wait_for(lambda: "has changed since" in "".join(scene.acts.whispers(CAROL)))
            assert scene.states() == ["unknown"]
            # Now the evidence is there, one admin who has seen it is enough.
            assert "settled as executed" in await scene.acts.settle(DAN, 1, executed=True, reason="in the ledger")
        assert scene.states() == ["succeeded"]

    play(act)
