"""A Bolt app that does nothing but ack, for what a desk's start and memory are held against.

Takes the same variables as a desk, and the libraries with the same settings.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient


async def main() -> None:
    client = AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    client.proxy = None
    del os.environ["SLACK_BOT_TOKEN"]  # Bolt would warn that it has two
    app = AsyncApp(client=client, process_before_response=True)

    async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(text="here")

    app.command("/transfer")(listener)
    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    handler.client.proxy = None
    await handler.connect_async()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
