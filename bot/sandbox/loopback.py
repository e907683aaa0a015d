"""Serving something to this machine and to nobody else."""

from __future__ import annotations

from ipaddress import ip_address

from aiohttp import web

SHUTDOWN_SECONDS = 1.0  # streams and sockets that stay open must not hold up the end of a demo


async def listen(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, str]:
    """Serve an application and return its runner and its address, like `http://127.0.0.1:8043`.

    Args:
        port: 0 takes a free one.

    Raises:
        ValueError: the host is not a loopback address.
    """
    if not ip_address(host).is_loopback:
        raise ValueError("the sandbox listens on loopback addresses only")
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    bound_port = runner.addresses[0][1]
    return runner, f"http://{f'[{host}]' if ':' in host else host}:{bound_port}"


def is_loopback_name(host: str | None) -> bool:
    """Whether a host name, without a port, can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
