"""The HTTP server of this process, on a port that is ours before anything else starts."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from crossfade.application.processes import StartError

GRACE_S = 2
BACKLOG = 2048
KEEP_ALIVE_S = 75


class Server(uvicorn.Server):
    """A server that leaves signals to us: Ctrl-C ends everything in our own order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def opened_socket(host: str, port: int) -> socket.socket:
    """The listening socket; StartError where the address is not loopback, or taken.

    Until login exists, whoever reaches the port may do everything, so only this machine may.
    """
    if not _is_loopback(host):
        raise StartError(
            f"Crossfade has no login yet, so it listens on this machine only: expected a loopback "
            f"address such as 127.0.0.1, found {host}. Reach it from elsewhere by an SSH tunnel."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise StartError(
            f"Port {port} of {host} cannot be opened ({error.strerror}): stop the program that "
            "uses it, or choose another with --port."
        ) from None


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    """The application, answering on the socket until the block ends."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
