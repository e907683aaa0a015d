"""One-time codes: where a tier asks for one, a Slack account alone approves nothing."""

from __future__ import annotations

import pyotp
import pytest
from desk_bench import ALICE, BOB, CAROL, DAN, SNAPSHOT, STRANGER, DeskBench, rule_says
from pydantic import SecretStr

from bot.desk import CODE_NEEDED, Person, Refusal
from bot.totp import SecondFactors
from bot.transfers import State, Transfer

SECRETS = {
    BOB.user: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    CAROL.user: "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U",
    DAN.user: "KRUGS4ZANFZSA5DIMUQHGZLDOJSXIIDP",
}
WITH_CODE = rule_says('approvals = [{ count = 1, from = "treasurers", second_factor = "totp" }]')
TWO_WITH_CODE = rule_says('approvals = [{ count = 2, from = "treasurers", second_factor = "totp" }]')

LOCKED_OUT = "There were 5 wrong codes within ten minutes; wait ten minutes. Nothing changed."


@pytest.fixture
def waiting(bench: DeskBench) -> Transfer:
    """A transfer that takes one approval with a code."""
    bench.factors = SecondFactors({user: SecretStr(secret) for user, secret in SECRETS.items()})
    bench.restart(WITH_CODE)
    transfer = bench.awaiting()
    bench.post()
    return transfer


def code(bench: DeskBench, person: Person = CAROL, steps: int = 0) -> str:
    """What a person's phone shows, so many steps of 30 s from now."""
    return pyotp.TOTP(SECRETS[person.user]).at(bench.clock.now(), counter_offset=steps)


def wrong(bench: DeskBench, person: Person = CAROL) -> str:
    good = {code(bench, person, steps) for steps in (-1, 0, 1)}
    return next(digits for digits in ("918273", "827364", "736455", "645546") if digits not in good)


def press(bench: DeskBench, transfer: Transfer, by: Person = CAROL) -> object:
    return bench.desk.approve(bench.click(transfer, by), bench.soon).result()


def tries(bench: DeskBench) -> list[str]:
    return [str(event.data["why"]) for event in bench.events("turned_away")]


def test_a_press_asks_for_a_code_and_writes_nothing(bench: DeskBench, waiting: Transfer) -> None:
    before = bench.counts()
    assert press(bench, waiting) is CODE_NEEDED
    assert bench.counts() == before
    assert bench.read("SELECT count(*) FROM codes") == [(0,)]
    assert bench.get(1) == waiting


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_right_code_approves(bench: DeskBench, waiting: Transfer, steps: int) -> None:
    assert bench.approve_with(code(bench, CAROL, steps), waiting, CAROL).startswith("You approved T1, and it goes out")
    assert bench.state(waiting) == "approved"
    assert [event.data["second_factor"] for event in bench.events("approve_vote")] == [True]
    assert bench.desk.claim(1, SNAPSHOT).result() is not None


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_of_another_time_does_not(bench: DeskBench, waiting: Transfer, steps: int) -> None:
    assert bench.approve_with(code(bench, CAROL, steps), waiting, CAROL) == "That code is wrong. Nothing changed."
    assert bench.get(1) == waiting


def test_another_persons_code_does_not(bench: DeskBench, waiting: Transfer) -> None:
    assert bench.approve_with(code(bench, DAN), waiting, CAROL) == "That code is wrong. Nothing changed."
    assert bench.state(waiting) == "awaiting_approval"


def test_a_wrong_code_is_a_refusal_and_on_record(bench: DeskBench, waiting: Transfer) -> None:
    answer = bench.approve_with(wrong(bench), waiting, CAROL)
    assert isinstance(answer, Refusal)
    (event,) = bench.events("turned_away")
    assert (event.actor, event.data["attempt"], event.data["why"]) == (
        CAROL.user,
        "approve T1 version 1 with a code",
        "That code is wrong.",
    )
    assert bench.get(1) == waiting


def test_somebody_without_a_secret_approves_nothing(bench: DeskBench) -> None:
    bench.restart(WITH_CODE)
    transfer = bench.awaiting()
    assert bench.approve_with("000000", transfer, CAROL) == (
        "This desk has no secret for your one-time codes; whoever runs it can enrol you. Nothing changed."
    )
    assert len(tries(bench)) == 1


@pytest.mark.parametrize(("by", "why"), [(ALICE, "You asked for T1"), (STRANGER, "You are not on this desk")])
def test_a_right_code_does_not_make_up_for_the_wrong_person(
    bench: DeskBench, waiting: Transfer, by: Person, why: str
) -> None:
    assert bench.approve_with(code(bench, CAROL), waiting, by).startswith(why)
    assert press(bench, waiting, by) is not CODE_NEEDED
    assert bench.read("SELECT count(*) FROM codes") == [(0,)]


def test_denying_takes_no_code(bench: DeskBench, waiting: Transfer) -> None:
    bench.deny(waiting, CAROL)
    assert bench.state(waiting) == "denied"


def test_each_of_two_approvers_takes_a_code_of_their_own(bench: DeskBench, waiting: Transfer) -> None:
    bench.restart((WITH_CODE[1], TWO_WITH_CODE[1]))
    bench.confirm(bench.get(1))
    transfer = bench.get(1)
    bench.approve_with(code(bench, CAROL), transfer, CAROL)
    assert bench.approve_with(code(bench, CAROL), transfer, DAN).startswith("That code is wrong.")
    assert bench.state(transfer) == "awaiting_approval"
    bench.approve_with(code(bench, DAN), transfer, DAN)
    assert bench.state(transfer) == "approved"
    assert waiting.version < transfer.version


