"""Lines: what is told under a card, in the audit channel and in the history."""

from __future__ import annotations

import pytest
from shown import ALICE, CAROL, HOSTILE, event, in_state, obeyed, words

from bot.transfers import State
from handlers import lines


def test_nothing_an_exchange_or_a_person_writes_is_obeyed_in_a_line() -> None:
    told = event("unknown", outcome=HOSTILE, reference=HOSTILE, rule=HOSTILE, route=HOSTILE, margin_account=HOSTILE)
    assert obeyed(lines.thread_line(told, {})) == []
    assert obeyed(lines.audit_line(told, {ALICE: HOSTILE}, {})) == []
    late = event("late_answer", answer=HOSTILE)
    assert obeyed(lines.audit_line(late, {}, {})) == []


def test_the_thread_line_calls_the_requester_and_says_how_it_ended() -> None:
    assert words(lines.thread_line(event("refused", outcome="The exchange said no: 1303 insufficient."), {})) == (
        f"<@{ALICE}> T42, 1,250.50 USDT htx:spot → htx:linear-swap, margin account USDT (cross): "
        "Refused, nothing moved. The exchange said no: 1303 insufficient."
    )


def test_the_thread_line_says_why_somebody_is_asked_again() -> None:
    why = "T7, an equal transfer, was sent without an answer. Please look at it again and confirm."
    assert words(lines.thread_line(event("asked_again", outcome=why), {})).endswith(f": Asked again. {why}")


@pytest.mark.parametrize("kind", [state.value for state in State])
def test_every_state_has_its_lines_within_slacks_limit(kind: str) -> None:
    told = event(kind, outcome="&" * 600, reference="<" * 600, rule="r" * 31, route="c" * 110, amount="9" * 15)
    assert len(lines.thread_line(told, {})["text"]) <= 4000
    assert len(lines.audit_line(told, {ALICE: "a" * 31}, {})["text"]) <= 4000


def test_the_audit_line_says_everything_an_auditor_asks() -> None:
    succeeded = event("succeeded", reference="900001", outcome="The exchange's reference is 900001.")
    assert words(lines.audit_line(succeeded, {ALICE: "alice"}, {})) == (
        "✅ *T42 Done*  ·  1,250.50 USDT htx:spot → htx:linear-swap, margin account USDT (cross)  ·  "
        f"asked by alice ({ALICE})  ·  rule collateral  ·  reference `900001`  ·  chain #12 `{'ab' * 32}`"
    )


def test_the_audit_line_names_whoever_else_decided() -> None:
    told = words(lines.audit_line(event("not_executed", actor=CAROL, outcome="Settled by hand."), {CAROL: "carol"}, {}))
    assert f"by carol ({CAROL})" in told
    assert "Settled by hand." in told


def test_the_audit_line_mentions_nobody() -> None:
    assert "<@" not in lines.audit_line(event("succeeded", actor=CAROL), {}, {})["text"]


def test_the_chain_head_survives_the_longest_outcome() -> None:
    text = lines.audit_line(event("refused", outcome="&" * 5000), {}, {})["text"]
    assert text.endswith(f"chain #12 `{'ab' * 32}`")


def test_a_late_answer_is_told_as_one() -> None:
    told = words(lines.audit_line(event("late_answer", answer="The exchange's reference is 900001."), {}, {}))
    assert told.startswith("⚠️ *T42 Late answer*")
    assert "900001" in told


def test_a_late_answer_says_itself_what_the_transfer_had_come_to_before() -> None:
    late = event("late_answer", answer="The exchange said no: 1300.", outcome="No answer within 20 s.")
    told = words(lines.audit_line(late, {}, {}))
    assert "The exchange said no: 1300." in told
    assert "No answer" not in told


def test_an_alarm_says_where_to_look_and_calls_the_requester() -> None:
    why = "The exchange's records show such a transfer that is no other's. Look there before repeating it."
    alarm = event("surplus", why=why, outcome="The exchange said no: 1300.", lines=["a"])
    assert words(lines.audit_line(alarm, {}, {})).startswith("⚠️ *T42 It may have happened after all*")
    for told in (words(lines.audit_line(alarm, {}, {})), words(lines.thread_line(alarm, {}))):
        assert "Look there before repeating it." in told
        assert "The exchange said no" not in told
    assert words(lines.thread_line(alarm, {})).startswith(f"<@{ALICE}> T42")


def test_a_sub_account_is_named_by_alias_and_uid() -> None:
    funded = event("succeeded", route="coinw:master -> coinw:39000001", margin_account="")
    accounts = {"coinw:39000001": "coinw:maker (39000001)"}
    for line in (lines.thread_line(funded, accounts), lines.audit_line(funded, {}, accounts)):
        assert "1,250.50 USDT coinw:master → coinw:maker (39000001)" in words(line)


def test_a_line_of_the_history_says_what_who_when_and_how_it_stands() -> None:
    line = lines.line(in_state(State.SUCCEEDED))
    transfer = "*T42* 1,250.50 USDT `htx:spot` → `htx:linear-swap`"
    assert line.startswith(f"✅ {transfer}, done, asked by alice (U01ALICE), <!date^")
