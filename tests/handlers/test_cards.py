"""Cards: whole at their longest, inert whatever people and exchanges write, buttons only where they count."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown import (
    ALICE,
    CAROL,
    DAN,
    HOSTILE,
    NOW,
    SPOT_TO_CROSS,
    buttons,
    event,
    in_state,
    longest,
    mrkdwn,
    obeyed,
    view,
    words,
)
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View as SlackView

from bot import words as catalogue
from bot.accounts import Account, Route
from bot.desk import Looked
from bot.journal import Vote
from bot.sandbox.slack_blocks import block_problems, view_problems
from bot.transfers import State
from handlers import cards, lines

# Whole and within Slack's limits


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("confirmable", [True, False])
def test_a_card_at_its_longest_is_one_slack_takes(state: State, confirmable: bool) -> None:
    message = cards.card(longest(state, confirmable=confirmable))
    assert block_problems(message["blocks"]) == []
    for block in message["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.to_dict()
    for text in mrkdwn(message["blocks"]):
        assert 0 < len(text) <= 3000
        assert not re.search(r"&(?!amp;|lt;|gt;)", text)
    assert 0 < len(message["text"]) <= 4000
    assert len(json.dumps(message)) < 20_000


@pytest.mark.parametrize("state", State)
def test_a_card_says_the_state_and_the_whole_transfer_in_its_plain_text_too(state: State) -> None:
    text = cards.card(in_state(state))["text"]
    assert text.startswith("T42: 1,250.50 USDT from htx:spot to htx:linear-swap. ")
    assert len(text) > len("T42: 1,250.50 USDT from htx:spot to htx:linear-swap. ")


def test_states_are_told_apart_by_their_words_not_only_by_their_colours() -> None:
    texts = [cards.card(in_state(state))["text"] for state in State]
    assert len(set(texts)) == len(State)


def test_a_long_outcome_is_cut_and_what_to_do_about_it_is_not() -> None:
    told = words(cards.card(longest(State.UNKNOWN)))
    assert "…" in told
    assert "It may or may not have happened" in told
    assert "then settle it here: 10 of" in told


@given(st.text(), st.integers(0, 60))
def test_inert_text_fits_is_one_line_and_reads_the_same(text: str, room: int) -> None:
    inert = cards.inert(text, room)
    assert len(inert) <= room + 1
    assert not set(inert) & set("<>\n")
    whole = " ".join(text.split())
    if html.unescape(inert) != whole:
        assert inert.endswith("…")
        assert whole.startswith(html.unescape(inert[:-1]))


# The first line, and nothing twice


def test_the_first_line_says_what_would_happen() -> None:
    first = cards.card(in_state(State.PROPOSED))["blocks"][0]
    assert first["text"]["text"] == "*1,250.50 USDT*  `htx:spot` → `htx:linear-swap`"


def test_the_route_is_said_once_when_it_is_typed_as_it_is_kept() -> None:
    told = words(cards.card(in_state(State.PROPOSED)))
    assert told.count("htx:spot") == told.count("htx:linear-swap") == 1


def test_an_alias_is_shown_with_the_account_it_stands_for() -> None:
    route = Route(Account("coinw", "master"), Account("coinw", "39000001"))
    transfer = replace(SPOT_TO_CROSS, route=route, margin_account="")
    told = words(cards.card(view(transfer, destination="coinw:maker")))
    assert "`coinw:master` → `coinw:maker`" in told
    assert "exactly `coinw:master -> coinw:39000001`" in told
    assert "margin account" not in told


@pytest.mark.parametrize(
    ("account", "told"),
    [("USDT", "margin account USDT (cross)"), ("BTC-USDT", "margin account BTC-USDT (isolated)")],
)
def test_the_margin_account_is_said_plainly(account: str, told: str) -> None:
    assert told in words(cards.card(in_state(State.PROPOSED, margin_account=account)))
    assert told in words(lines.thread_line(event("succeeded", margin_account=account), {}))
    assert told in words(lines.audit_line(event("succeeded", margin_account=account), {}, {}))


def test_a_card_names_rule_seal_and_requester() -> None:
    facts = cards.card(in_state(State.PROPOSED))["blocks"][2]["elements"][0]["text"]
    assert facts.split("  ·  ") == [
        "*T42*",
        "asked by alice",
        "margin account USDT (cross)",
        "rule collateral",
        "seal `1f2e3d4c`",
    ]


def test_the_reference_is_said_once() -> None:
    outcome = "The exchange's reference is 900001."
    told = words(cards.card(in_state(State.SUCCEEDED, outcome=outcome, exchange_reference="900001")))
    assert told.count("900001") == 1
    by_hand = in_state(State.SUCCEEDED, outcome="Settled by hand as executed by carol: ok", exchange_reference="900001")
    assert "reference `900001`" in words(cards.card(by_hand))


# Inert, whatever anybody writes


@pytest.mark.parametrize("state", State)
def test_nothing_an_exchange_or_a_person_writes_is_obeyed_on_a_card(state: State) -> None:
    transfer = replace(
        SPOT_TO_CROSS, state=state, outcome=HOSTILE, exchange_reference=HOSTILE, rule=HOSTILE, margin_account=HOSTILE
    )
    hostile = view(transfer, source=HOSTILE, destination=HOSTILE, names={CAROL: HOSTILE, DAN: HOSTILE})
    assert obeyed(cards.card(hostile)) == []
    assert obeyed({"text": lines.line(replace(hostile, names={ALICE: HOSTILE}))}) == []


def test_a_line_break_in_an_outcome_cannot_fake_a_line_of_the_card() -> None:
    lines = words(cards.card(in_state(State.REFUSED, outcome=HOSTILE))).split("\n")
    assert not any(line.startswith("*✅ Done*") for line in lines)


def test_mentions_and_addresses_in_foreign_text_are_not_made_into_links() -> None:
    message = cards.card(in_state(State.REFUSED, outcome="@channel see evil.com"))
    texts = [message["blocks"][0]["text"], message["blocks"][1]["text"], *message["blocks"][2]["elements"]]
    assert all(text["verbatim"] for text in texts)


@given(st.text(alphabet=st.sampled_from("<>&!@#|^;ampltgt \nU01"), max_size=60))
def test_whatever_stands_in_an_outcome_none_of_it_is_obeyed(text: str) -> None:
    assert obeyed(cards.card(in_state(State.REFUSED, outcome=text))) == []
    assert obeyed(lines.audit_line(event("refused", outcome=text), {}, {})) == []
    assert obeyed(lines.thread_line(event("refused", outcome=text), {})) == []


# Buttons

CANCEL = {"transfer_cancel"}
EXPECTED_BUTTONS = {
    State.PROPOSED: {"transfer_confirm", "transfer_cancel"},
    State.AWAITING_APPROVAL: {"transfer_approve", "transfer_deny", "transfer_cancel"},
    State.WAITING: CANCEL,
    State.APPROVED: CANCEL,
    State.UNKNOWN: {"transfer_resolve_executed", "transfer_resolve_not_executed"},
}


@pytest.mark.parametrize("state", State)
def test_a_card_has_the_buttons_of_its_state_and_no_others(state: State) -> None:
    assert set(buttons(cards.card(in_state(state)))) == EXPECTED_BUTTONS.get(state, set())


@pytest.mark.parametrize("state", State)
def test_a_private_copy_has_no_buttons(state: State) -> None:
    assert buttons(cards.card(in_state(state), buttons=False)) == {}


def test_confirm_says_how_much_and_is_the_one_primary_button() -> None:
    found = buttons(cards.card(in_state(State.PROPOSED)))
    assert found["transfer_confirm"]["text"]["text"] == "Confirm 1,250.50 USDT"
    assert found["transfer_confirm"]["style"] == "primary"
    assert "style" not in found["transfer_cancel"]


@pytest.mark.parametrize("state", EXPECTED_BUTTONS)
def test_a_button_carries_the_id_and_version_and_nothing_else(state: State) -> None:
    for button in buttons(cards.card(in_state(state, version=7))).values():
        assert button["value"] == "42.7"


def test_every_version_and_state_has_a_block_id_of_its_own() -> None:
    ids = [
        cards.card(in_state(state, version=version))["blocks"][-1]["block_id"]
        for state in EXPECTED_BUTTONS
        for version in (1, 2, 11)
    ]
    assert len(set(ids)) == len(ids)


def test_confirm_is_withheld_while_an_equal_transfer_has_no_answer() -> None:
    done = [replace(SPOT_TO_CROSS, id=number, state=State.SUCCEEDED) for number in range(50, 60)]
    unknown = replace(SPOT_TO_CROSS, id=7, state=State.UNKNOWN, requester=DAN)
    message = cards.card(view(SPOT_TO_CROSS, confirmable=False, twins=(*done, unknown)))
    assert set(buttons(message)) == CANCEL
    told = words(message)
    assert f"*Equal transfer:* T7 by dan is {catalogue.IN_WORDS[State.UNKNOWN]}." in told
    assert "Confirm is withheld until T7 is settled." in told


def test_an_equal_transfer_is_named_with_its_state_and_confirm_stays() -> None:
    twin = replace(SPOT_TO_CROSS, id=41, state=State.SUCCEEDED)
    message = cards.card(view(SPOT_TO_CROSS, twins=(twin,)))
    assert "*Equal transfer:* T41 by alice is done." in words(message)
    assert "transfer_confirm" in buttons(message)


# What people have to do


def test_a_proposal_says_who_can_confirm_and_until_when() -> None:
    told = words(cards.card(in_state(State.PROPOSED)))
    assert f"Only <@{ALICE}> can confirm, until <!date^{int(NOW.timestamp()) + 600}^" in told


def test_an_unknown_says_what_was_seen_who_settles_it_and_who_already_did() -> None:
    unknown = in_state(State.UNKNOWN, outcome="No answer within 20 s.", sent_at=NOW)
    told = words(cards.card(replace(unknown, votes=(Vote(CAROL, "not_executed", NOW, "1f2e3d4c"),))))
    assert "Sent, no answer; do not repeat it" in told
    assert "No answer within 20 s." in told
    assert "settle it here: 2 of carol, dan." in told
    assert "carol found it not executed" in told


LOOKED = Looked(
    NOW, "absent", "The records show no such transfer; they may lag.", ("Ledger: nothing.",), "00000000", "", NOW
)


def test_an_unknown_shows_what_was_checked_when_and_the_next_check() -> None:
    looked = replace(LOOKED, next_at=NOW + timedelta(seconds=30))
    told = words(cards.card(replace(in_state(State.UNKNOWN), looked=looked)))
    assert f"*Checked <!date^{int(NOW.timestamp())}^" in told
    assert "The records show no such transfer; they may lag. Ledger: nothing." in told
    assert f"Next check <!date^{int(NOW.timestamp()) + 30}^" in told


def test_a_look_that_failed_is_told_beside_what_was_seen_before() -> None:
    looked = replace(LOOKED, failed="The records could not be read: HTTP 502.")
    told = words(cards.card(replace(in_state(State.UNKNOWN), looked=looked)))
    assert "Ledger: nothing. The records could not be read: HTTP 502. Next check" in told


def test_an_unknown_says_when_nothing_is_checked_any_more() -> None:
    told = words(cards.card(replace(in_state(State.UNKNOWN), looked=replace(LOOKED, next_at=None))))
    assert "The desk does not check any more." in told


def test_one_admin_is_enough_where_the_records_show_it() -> None:
    found = replace(LOOKED, trace="found", why="The records show the transfer.")
    told = words(cards.card(replace(in_state(State.UNKNOWN), looked=found)))
    assert "Settle it here as executed: one of carol, dan; or as not executed: 2 of them." in told


def test_the_form_shows_the_evidence_a_decision_is_bound_to() -> None:
    form = cards.resolve_form(replace(in_state(State.UNKNOWN), looked=LOOKED), "executed", "{}", 500)
    assert "Ledger: nothing." in words(form)


def test_an_alarm_stands_above_how_the_transfer_ended() -> None:
    told = words(cards.card(replace(in_state(State.REFUSED), alarm="Look at the exchange.")))
    assert told.index("It may have happened after all") < told.index("Refused, nothing moved")


def test_an_unknown_that_too_few_people_may_settle_says_so() -> None:
    told = words(cards.card(replace(in_state(State.UNKNOWN), resolvers=(CAROL,))))
    assert "takes 2 admins other than the requester, and desk.toml names carol" in told
    assert "desk.toml names nobody" in words(cards.card(replace(in_state(State.UNKNOWN), resolvers=())))


def test_an_approved_transfer_says_why_it_waits_and_until_when() -> None:
    told = words(cards.card(in_state(State.APPROVED, outcome="It waits for T7.")))
    assert "It waits for T7." in told
    assert "or not at all" in told


# The form


@pytest.mark.parametrize("decision", ["executed", "not_executed"])
def test_the_form_at_its_longest_is_one_slack_takes(decision: str) -> None:
    form = cards.resolve_form(longest(State.UNKNOWN), decision, json.dumps({"card": "1" * 200}), 500)
    assert view_problems(form) == []
    SlackView(**form).to_dict()
    assert obeyed(form) == []


def test_the_form_says_which_transfer_and_what_is_being_said_about_it() -> None:
    form = cards.resolve_form(in_state(State.UNKNOWN), "not_executed", "{}", 500)
    assert form["title"]["text"] == "Settle T42"
    assert "T42 (*1,250.50 USDT* from `htx:spot` to `htx:linear-swap`) *was not executed*" in words(form)
    assert form["blocks"][-1]["element"]["max_length"] == 500


# Private and outdated copies


def test_a_private_copy_of_an_unknown_sends_people_to_its_card() -> None:
    told = words(cards.card(in_state(State.UNKNOWN), buttons=False))
    assert "settle it on its card: 2 of carol, dan." in told
    assert "here" not in told


def test_an_outdated_copy_says_so_and_has_no_buttons() -> None:
    message = cards.outdated_copy(SPOT_TO_CROSS)
    assert "outdated copy of T42" in words(message)
    assert buttons(message) == {}
    assert block_problems(message["blocks"]) == []


def test_a_vote_is_shown_with_what_its_admin_saw() -> None:
    voted = view(
        replace(SPOT_TO_CROSS, state=State.UNKNOWN),
        votes=(Vote(CAROL, "executed", NOW, "1f2e3d4c"),),
        reasons={CAROL: f"row 7 <!channel> {'x' * 500}"},
    )
    told = words(cards.card(voted))
    assert "carol found it executed" in told
    assert "row 7" in told
    assert obeyed(cards.card(voted)) == []
