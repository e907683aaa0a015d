"""The machine's own Chromium: no browser is downloaded, and what it loads comes from this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--disable-gpu", "--disable-quic")


def installed() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def is_needed() -> bool:
    """Whether a machine without a browser is a failure and no reason to skip."""
    return os.environ.get("TRANSFERDESK_NEEDS_BROWSER") == "1"


@asynccontextmanager
async def launched(path: str) -> AsyncIterator[Browser]:
    """Run a headless Chromium; its own sandbox does not work for root."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, chromium_sandbox=os.geteuid() != 0
        )
        try:
            yield browser
        finally:
            await browser.close()
