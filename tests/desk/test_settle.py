"""Writing down what a send came to, and what a restart finds."""

from __future__ import annotations

import pytest
from desk_bench import CAROL, COMMAND, DAN, KEYS, RULES, USERS, DeskBench

from bot.desk import Decision
from bot.errors import StartError
from bot.transfers import Accepted, NotSent, Outcome, Refused, State, Unknown


@pytest.mark.parametrize(
    ("outcome", "state", "text"),
    [
        (Accepted("1791234567890"), "succeeded", "The exchange's reference is 1791234567890."),
        (Refused("1300", "insufficient balance"), "refused", "The exchange said no: 1300 insufficient balance."),
        (
            Refused("429", "too many requests", by="rate limit"),
            "refused",
            "The exchange said no (rate limit): 429 too many requests.",
        ),
        (NotSent("no connection to api.huobi.pro"), "not_sent", "No connection to api.huobi.pro."),
        (Unknown("no answer within 20 s."), "unknown", "No answer within 20 s."),
    ],
    ids=["accepted", "refused", "rate-limited", "not-sent", "unknown"],
)
def test_each_outcome_has_its_state_and_its_words(bench: DeskBench, outcome: Outcome, state: str, text: str) -> None:
    transfer = bench.settled(outcome)
    assert (transfer.state.value, transfer.outcome) == (state, text)
    (event,) = bench.events(state)
    assert (event.actor, event.data["outcome"], event.data["before"]) == ("desk", text, "sending")
    assert event.data["amount"] == "250"
    assert sorted(parcel.kind for parcel in bench.parcels()) == ["audit", "card", "thread"]


def test_the_exchanges_reference_is_kept_on_the_transfer_and_in_the_event(bench: DeskBench) -> None:
    assert bench.settled(Accepted("1791234567890")).exchange_reference == "1791234567890"
    assert bench.events("succeeded")[0].data["reference"] == "1791234567890"


def test_a_refusals_code_and_message_are_in_the_event(bench: DeskBench) -> None:
    bench.settled(Refused("1300", "insufficient balance"))
    data = bench.events("refused")[0].data
    assert (data["code"], data["message"], data["by"]) == ("1300", "insufficient balance", "exchange")


@pytest.mark.parametrize("outcome", [Accepted("1"), Refused("1", "no"), NotSent("no route")])
def test_an_answered_send_is_over(bench: DeskBench, outcome: Outcome) -> None:
    assert bench.settled(outcome).settled_at == bench.clock.now()


def test_an_unknown_is_not_over(bench: DeskBench) -> None:
    assert bench.unknown().settled_at is None


def test_a_late_acceptance_settles_the_unknown(bench: DeskBench) -> None:
    lost = bench.unknown()
    bench.desk.settle(lost.id, Accepted("1791234567890")).result()
    after = bench.get(lost.id)
    assert (after.state, after.exchange_reference) == (State.SUCCEEDED, "1791234567890")


@pytest.mark.parametrize("late", [Refused("1300", "no"), NotSent("no route"), Unknown("no answer")])
def test_a_late_answer_that_proves_nothing_is_recorded_and_changes_nothing(bench: DeskBench, late: Outcome) -> None:
    lost = bench.unknown()
    bench.post()
    bench.desk.settle(lost.id, late).result()
    assert bench.get(lost.id) == lost
    assert len(bench.events("late_answer")) == 1
    assert [parcel.kind for parcel in bench.parcels()] == ["audit"]


def test_an_acceptance_after_people_said_not_executed_raises_the_auditors(bench: DeskBench) -> None:
    lost = bench.lost()
    for admin in (CAROL, DAN):
        bench.resolve(lost, admin, Decision.NOT_EXECUTED)
    settled = bench.get(lost.id)
    bench.post()
    bench.desk.settle(lost.id, Accepted("1791234567890")).result()
    assert bench.get(lost.id) == settled
    assert "1791234567890" in bench.events("late_answer")[0].data["answer"]
    assert [parcel.kind for parcel in bench.parcels()] == ["audit"]


def test_settling_what_is_not_in_the_journal_is_an_error_and_writes_nothing(bench: DeskBench) -> None:
    before = bench.counts()
    with pytest.raises(ValueError, match="T999 was sent but is not in the journal"):
        bench.desk.settle(999, Accepted("1")).result()
    assert bench.counts() == before


def test_a_restart_turns_every_abandoned_send_into_an_unknown(bench: DeskBench) -> None:
    htx, coinw = bench.sending(), bench.sending("10 usdt coinw:master -> coinw:maker")
    approved = bench.approved("1 usdt htx:linear-swap -> htx:spot")
    assert bench.restart() == 2
    assert {bench.state(htx), bench.state(coinw)} == {"unknown"}
    assert bench.state(approved) == "approved"
    outcome = bench.get(htx.id).outcome
    assert outcome == "The desk stopped while the request was on its way; the exchange's answer was not seen."


def test_a_restart_with_nothing_on_its_way_changes_no_transfer(bench: DeskBench) -> None:
    transfer = bench.settled(Unknown("no answer"), COMMAND)
    assert bench.restart() == 0
    assert bench.get(transfer.id) == transfer


