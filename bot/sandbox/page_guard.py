"""Who may ask the sandbox's page server, how an act is read, and how what cannot be done is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.loopback import is_loopback_name
from bot.sandbox.slack_workspace import Json

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def own_page_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse whatever did not come from the page itself, or from a tool on this machine."""
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    try:
        is_here = is_loopback_name(urlsplit(f"//{host}").hostname)
    except ValueError:
        is_here = False
    if not is_here or origin not in (None, f"http://{host}"):
        return web.json_response({"error": "This page answers to itself only."}, status=403)
    if request.method == "POST" and request.content_type != "application/json":
        return web.json_response({"error": "Acts are sent as application/json."}, status=415)
    return await handler(request)


@web.middleware
async def sentences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what cannot be done into a sentence for the person at the page."""
    try:
        return await handler(request)
    except LookupError as missing:
        return web.json_response({"error": _sentence(missing, "That is no longer there.")}, status=404)
    except ValueError as wrong:
        return web.json_response({"error": _sentence(wrong, "That cannot be read.")}, status=400)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Send the page's policy with every answer."""
    response.headers.update(HEADERS)


async def asked(request: web.Request) -> Json:
    """Read an act.

    Raises:
        ValueError: it is no JSON object.
    """
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("An act is a JSON object.")
    return body


def text(act: Json, name: str) -> str:
    """Return a part of an act that must be text.

    Raises:
        ValueError: it is missing, or something else.
    """
    value = act.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is expected to be text.")
    return value


def text_or_none(act: Json, name: str) -> str | None:
    """Return a part of an act that may be missing or null.

    Raises:
        ValueError: it is something else than text.
    """
    return None if act.get(name) is None else text(act, name)


def _sentence(error: Exception, otherwise: str) -> str:
    said = str(error.args[0]) if error.args else ""
    return said if said.endswith(".") else otherwise
