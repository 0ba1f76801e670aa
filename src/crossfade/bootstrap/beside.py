"""What `crossfade up` starts beside itself: a PostgreSQL server and two sample services."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import partial

from crossfade.adapters.postgres_server.server import start as start_postgres
from crossfade.adapters.processes.healing import kept_running
from crossfade.application.demo import VERSIONS
from crossfade.application.processes import Command, Processes
from crossfade.bootstrap.places import Places

LOOPBACK = "127.0.0.1"
USUAL_PORTS = (9001, 9002)


@asynccontextmanager
async def own_postgres(places: Places, processes: Processes) -> AsyncIterator[str]:
    """The URL of a PostgreSQL server of our own, which is started again whenever it dies."""
    server = await start_postgres(places.data, places.sockets, processes)
    async with kept_running(server.child, server.run):
        yield server.url


@asynccontextmanager
async def samples(
    places: Places, processes: Processes, addresses: Sequence[str]
) -> AsyncIterator[None]:
    """Both versions of the sample service, listening at the addresses."""
    commands = [
        _sample(places, version, address)
        for version, address in zip(VERSIONS, addresses, strict=True)
    ]
    started = await asyncio.gather(*(processes.start(command) for command in commands))
    async with AsyncExitStack() as stack:
        for command, child in zip(commands, started, strict=True):
            again = partial(processes.start, command)
            await stack.enter_async_context(kept_running(child, again))
        yield


def free_addresses(preferred: Sequence[str]) -> tuple[str, ...]:
    """Addresses for the samples: those of last time, else the usual, else any that are free."""
    last = [int(address.rpartition(":")[2]) for address in preferred]
    chosen: list[int] = []
    for position, usual in enumerate(USUAL_PORTS):
        wishes = (*last[position : position + 1], usual, 0)
        chosen.append(next(port for wish in wishes if (port := _free_port(wish, chosen))))
    return tuple(f"{LOOPBACK}:{port}" for port in chosen)


def _free_port(wish: int, taken: Sequence[int]) -> int | None:
    if wish in taken:
        return None
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wish))
        except OSError:
            return None
        return int(probe.getsockname()[1])


def _sample(places: Places, version: str, address: str) -> Command:
    host, _, port = address.rpartition(":")
    return Command(
        name=f"sample-{version}",
        argv=(sys.executable, "-m", "crossfade_dummy"),
        log_path=places.logs / f"sample-{version}.log",
        env={"VERSION": version, "HOST": host, "PORT": port},
    )