@pytest.mark.parametrize("lost", [False, True], ids=["sending", "unknown"])
def test_a_desk_that_forgot_the_exchange_of_a_lost_transfer_does_not_start(bench: DeskBench, lost: bool) -> None:
    text = "10 usdt coinw:master -> coinw:maker"
    transfer = bench.unknown(text) if lost else bench.sending(text)
    table = RULES[RULES.index("[exchanges.coinw]") : RULES.index("[people]")]
    rule = RULES[RULES.index('[[rules]]\nname = "makers"') :]
    with pytest.raises(StartError, match=r"Keep \[exchanges.coinw\] in desk.toml until T1 is settled"):
        bench.restart((table, ""), (rule, ""))
    assert bench.get(1) == transfer


@pytest.mark.parametrize("lost", [False, True], ids=["sending", "unknown"])
def test_the_card_of_a_lost_transfer_moves_to_where_the_desk_listens_now(bench: DeskBench, lost: bool) -> None:
    transfer = bench.unknown() if lost else bench.sending()
    bench.post()
    bench.restart(('channels = ["C01TREASURY"]', 'channels = ["C07OTHER"]'))
    after = bench.get(1)
    assert (after.state, after.channel, after.card_ts) == (State.UNKNOWN, "C07OTHER", None)
    (moved,) = bench.events("card_moved")
    assert (moved.transfer_id, moved.data["before"], moved.data["channel"]) == (1, "C01TREASURY", "C07OTHER")
    assert ("card", "C07OTHER") in [(parcel.kind, bench.get(1).channel) for parcel in bench.parcels()]
    bench.post()
    for admin in (CAROL, DAN):
        bench.resolve(bench.get(1), admin, Decision.EXECUTED, channel="C07OTHER")
    assert bench.state(transfer) == "succeeded"


def test_a_desk_of_another_workspace_does_not_start_while_a_transfer_is_lost(bench: DeskBench) -> None:
    transfer = bench.unknown()
    with pytest.raises(StartError) as caught:
        bench.restart(('team = "T01DESK"', 'team = "T09OTHER"'))
    assert str(caught.value) == "T1 was sent without an answer. Keep slack.team T01DESK until T1 is settled."
    assert bench.get(1) == transfer


OTHER_KEY, OTHER_USER = {**KEYS, "htx": "aaaaaaaaaaaa"}, {**USERS, "htx": "11111111"}


def test_a_desk_with_another_users_keys_does_not_start_while_a_transfer_is_lost(bench: DeskBench) -> None:
    transfer = bench.unknown()
    with pytest.raises(StartError, match="Keep the keys of the exchange user it was sent with"):
        bench.restart(keys=OTHER_KEY, users=OTHER_USER)
    assert bench.get(1) == transfer


@pytest.mark.parametrize(
    ("keys", "users"), [(OTHER_KEY, USERS), (KEYS, OTHER_USER)], ids=["new-key", "new-subaccounts"]
)
def test_a_new_key_of_the_same_user_or_the_same_key_is_fine(
    bench: DeskBench, keys: dict[str, str], users: dict[str, str]
) -> None:
    lost = bench.unknown()
    bench.restart(keys=keys, users=users)
    assert bench.state(lost) == "unknown"


def test_a_new_key_that_lists_the_sub_account_of_a_lost_transfer_is_the_same_master(bench: DeskBench) -> None:
    lost = bench.unknown("10 usdt coinw:master -> coinw:maker")
    new = {"keys": {**KEYS, "coinw": "bbbbbbbbbbbb"}, "users": {**USERS, "coinw": "39000001,39000002,39000003"}}
    bench.restart(**new)
    assert bench.state(lost) == "unknown"


def test_a_new_key_whose_master_has_not_the_sub_account_of_a_lost_transfer_is_another_user(bench: DeskBench) -> None:
    bench.unknown("10 usdt coinw:master -> coinw:maker")
    edits = (("maker = 39000001", "maker = 39000003"),)
    new = {"keys": {**KEYS, "coinw": "bbbbbbbbbbbb"}, "users": {**USERS, "coinw": "39000002,39000003"}}
    with pytest.raises(StartError, match="Keep the keys of the exchange user it was sent with"):
        bench.restart(*edits, **new)


def test_another_users_keys_are_fine_once_everything_has_its_answer(bench: DeskBench) -> None:
    bench.settled(Accepted("1"))
    assert bench.restart(keys=OTHER_KEY, users=OTHER_USER) == 0


def test_every_start_is_on_the_record_with_its_rules(bench: DeskBench) -> None:
    bench.restart(('per_transfer = "1000"', 'per_transfer = "900"'))
    started = bench.events("started")
    assert [event.data["version"] for event in started] == ["test", "test"]
    assert len({event.data["policy"] for event in started}) == 2
    assert started[1].data["policy"] == bench.desk.house.config.hash
    assert bench.read("SELECT count(*) FROM policies") == [(2,)]
