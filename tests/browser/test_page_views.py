"""What apps show people beside messages: modals that keep the focus and what was typed, the Home tab, files."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, expect
from stage import PHONE, Browse, Stage, focused_text, grave_findings, overflow, seat, type_command

from bot.sandbox.slack_workspace import File
from bot.sandbox.world import ALICE, BOB, CAROL

SPOT = {"text": {"type": "plain_text", "text": "Spot"}, "value": "spot"}
SWAP = {"text": {"type": "plain_text", "text": "USDT-margined swaps"}, "value": "linear-swap"}
PICKS = {"Exchange": "htx", "From": "htx:spot", "To": "htx:linear-swap", "Margin account": "USDT (cross)"}
# One pixel, so that a browser has something to show.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060f8cf0000030001"
    "01c9d8e7d50000000049454e44ae426082"
)


def _form(title: str = "Move money", hint: str = "Available: 25,000 USDT") -> dict[str, Any]:
    """A form as the desk could open one: a choice the desk hears of at once, an amount, a reason."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": title},
        "submit": {"type": "plain_text", "text": "Ask"},
        "blocks": [
            {
                "type": "input",
                "block_id": "from",
                "dispatch_action": True,
                "label": {"type": "plain_text", "text": "From"},
                "element": {"type": "static_select", "action_id": "account", "options": [SPOT, SWAP]},
            },
            {
                "type": "input",
                "block_id": "amount",
                "label": {"type": "plain_text", "text": "Amount"},
                "hint": {"type": "plain_text", "text": hint},
                "element": {"type": "plain_text_input", "action_id": "text"},
            },
        ],
    }


async def _ask_for_a_code(stage: Stage, page: Page) -> None:
    """Bring a transfer so far that Carol approves it with a one-time code, and press Approve as Carol."""
    await stage.scene.acts.type(ALICE, "3500 usdt htx:spot -> htx:linear-swap")
    await stage.scene.acts.confirm(ALICE, 1)
    await stage.scene.acts.card_saying(1, "transfer_approve")
    approve = seat(page, CAROL).get_by_role("button", name="Approve")
    await approve.focus()
    await page.keyboard.press("Enter")


