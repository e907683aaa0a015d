"""Home tabs on a local Slack: opened, and looked at as time goes by."""

from __future__ import annotations

from desk_bench import ALICE, STRANGER, Person
from form_scene import FormScene

from bot.sandbox.slack_views import View


def home(scene: FormScene, person: Person = ALICE) -> View:
    return scene.slack.views.homes[person.user]


def says(scene: FormScene, person: Person = ALICE) -> str:
    return str(home(scene, person).content["blocks"]) if person.user in scene.slack.views.homes else ""


def published(scene: FormScene) -> int:
    return scene.calls().count("views.publish")


async def opened(scene: FormScene, person: Person = ALICE) -> None:
    """Open the tab, and let the desk look at every tab it keeps."""
    act = await scene.slack.open_home(person.user)
    assert act is not None
    assert act.failure is None
    await scene.slack.wait_for(lambda: person.user in kept(scene) or person == STRANGER)
    await scene.homes.step()


def kept(scene: FormScene) -> list[str]:
    return [shown.person for shown in scene.bench.desk.homes().result()]


async def later(scene: FormScene, seconds: float = 3.0) -> float:
    """Let time pass, something be written, and the desk look. Returns the seconds it wants to wait."""
    scene.bench.clock.advance(seconds)
    scene.homes.changed()
    return await scene.homes.step()