# No code twice -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("restarted", [False, True])
def test_a_code_counts_once_whatever_it_is_for(bench: DeskBench, waiting: Transfer, restarted: bool) -> None:
    other = bench.awaiting("251 usdt htx:spot -> htx:linear-swap")
    used = code(bench)
    bench.approve_with(used, waiting, CAROL)
    if restarted:
        bench.restart()
    answer = bench.approve_with(used, other, CAROL)
    assert answer == "That code was used already; wait for the next one. Nothing changed."
    assert bench.state(other) == "awaiting_approval"
    bench.clock.advance(30)
    bench.approve_with(code(bench), other, CAROL)
    assert bench.state(other) == "approved"


def test_an_older_code_is_worth_nothing_after_a_newer_one(bench: DeskBench, waiting: Transfer) -> None:
    other = bench.awaiting("251 usdt htx:spot -> htx:linear-swap")
    bench.approve_with(code(bench, CAROL, 1), waiting, CAROL)
    for steps in (-1, 0, 1):
        assert bench.approve_with(code(bench, CAROL, steps), other, CAROL).startswith("That code was used already")
    assert bench.state(other) == "awaiting_approval"


def test_a_repeated_delivery_of_the_form_gets_the_same_answer(bench: DeskBench, waiting: Transfer) -> None:
    typed = code(bench)
    answers = {bench.approve_with(typed, waiting, CAROL, key="form-1") for _ in range(3)}
    assert len(answers) == 1
    assert tries(bench) == []
    assert len(bench.events("approve_vote")) == 1


def test_a_repeated_delivery_of_a_wrong_code_is_one_wrong_code(bench: DeskBench, waiting: Transfer) -> None:
    typed = wrong(bench)
    assert len({bench.approve_with(typed, waiting, CAROL, key="form-1") for _ in range(9)}) == 1
    assert len(tries(bench)) == 1
    assert bench.approve_with(code(bench), waiting, CAROL).startswith("You approved")


# No guessing ---------------------------------------------------------------------------------------------------------


def test_after_five_wrong_codes_in_ten_minutes_not_even_a_right_one_counts(bench: DeskBench, waiting: Transfer) -> None:
    for _ in range(5):
        assert bench.approve_with(wrong(bench), waiting, CAROL).startswith("That code is wrong.")
        bench.clock.advance(60)
    assert bench.approve_with(code(bench), waiting, CAROL) == LOCKED_OUT
    assert bench.state(waiting) == "awaiting_approval"
    assert len(tries(bench)) == 6
    assert bench.read("SELECT count(*) FROM codes WHERE step IS NOT NULL") == [(0,)]


def test_somebody_elses_wrong_codes_lock_out_nobody_else(bench: DeskBench, waiting: Transfer) -> None:
    for _ in range(6):
        bench.approve_with(wrong(bench), waiting, CAROL)
    bench.approve_with(code(bench, DAN), waiting, DAN)
    assert bench.state(waiting) == "approved"


def test_wrong_codes_count_across_transfers_and_restarts(bench: DeskBench, waiting: Transfer) -> None:
    other = bench.awaiting("251 usdt htx:spot -> htx:linear-swap")
    for transfer in (waiting, other, waiting, other, waiting):
        bench.approve_with(wrong(bench), transfer, CAROL)
    bench.restart()
    assert bench.approve_with(code(bench), other, CAROL) == LOCKED_OUT


def test_a_used_code_tried_again_counts_as_a_wrong_one(bench: DeskBench, waiting: Transfer) -> None:
    other = bench.awaiting("251 usdt htx:spot -> htx:linear-swap")
    used = code(bench)
    bench.approve_with(used, waiting, CAROL)
    for _ in range(5):
        bench.approve_with(used, other, CAROL)
    assert bench.approve_with(code(bench, CAROL, 1), other, CAROL) == LOCKED_OUT


def test_right_codes_are_no_step_towards_being_locked_out(bench: DeskBench, waiting: Transfer) -> None:
    others = [bench.awaiting(f"{amount} usdt htx:spot -> htx:linear-swap") for amount in range(1, 4)]
    for transfer in (waiting, *others[:2]):
        bench.approve_with(wrong(bench), transfer, CAROL)
        bench.approve_with(code(bench), transfer, CAROL)
        bench.clock.advance(30)
    bench.approve_with(code(bench), others[2], CAROL)
    assert {bench.state(transfer) for transfer in (waiting, *others)} == {"approved"}


def test_tries_while_locked_out_do_not_make_it_longer(bench: DeskBench, waiting: Transfer) -> None:
    for _ in range(5):
        bench.approve_with(wrong(bench), waiting, CAROL)
    bench.clock.advance(599.999)
    assert bench.approve_with(wrong(bench), waiting, CAROL) == LOCKED_OUT
    bench.clock.advance(0.001)
    bench.approve_with(code(bench), waiting, CAROL)
    assert bench.state(waiting) == "approved"


# No trace ------------------------------------------------------------------------------------------------------------


def test_no_code_and_no_secret_is_in_any_file(bench: DeskBench, waiting: Transfer) -> None:
    other = bench.awaiting("251 usdt htx:spot -> htx:linear-swap")
    typed = [wrong(bench), code(bench), code(bench)]
    bench.approve_with(typed[0], waiting, CAROL)
    bench.approve_with(typed[1], waiting, CAROL)
    bench.approve_with(f"{typed[2][:3]} {typed[2][3:]}", other, CAROL)
    assert bench.get(1).state is State.APPROVED
    for closed in (False, True):
        if closed:
            bench.close()
        files = {file.name: file.read_bytes() for file in bench.folder.iterdir()}
        assert "desk.db" in files
        for name, held in files.items():
            for secret in (*typed, f"{typed[2][:3]} {typed[2][3:]}", *SECRETS.values()):
                assert secret.encode() not in held, name
    bench.open()
