"""Where this process answers HTTP: on sockets that are ours before anything else starts."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

from crossfade.application.processes import StartError
from crossfade.domain.addresses import HIGHEST_PORT
from crossfade.entrypoints.api.app import Api
from crossfade.settings import Settings

GRACE_S = 2
BACKLOG = 2048
KEEP_ALIVE_S = 75

_ADDRESS = re.compile(r"(?P<host>[^:\s]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Listeners:
    """The socket for everybody, and one for probes and scrapers where it is wished for."""

    everybody: socket.socket
    probes: socket.socket | None


@contextmanager
def opened_listeners(settings: Settings) -> Iterator[Listeners]:
    """The listening sockets; StartError where one of them cannot be had."""
    with ExitStack() as stack:
        everybody = stack.enter_context(opened_socket(settings.host, settings.port))
        address = settings.health_address
        probes = stack.enter_context(opened_for_probes(address)) if address else None
        yield Listeners(everybody, probes)


@asynccontextmanager
async def answering(api: Api, listeners: Listeners) -> AsyncIterator[None]:
    """The API, answering on its sockets until the block ends."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(api.app, listeners.everybody))
        if listeners.probes is not None:
            await stack.enter_async_context(serving(api.probes, listeners.probes))
        yield


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
    return _opened(host, port, "--port")


def opened_for_probes(address: str) -> socket.socket:
    """The listening socket of health and metrics, which may be reached from elsewhere."""
    named = _ADDRESS.fullmatch(address)
    if named is None or int(named["port"]) > HIGHEST_PORT:
        raise StartError(
            f"CROSSFADE_HEALTH_ADDRESS: expected HOST:PORT such as 0.0.0.0:9090, found {address!r}."
        )
    return _opened(named["host"].strip("[]"), int(named["port"]), "CROSSFADE_HEALTH_ADDRESS")


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


def _opened(host: str, port: int, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise StartError(
            f"Port {port} of {host} cannot be opened ({error.strerror}): stop the program that "
            f"uses it, or choose another with {setting}."
        ) from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
