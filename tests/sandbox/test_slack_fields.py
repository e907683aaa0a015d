"""Fields of a modal: what may stand in them, what is kept when the app redraws, what the app hears of at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_bench import ALICE, BOB, Bench, client_of, connected, error_of, form, listening
from slack_bolt.response import BoltResponse

from bot.sandbox.slack_blocks import block_problems

Block = dict[str, Any]


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _option(name: str) -> Block:
    return {"text": _plain(name.upper()), "value": name}


def _input(block_id: str, element: Block, **more: Any) -> Block:
    return {"type": "input", "block_id": block_id, "label": _plain(block_id), "element": element, **more}


def _select(*names: str, **more: Any) -> Block:
    return {"type": "static_select", "action_id": "pick", "options": [_option(name) for name in names], **more}


def _text(**more: Any) -> Block:
    return {"type": "plain_text_input", "action_id": "text", **more}


def _number(**more: Any) -> Block:
    return {"type": "number_input", "action_id": "number", "is_decimal_allowed": True, **more}


def _modal(*blocks: Block, **more: Any) -> Block:
    return {"type": "modal", "title": _plain("Move"), "submit": _plain("Send"), "blocks": [*blocks], **more}


TRANSFER = _modal(
    _input("from", _select("spot", "otc", initial_option=_option("spot")), dispatch_action=True),
    _input("amount", _number(min_value="0.5", max_value="100"), dispatch_action=True),
    _input("why", _text(max_length=10, initial_value="margin"), optional=True),
)


def _with_app(scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def run() -> None:
        async with connected(ack_seconds=1.0) as bench:
            for name in ("pick", "text", "number"):

                @bench.app.action(name)
                async def changed(ack: Any, body: dict[str, Any]) -> None:
                    bench.heard.append(body)
                    await ack()

            @bench.app.view("")
            async def sent(ack: Any, body: dict[str, Any]) -> None:
                bench.heard.append(body)
                await ack()

            await scenario(bench)

    asyncio.run(run())


def _amount(text: str | None) -> dict[str, Any]:
    return {"amount": {"number": {"type": "number_input", "value": text}}}


def test_every_field_is_in_the_state_with_its_initial_value() -> None:
    async def scenario(bench: Bench) -> None:
        view = bench.slack.views.open(ALICE, TRANSFER)
        await bench.slack.submit_view(ALICE, view.id, _amount("2.50"))

        assert bench.heard[-1]["view"]["state"]["values"] == {
            "from": {"pick": {"type": "static_select", "selected_option": _option("spot")}},
            "amount": {"number": {"type": "number_input", "value": "2.50"}},
            "why": {"text": {"type": "plain_text_input", "value": "margin"}},
        }
        assert bench.slack.views.open_view(ALICE) is None

    _with_app(scenario)


def test_a_choice_is_told_at_once_with_what_was_typed_and_the_hash() -> None:
    async def scenario(bench: Bench) -> None:
        view = bench.slack.views.open(ALICE, TRANSFER)
        assert await bench.slack.change_in_view(ALICE, view.id, "amount", "number", "7") is None
        act = await bench.slack.change_in_view(ALICE, view.id, "from", "pick", "otc")

        assert act is not None and act.acked
        (body,) = bench.heard
        assert (body["type"], body["container"]) == ("block_actions", {"type": "view", "view_id": view.id})
        (action,) = body["actions"]
        assert (action["type"], action["block_id"], action["action_id"]) == ("static_select", "from", "pick")
        assert action["selected_option"] == _option("otc")
        assert body["view"]["hash"] == view.hash
        assert body["view"]["state"]["values"]["amount"] == _amount("7")["amount"]
        assert body["view"]["state"]["values"]["from"]["pick"]["selected_option"] == _option("otc")

    _with_app(scenario)


def test_typing_is_told_on_enter_or_by_the_character_as_the_field_asks() -> None:
    async def scenario(bench: Bench) -> None:
        by_character = {"trigger_actions_on": ["on_character_entered"]}
        both = _modal(
            _input("enter", _text(), dispatch_action=True),
            _input("each", _text(dispatch_action_config=by_character), dispatch_action=True),
            _input("never", _text()),
        )
        view = bench.slack.views.open(ALICE, both)
        told = []
        for block_id in ("enter", "each", "never"):
            for entered in (False, True):
                act = await bench.slack.change_in_view(ALICE, view.id, block_id, "text", "250", entered=entered)
                told.append((block_id, entered, act is not None))

        assert told == [
            ("enter", False, False),
            ("enter", True, True),
            ("each", False, True),
            ("each", True, False),
            ("never", False, False),
            ("never", True, False),
        ]
        assert [body["actions"][0]["value"] for body in bench.heard] == ["250", "250"]
        typed = bench.heard[-1]["view"]["state"]["values"]["enter"]["text"]
        assert typed == {"type": "plain_text_input", "value": "250"}

    _with_app(scenario)


def test_a_select_outside_an_input_is_always_told() -> None:
    async def scenario(bench: Bench) -> None:
        actions = {"type": "actions", "block_id": "days", "elements": [_select("7d", "30d")]}
        view = bench.slack.views.open(ALICE, _modal(actions))
        act = await bench.slack.change_in_view(ALICE, view.id, "days", "pick", "30d")

        assert act is not None and bench.heard[0]["actions"][0]["selected_option"]["value"] == "30d"

    _with_app(scenario)


def test_what_is_not_there_can_be_neither_chosen_nor_filled() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            view = slack.views.open(ALICE, TRANSFER)
            for person, block_id, action_id, value in (
                (ALICE, "from", "pick", "futures"),
                (ALICE, "from", "text", "otc"),
                (ALICE, "where", "pick", "otc"),
                (BOB, "from", "pick", "otc"),
            ):
                with pytest.raises(LookupError):
                    await slack.change_in_view(person, view.id, block_id, action_id, value)
            forged = {"from": {"pick": {"selected_option": _option("futures")}}}
            with pytest.raises(LookupError):
                await slack.submit_view(ALICE, view.id, forged)

            assert slack.views.stack(ALICE) == [view]

    asyncio.run(scenario())


def test_an_update_keeps_what_was_typed_where_block_action_and_type_stay() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            client = client_of(slack)
            trigger = slack.triggers.issue(ALICE)
            opened = (await client.views_open(trigger_id=trigger, view={**TRANSFER, "external_id": "move"}))["view"]
            await slack.change_in_view(ALICE, opened["id"], "amount", "number", "7")
            await slack.change_in_view(ALICE, opened["id"], "why", "text", None)
            redrawn = _modal(
                _input("from", _select("otc", initial_option=_option("otc"))),
                _input("amount", _number(initial_value="1")),
                _input("why", _text(initial_value="margin")),
                _input("reason", _text(initial_value="new")),
            )
            updated = await client.views_update(external_id="move", hash=opened["hash"], view=redrawn)

            values = updated["view"]["state"]["values"]
            assert updated["view"]["id"] == opened["id"]
            assert values["amount"]["number"]["value"] == "7"
            assert values["why"]["text"]["value"] is None
            assert values["reason"]["text"]["value"] == "new"
            assert values["from"]["pick"]["selected_option"] == _option("otc")  # spot is no longer offered

            renamed = _modal(_input("amount-2", _number()), _input("why", _number(action_id="text")))
            renewed = await client.views_update(view_id=opened["id"], view=renamed)
            assert renewed["view"]["state"]["values"] == {
                "amount-2": {"number": {"type": "number_input", "value": None}},
                "why": {"text": {"type": "number_input", "value": None}},
            }

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("typed", "beside"),
    [
        (None, "Please complete this required field."),
        ("ten", "Please enter a number."),
        ("NaN", "Please enter a number."),
        ("0.4", "Please enter 0.5 or more."),
        ("100.01", "Please enter 100 or less."),
    ],
)
def test_what_slacks_client_would_not_send_stays_in_the_modal(typed: str | None, beside: str) -> None:
    async def scenario(bench: Bench) -> None:
        view = bench.slack.views.open(ALICE, TRANSFER)
        act = await bench.slack.submit_view(ALICE, view.id, _amount(typed))

        assert (act.failure, bench.heard) == ("incomplete", [])
        assert bench.slack.views.stack(ALICE)[0].errors == {"amount": beside}

    _with_app(scenario)


def test_texts_too_long_and_broken_wholes_stay_in_the_modal_too() -> None:
    async def scenario(bench: Bench) -> None:
        fields = _modal(
            _input("why", _text(min_length=3, max_length=5)), _input("days", _number(is_decimal_allowed=False))
        )
        view = bench.slack.views.open(ALICE, fields)
        values = {"why": {"text": {"value": "because"}}, "days": {"number": {"value": "1.5"}}}
        await bench.slack.submit_view(ALICE, view.id, values)
        assert bench.slack.views.stack(ALICE)[0].errors == {
            "why": "Please enter 3 to 5 characters.",
            "days": "Please enter a whole number.",
        }

        right = {"why": {"text": {"value": "hedge"}}, "days": {"number": {"value": "2.0"}}}
        assert (await bench.slack.submit_view(ALICE, view.id, right)).acked

    _with_app(scenario)


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors"},
        {"response_action": "errors", "errors": {"where": "There is no such block."}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "update"},
        {"response_action": "reload"},
    ],
)
def test_an_answer_slack_cannot_follow_leaves_the_modal_and_is_trouble(answer: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with connected() as bench:

            @bench.app.view("own")
            async def sent(ack: Any) -> None:
                ack.response = BoltResponse(status=200, body=answer)  # what Bolt itself would not say

            view = bench.slack.views.open(ALICE, {**form(), "callback_id": "own"})
            act = await bench.slack.submit_view(ALICE, view.id, {"why": {"text": {"value": "x"}}})
            assert act.acked
            assert [one.id for one in bench.slack.views.stack(ALICE)] == [view.id]
            assert bench.slack.views.stack(ALICE)[0].errors == {}
            assert "trouble connecting" in bench.slack.workspace.ephemerals(ALICE)[0].text

    asyncio.run(scenario())


def test_an_answer_can_close_every_modal() -> None:
    async def scenario() -> None:
        async with connected() as bench:

            @bench.app.view("own")
            async def sent(ack: Any) -> None:
                await ack(response_action="clear")

            bench.slack.views.open(ALICE, form())
            view = bench.slack.views.open(ALICE, {**form(), "callback_id": "own"})
            await bench.slack.submit_view(ALICE, view.id, {"why": {"text": {"value": "x"}}})
            assert bench.slack.views.stack(ALICE) == []

    asyncio.run(scenario())


def test_an_external_id_is_one_views_alone() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            client = client_of(slack)

            async def opened(name: str) -> dict[str, Any]:
                trigger = slack.triggers.issue(ALICE)
                answer = await client.views_open(trigger_id=trigger, view={**TRANSFER, "external_id": name})
                view: dict[str, Any] = answer["view"]
                return view

            await opened("one")
            assert await error_of(opened("one")) == "duplicate_external_id"
            second = await opened("two")
            renamed = client.views_update(view_id=second["id"], view={**TRANSFER, "external_id": "one"})
            assert await error_of(renamed) == "duplicate_external_id"
            assert await error_of(client.views_update(external_id="three", view=TRANSFER)) == "not_found"

    asyncio.run(scenario())


GROUPS = [
    {"label": _plain("HTX"), "options": [_option("spot")]},
    {"label": _plain("CoinW"), "options": [_option("u1")]},
]
GROUPED = {"type": "static_select", "action_id": "pick", "option_groups": GROUPS}


@pytest.mark.parametrize(
    "element",
    [
        _select("spot", placeholder=_plain("Choose")),
        {**GROUPED, "initial_option": _option("u1")},
        _text(multiline=True, min_length=0, max_length=3000, placeholder=_plain("Why")),
        _number(is_decimal_allowed=False, min_value="1", max_value="9", initial_value="5"),
    ],
)
def test_a_form_takes_these_fields(element: Block) -> None:
    assert block_problems([_input("one", element)], "modal") == []


@pytest.mark.parametrize(
    "element",
    [
        _select(),
        _select(*(str(number) for number in range(101))),
        _select("x" * 76),
        _select("spot", initial_option=_option("otc")),
        _select("spot", placeholder=_plain("x" * 151)),
        _select("spot", option_groups=GROUPS),
        {"type": "static_select", "action_id": "pick"},
        {**GROUPED, "option_groups": []},
        {**GROUPED, "option_groups": [{"label": _plain("HTX"), "options": []}]},
        {**GROUPED, "option_groups": [{"options": [_option("spot")]}]},
        {**GROUPED, "initial_option": _option("otc")},
        _text(max_length=3001),
        _text(max_length=True),
        _text(min_length=-1),
        _text(initial_value="x" * 3001),
        _text(initial_value=5),
        _text(multiline="yes"),
        _text(placholder=_plain("Why")),
        _text(dispatch_action_config={"trigger_actions_on": ["on_leave"]}),
        {"type": "number_input", "action_id": "number"},
        _number(is_decimal_allowed="true"),
        _number(min_value=1),
        _number(max_value="much"),
        {"type": "datepicker", "action_id": "day"},
        {"type": "button", "action_id": "go", "text": _plain("Go")},
        {"type": "static_select", "action_id": "pick", "options": [{"text": _plain("Spot"), "value": "x" * 151}]},
        {"type": "static_select", "action_id": "pick", "options": [{**_option("spot"), "colour": "green"}]},
    ],
)
def test_a_form_does_not_take_what_slack_would_refuse(element: Block) -> None:
    (problem, *_) = block_problems([_input("one", element)], "modal")
    assert "json-pointer:/blocks/0/element" in problem


@pytest.mark.parametrize(
    "block",
    [
        _input("one", _text(), dispatch_action="yes"),
        _input("one", _text(), optional=1),
        _input("one", _text(), disptach_action=True),
        {"type": "actions", "elements": [_text()]},
        {"type": "section", "text": _plain("x"), "accessory": _number()},
        {"type": "divider", "text": _plain("x")},
    ],
)
def test_a_block_is_taken_with_what_it_knows_only(block: Block) -> None:
    assert block_problems([block], "modal") != []


def test_a_modal_is_taken_with_what_it_knows_only() -> None:
    async def scenario() -> None:
        async with listening() as slack:
            client = client_of(slack)
            for wrong in ({"notify_on_close": "yes"}, {"titel": _plain("x")}, {"external_id": "x" * 256}):
                trigger = slack.triggers.issue(ALICE)
                opened = client.views_open(trigger_id=trigger, view={**form(), **wrong})
                assert await error_of(opened) == "invalid_arguments"
            assert slack.views.stack(ALICE) == []

    asyncio.run(scenario())
