"""People at the page: what they type, press, see and do not see, with the keyboard and side by side."""

from __future__ import annotations

from playwright.async_api import expect
from stage import Browse, Stage, focused_text, seat, type_command

from bot.sandbox.world import ALICE, BOB, CAROL, MALLORY

MOVE = "250 usdt htx:spot -> htx:linear-swap"


def test_a_transfer_is_asked_confirmed_and_done_with_the_keyboard_alone(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE)
        hers = seat(page, ALICE)
        await page.keyboard.press("Tab")
        assert await focused_text(page) == "Skip to the conversation"
        await page.keyboard.press("Enter")
        for _ in range(30):
            if await page.evaluate("document.activeElement.matches('.command-line input')"):
                break
            await page.keyboard.press("Tab")
        await page.keyboard.type(f"/transfer {MOVE}")
        await page.keyboard.press("Enter")

        await expect(hers.get_by_text("Please check and confirm")).to_be_visible()
        for _ in range(30):
            await page.keyboard.press("Shift+Tab")
            if await focused_text(page) == "Confirm 250 USDT, T1":
                break
        await page.keyboard.press("Enter")
        await expect(hers.locator(".messages").get_by_text("Done", exact=True)).to_be_visible()
        await expect(page.get_by_role("region", name="htx: balances").get_by_text("24,750")).to_be_visible()
        assert len(stage.world.htx.executed) == 1

    browse(act)


def test_an_approver_beside_the_requester_approves(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE)
        await type_command(page, ALICE, "1500 usdt htx:spot -> htx:linear-swap")
        await seat(page, ALICE).get_by_role("button", name="Confirm 1,500.00 USDT").click()
        await page.get_by_role("button", name="Show Carol Lindqvist’s view beside").click()
        await seat(page, CAROL).get_by_role("button", name="Approve").click()

        await expect(seat(page, ALICE).get_by_text("Done", exact=True)).to_be_visible()
        await expect(seat(page, CAROL).get_by_text("Done", exact=True)).to_be_visible()

        await seat(page, CAROL).get_by_role("button", name="Close this view").click()
        await expect(seat(page, CAROL)).to_have_count(0)
        assert await page.evaluate("document.activeElement.id") == f"command-{ALICE}"

    browse(act)


def test_what_one_person_is_told_privately_nobody_else_sees(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(MALLORY, ALICE, BOB)
        await type_command(page, MALLORY, "5000 usdt htx:spot -> htx:linear-swap")

        await expect(seat(page, MALLORY).get_by_text("not on this desk's allowlist")).to_be_visible()
        await expect(seat(page, MALLORY).get_by_text("Only visible to Mallory Quint")).to_be_visible()
        assert await page.get_by_role("main").get_by_text("not on this desk's allowlist").count() == 1

    browse(act)


def test_a_thread_opens_beside_its_message_and_escape_closes_it(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE)
        await type_command(page, ALICE, MOVE)
        await seat(page, ALICE).get_by_role("button", name="Confirm 250 USDT").click()
        replies = seat(page, ALICE).get_by_role("button", name="1 reply")
        await replies.focus()
        await page.keyboard.press("Enter")

        thread = seat(page, ALICE).get_by_role("complementary", name="Thread")
        await expect(thread.get_by_text("T1, 250 USDT", exact=False)).to_be_visible()
        assert await focused_text(page) == "Close"
        await page.keyboard.press("Escape")
        await expect(thread).to_be_hidden()
        await expect(replies).to_be_focused()

    browse(act)


def test_the_arrow_key_brings_back_what_was_typed(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE)
        box = seat(page, ALICE).get_by_label("Slash command")
        await type_command(page, ALICE, "limits")
        await box.fill("/transfer half a thought")
        await box.press("ArrowUp")
        await expect(box).to_have_value("/transfer limits")
        await box.press("ArrowDown")
        await expect(box).to_have_value("/transfer half a thought")

    browse(act)


def test_news_reach_a_screen_reader(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE)
        await type_command(page, ALICE, MOVE)
        await expect(page.get_by_role("log")).to_contain_text("#treasury, Transferdesk")

    browse(act)


def test_a_fault_ordered_on_the_page_strikes_the_next_transfer(browse: Browse) -> None:
    async def act(stage: Stage) -> None:
        page = await stage.open(ALICE)
        await page.get_by_role("tab", name="Faults").click()
        await page.locator("#exchange-faults > details").first.get_by_role("button", name="drop after").click()
        await expect(page.get_by_role("tab", name="Faults 1")).to_be_visible()
        await type_command(page, ALICE, MOVE)
        await seat(page, ALICE).get_by_role("button", name="Confirm 250 USDT").click()

        await expect(seat(page, ALICE).get_by_text("do not repeat it")).to_be_visible()
        await expect(page.get_by_role("tab", name="Faults", exact=True)).to_be_visible()

    browse(act)