def test_a_modal_keeps_the_focus_and_escape_gives_it_back(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(CAROL)
        await _ask_for_a_code(stage, page)
        modal = page.get_by_role("dialog")
        await expect(modal).to_be_visible()
        assert await page.evaluate("document.activeElement.matches('dialog [data-block=code]')")

        for _ in range(12):
            await page.keyboard.press("Tab")
            assert not await page.evaluate(
                "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
            )
        await page.keyboard.press("Escape")
        await expect(modal).to_be_hidden()
        await expect(page.locator(":is(button, textarea, input):focus")).to_be_attached()
        # The card may have been edited meanwhile, and its button be another one: then it is the line to type in.
        typing = await page.evaluate("document.activeElement.matches('.composer :is(textarea, input)')")
        assert typing or await focused_text(page) == "Approve 3,500.00 USDT, T1"

    browse(act)


def test_a_wrong_code_is_told_beside_its_field(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(CAROL, size=PHONE)
        await _ask_for_a_code(stage, page)
        modal = page.get_by_role("dialog")
        await modal.get_by_role("button", name="Approve").click()
        field = modal.get_by_role("textbox")
        await expect(modal.get_by_text("Please complete this required field.")).to_be_visible()
        await expect(field).to_be_focused()
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_have_accessible_description("Please complete this required field.")
        assert await overflow(page) <= 0
        assert await grave_findings(page) == []

        shown = await seat(page, CAROL).locator("output").inner_text()
        await field.fill(shown.replace(" ", ""))
        await page.keyboard.press("Enter")
        await expect(modal).to_be_hidden()

    browse(act)


def test_a_form_that_is_redrawn_keeps_what_was_typed_and_the_cursor(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE, BOB)
        views = stage.world.slack.views
        view = views.open(ALICE, _form())
        modal = page.get_by_role("dialog", name="Move money")
        amount = modal.get_by_label("Amount")
        await amount.fill("1250")
        await page.keyboard.press("ArrowLeft")
        views.update(view.id, _form(hint="Available: 24,000 USDT"))

        await expect(modal.get_by_text("Available: 24,000 USDT")).to_be_visible()
        await expect(amount).to_have_value("1250")
        await expect(amount).to_be_focused()
        assert await amount.evaluate("field => field.selectionStart") == 3

        await modal.get_by_label("From").select_option("linear-swap")
        await stage.world.slack.wait_for(lambda: _chosen(stage) == "linear-swap", 10)
        assert await grave_findings(page) == []

        # The field loses the focus only because the form goes; nothing may go wrong with what was typed into it.
        await amount.fill("99")
        await page.keyboard.press("Escape")
        await expect(modal).to_be_hidden()

    def _chosen(stage: Stage) -> str | None:
        view = stage.world.slack.views.open_view(ALICE)
        assert view is not None
        option = view.values["from"]["account"]["selected_option"]
        return option and option["value"]

    browse(act)


def test_the_form_asks_for_a_transfer_with_the_keyboard(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE, size=PHONE)
        hers = seat(page, ALICE)
        await hers.get_by_role("button", name="Move money").press("Enter")
        form = page.get_by_role("dialog")
        for label, option in PICKS.items():
            await form.get_by_label(label, exact=True).select_option(label=option)
            await expect(form.get_by_label(label, exact=True)).to_have_value(re.compile(".+"))
        await expect(form.get_by_text("Available on htx:spot")).to_be_visible()  # no update comes after it
        await form.get_by_label("Amount").fill("a lot")
        await page.keyboard.press("Enter")
        amount = form.get_by_label("Amount")
        await expect(amount).to_have_attribute("aria-invalid", "true")
        await expect(amount).to_be_focused()
        await expect(amount).to_have_value("a lot")
        assert await overflow(page) <= 0
        assert await grave_findings(page) == []

        await amount.fill("400")
        await page.keyboard.press("Enter")
        await expect(form).to_be_hidden()
        await expect(hers.get_by_role("button", name="Confirm 400 USDT")).to_be_visible()

    browse(act)


def test_everybody_has_a_home_tab_of_their_own_and_its_buttons_work(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        await stage.scene.acts.type(ALICE, "400 usdt htx:spot -> htx:linear-swap")
        await stage.scene.acts.card_saying(1, "transfer_confirm")
        page = await stage.open(ALICE, BOB)
        for person in (ALICE, BOB):
            await seat(page, person).get_by_role("tab", name="Home").click()
        await expect(seat(page, BOB).get_by_text("Nothing waits for you.")).to_be_visible()
        show = seat(page, ALICE).get_by_role("button", name="Show the card of T1")
        await expect(show).to_be_visible()
        assert await grave_findings(page) == []

        await show.press("Enter")
        await expect(page.get_by_role("dialog")).to_contain_text("400 USDT")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(show).to_be_focused()

    browse(act)


def test_a_picture_is_shown_with_its_words_and_a_message_to_one_person_to_nobody_else(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE, BOB)
        slack = stage.world.slack
        direct = slack.workspace.open_direct(ALICE).id
        slack.workspace.post(direct, slack.workspace.bot.id, "", files=[_shared(stage)])

        await seat(page, ALICE).get_by_role("tab", name="Messages").click()
        picture = seat(page, ALICE).get_by_role("img", name="Net flow by account")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.naturalWidth") == 1
        await expect(seat(page, BOB).get_by_role("tab", name="Messages")).to_have_count(0)
        assert await grave_findings(page) == []

    def _shared(stage: Stage) -> File:
        files = stage.world.slack.files
        file_id, address = files.reserve("flow.png", len(PICTURE), "Net flow by account")
        files.receive(address.rpartition("/")[2], PICTURE)
        return files.finish(file_id, "Flow of the week", stage.world.slack.workspace.bot.id, 0)

    browse(act)


def test_the_wire_tells_what_went_between_slack_and_the_desk(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE)
        await type_command(page, ALICE, "limits")
        await page.get_by_role("tab", name="Wire").click()
        wire = page.get_by_role("tabpanel", name="Wire")
        await expect(wire.get_by_role("listitem").filter(has_text="command /transfer")).to_contain_text("acked")
        await expect(wire.get_by_role("listitem").filter(has_text="command /transfer")).to_contain_text("#treasury")

    browse(act)
