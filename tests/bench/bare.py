"""A Bolt app that does nothing but ack `/transfer`, with what the desk is built on: AsyncApp, aiohttp Socket Mode.

    python tests/bench/bare.py floor|default

`floor` acks when the listener has returned, as the desk does; `default` is Bolt as it comes. Takes the same variables
as a desk.
"""

from __future__ import annotations

import asyncio
import os
import sys

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient


async def main(kind: str) -> None:
    # Taken out: Bolt would warn that it has two.
    client = AsyncWebClient(token=os.environ.pop("SLACK_BOT_TOKEN"), base_url=os.environ["SLACK_API_URL"])
    client.proxy = None
    app = AsyncApp(client=client, process_before_response=kind == "floor")

    async def transfer(ack: AsyncAck) -> None:
        await ack(text="here")

    app.command("/transfer")(transfer)
    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    handler.client.proxy = None
    await handler.connect_async()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
