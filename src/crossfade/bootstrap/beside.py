"""What `crossfade up` starts beside itself: a PostgreSQL server and two sample services."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress

import structlog

from crossfade.adapters.postgres_server.server import start as start_postgres
from crossfade.adapters.processes.healing import Ended, keep_running
from crossfade.application.processes import ChildProcess, Command, Processes
from crossfade.bootstrap.places import Places

log = structlog.get_logger()

SAMPLE_VERSIONS = ("v1", "v2")
LOOPBACK = "127.0.0.1"
USUAL_PORTS = (9001, 9002)


@asynccontextmanager
async def own_postgres(places: Places, processes: Processes) -> AsyncIterator[str]:
    """The URL of a PostgreSQL server of our own, which is started again whenever it dies."""
    server = await start_postgres(places.data, places.sockets, processes)
    keeping = asyncio.create_task(
        keep_running(server.run, lambda ended: _tell("postgres", ended), first=server.child)
    )
    try:
        yield server.url
    finally:
        await _cancel(keeping)
        await server.stop()


@asynccontextmanager
async def samples(
    places: Places, processes: Processes, addresses: Sequence[str]
) -> AsyncIterator[None]:
    """Both versions of the sample service, listening at the addresses."""
    commands = [
        _sample(places, version, address)
        for version, address in zip(SAMPLE_VERSIONS, addresses, strict=True)
    ]
    started = await asyncio.gather(*(processes.start(command) for command in commands))
    keeping = [
        asyncio.create_task(_keep_sample(processes, command, child))
        for command, child in zip(commands, started, strict=True)
    ]
    try:
        yield
    finally:
        for task in keeping:
            await _cancel(task)


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


async def _keep_sample(processes: Processes, command: Command, first: ChildProcess) -> None:
    current = first

    async def start() -> ChildProcess:
        nonlocal current
        current = await processes.start(command)
        return current

    try:
        await keep_running(start, lambda ended: _tell(command.name, ended), first=first)
    finally:
        await current.stop()


def _sample(places: Places, version: str, address: str) -> Command:
    host, _, port = address.rpartition(":")
    return Command(
        name=f"sample-{version}",
        argv=(sys.executable, "-m", "crossfade_dummy"),
        log_path=places.logs / f"sample-{version}.log",
        env={"VERSION": version, "HOST": host, "PORT": port},
    )


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _tell(name: str, ended: Ended) -> None:
    log.warning("program_ended", program=name, reason=ended.reason, again_in_s=ended.pause_s)
