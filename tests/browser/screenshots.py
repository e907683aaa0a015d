"""Make the README's pictures of a real desk at work: `make screenshots`."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from chromium import installed, launched  # noqa: E402 - only now can they be found
from PIL import Image  # noqa: E402
from playwright.async_api import Locator, Page, expect  # noqa: E402
from scene import Scene  # noqa: E402
from stage import PHONE, Stage, seat, type_command  # noqa: E402

from bot.clock import SystemClock  # noqa: E402
from bot.sandbox.world import ALICE, BOB, CAROL, DAN, TREASURY, World  # noqa: E402

DOCS = Path(__file__).parents[2] / "docs"
BYTES_MAX = 150_000
COLOURS = (256, 128, 64)
DESK = {"width": 1440, "height": 900}
LOOK = {"locale": "en-GB", "timezone_id": "UTC", "device_scale_factor": 1.5}


async def main() -> None:
    """Play what the pictures show, and take them."""
    path = installed()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    world = World(SystemClock())
    await world.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            scene = Scene(world, Path(folder))
            async with scene.desk(), launched(path) as browser:
                await scene.desk_is_open()
                await _play(Stage(scene, browser))
    finally:
        await world.stop()


async def _play(stage: Stage) -> None:
    acts = stage.scene.acts
    await acts.type(ALICE, "250 usdt from htx:spot to htx:linear-swap")
    await acts.confirm(ALICE, 1)
    await acts.card_saying(1, "Done")
    await acts.type(BOB, "10 usdt coinw:master -> coinw:maker")
    await acts.confirm(BOB, 2)
    await acts.card_saying(2, "Done")
    _forget_private_answers(stage)
    page = await stage.open(ALICE, size=DESK, **LOOK)
    await _card(stage, page)
    await _form(page)
    await _side_by_side(stage, page)
    await _home(stage)
    await _lost_answer(stage)


async def _card(stage: Stage, page: Page) -> None:
    """A transfer asked for, on a desk and on a phone."""
    await type_command(page, ALICE, "1,250.50 usdt htx:spot -> htx:linear-swap reason margin call on BTC")
    confirm = page.get_by_role("button", name="Confirm 1,250.50 USDT")
    await expect(confirm).to_be_visible()
    await _keep("card", page.get_by_role("article").filter(has=confirm))
    phone = await stage.open(ALICE, size=PHONE, has_touch=True, **LOOK)
    await expect(seat(phone, ALICE).get_by_role("button", name="Confirm 1,250.50 USDT")).to_be_visible()
    await _keep("phone", phone)
    await phone.context.close()


async def _form(page: Page) -> None:
    """The form behind the shortcut, filled in."""
    await seat(page, ALICE).get_by_role("button", name="Move money").click()
    form = page.get_by_role("dialog")
    picks = {"Exchange": "htx", "From": "htx:spot", "To": "htx:linear-swap", "Margin account": "USDT (cross)"}
    for label, option in picks.items():
        await form.get_by_label(label, exact=True).select_option(label=option)
    await form.get_by_label("Amount").fill("400")
    await form.get_by_label("Reason").fill("margin call on BTC")
    await _keep("form", form)
    await page.keyboard.press("Escape")
    await expect(form).to_be_hidden()


async def _side_by_side(stage: Stage, page: Page) -> None:
    """The requester has confirmed; the treasurer beside is asked."""
    await stage.scene.acts.confirm(ALICE, 3)
    await stage.scene.acts.card_saying(3, "transfer_approve")
    _forget_private_answers(stage)
    await page.get_by_role("button", name="Show Carol Lindqvist’s view beside").click()
    await expect(seat(page, CAROL).get_by_role("button", name="Approve 1,250.50 USDT")).to_be_visible()
    await _keep("page", page)
    await stage.scene.acts.approve(CAROL, 3)
    await stage.scene.acts.card_saying(3, "Done")


async def _home(stage: Stage) -> None:
    """What a treasurer finds on the Home tab while somebody waits for an approval."""
    await stage.scene.acts.type(ALICE, "2000 usdt htx:spot -> htx:linear-swap reason margin call on BTC")
    await stage.scene.acts.confirm(ALICE, 4)
    await stage.scene.acts.card_saying(4, "transfer_approve")
    page = await stage.open(CAROL, size={"width": 1000, "height": 650}, **LOOK)
    await seat(page, CAROL).get_by_role("tab", name="Home").click()
    await expect(seat(page, CAROL).get_by_role("button", name="Show the card of T4")).to_be_visible()
    await _keep("home", seat(page, CAROL))
    await page.context.close()
    await stage.scene.acts.approve(CAROL, 4)
    await stage.scene.acts.card_saying(4, "Done")


async def _lost_answer(stage: Stage) -> None:
    """An exchange that executed a transfer and did not answer, in the dark."""
    stage.world.htx.faults.plan("drop_after")
    await stage.scene.acts.type(BOB, "75 usdt htx:spot -> htx:linear-swap")
    await stage.scene.acts.confirm(BOB, 5)
    await stage.scene.acts.card_saying(5, "do not repeat it")
    _forget_private_answers(stage)
    page = await stage.open(DAN, size=DESK, color_scheme="dark", **LOOK)
    await page.get_by_role("tab", name="Wire").click()
    await expect(seat(page, DAN).get_by_text("do not repeat it")).to_be_visible()
    await _keep("page-dark", page)


def _forget_private_answers(stage: Stage) -> None:
    """Dismiss them, as people do: a picture has room for the cards."""
    workspace = stage.world.slack.workspace
    for person in (ALICE, BOB, CAROL):
        for private in workspace.ephemerals(person):
            workspace.delete(TREASURY, private.ts)


async def _keep(name: str, subject: Page | Locator) -> None:
    """Take a picture and write it with as many colours as its limit allows."""
    picture = Image.open(io.BytesIO(await subject.screenshot())).convert("RGB")
    for colours in COLOURS:
        packed = io.BytesIO()
        few = picture.quantize(palette=_palette(picture, colours), dither=Image.Dither.NONE)
        few.save(packed, "PNG", optimize=True)
        if packed.tell() < BYTES_MAX:
            break
    (DOCS / f"{name}.png").write_bytes(packed.getvalue())
    print(f"docs/{name}.png: {packed.tell() / 1000:.0f} kB, {colours} colours")  # noqa: T201 - a script tells


def _palette(picture: Image.Image, colours: int) -> Image.Image:
    """Half of the colours exactly as they are, the most frequent; half to be near every other, a check mark's green."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or (), reverse=True)
    frequent = [channel for _, colour in counted[: colours // 2] for channel in colour]  # type: ignore[union-attr]
    spread = picture.quantize(colours // 2, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette(frequent + spread[: colours // 2 * 3])
    return palette


if __name__ == "__main__":
    asyncio.run(main())
