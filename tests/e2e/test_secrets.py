"""Everything a run leaves behind is read as an attacker would read it: log, database, Slack."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from scene import Play, Scene

from bot.sandbox.world import ALICE, BOB, CAROL, DAN, MALLORY, TREASURY

FAULTS = ("drop_before", "drop_after", "redirect_302", "html_502", "bad_json", "http_500_after", "unknown_code")


def test_no_secret_is_left_anywhere(play: Play, tmp_path: Path) -> None:
    log = tmp_path / "desk.log"

    async def act(scene: Scene) -> None:
        with scene.desk_process(log):
            await scene.desk_is_open()
            await scene.acts.type(MALLORY, "250 usdt htx:spot -> htx:linear-swap")
            number = 0
            for fault in FAULTS:
                for exchange, route in (
                    ("htx", "htx:spot -> htx:linear-swap"),
                    ("coinw", "coinw:master -> coinw:maker"),
                ):
                    number += 1
                    getattr(scene.world, exchange).faults.plan(fault)
                    await scene.acts.type(ALICE, f"{number} usdt {route}")
                    await scene.acts.confirm(ALICE, number)
                    await scene.acts.card_saying(number, "do not repeat it")
                    for admin in (CAROL, DAN):
                        await scene.acts.settle(admin, number, executed=True, reason="looked at the exchange")
                    await scene.acts.card_saying(number, "Settled by hand")
            scene.world.slack.switches.turn_on("drop_after_post")
            scene.world.slack.switches.turn_on("server_error")
            await scene.acts.type(BOB, "7 usdt htx:linear-swap -> htx:spot")
            await scene.acts.confirm(BOB, number + 1)
            await scene.acts.card_saying(number + 1, "Done")
            await scene.world.slack.switch("reset_connections", True)
            await scene.world.slack.wait_for(lambda: scene.world.slack.socket.connections == 0)
        left = log.read_text(errors="replace") + _database(scene) + _slack(scene)
        secrets = _secrets(scene)
        assert len(secrets) > 30
        assert [secret for secret in secrets if secret in left] == []
        for mark in ("Signature=", "sign=", "api_key=", "AccessKeyId=", "/response/", "/socket/", "Traceback", "xoxb-"):
            assert mark not in left, mark

    play(act)


def _database(scene: Scene) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in scene.folder.glob("transferdesk.db*"))


def _slack(scene: Scene) -> str:
    workspace = scene.world.slack.workspace
    said = [workspace.messages(TREASURY), workspace.messages("C02AUDIT")]
    said += [workspace.ephemerals(user) for user in (ALICE, BOB, CAROL, DAN, MALLORY)]
    return str(said)


def _secrets(scene: Scene) -> set[str]:
    """Return keys, tokens and every signature that crossed the wire, as sent and decoded."""
    environment = scene.environment
    secrets = {value for name, value in environment.items() if name.endswith(("_TOKEN", "_KEY"))}
    for exchange in scene.world.exchanges:
        for request in exchange.requests:
            query = parse_qs(urlsplit(request.target).query)
            secrets |= {value for name in ("Signature", "sign") for value in query.get(name, [])}
            secrets |= {part for part in request.target.split("&") if part.startswith(("Signature=", "sign="))}
    return secrets | {unquote(secret) for secret in secrets}
