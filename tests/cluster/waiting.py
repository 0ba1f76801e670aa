"""Free ports, and waiting until what was started answers."""

import asyncio
import contextlib
import random
import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx

from crossfade.application.processes import ChildProcess, StartError, ending

T = TypeVar("T")

LOOPBACK = "127.0.0.1"
LOOK_AGAIN_S = 0.02
READY_WITHIN_S = 60.0
NOBODYS_PORTS = range(20_000, 32_000)
SAID = 12  # lines of a program's last words that its failure is told with


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens on.

    They lie below those that the system itself gives away, which may be gone a moment later.
    """
    found: list[int] = []
    for port in random.sample(NOBODYS_PORTS, len(NOBODYS_PORTS)):
        if len(found) < count and _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind((LOOPBACK, port))
        return True
    return False


async def until_ready(
    child: ChildProcess, url: str, client: httpx.AsyncClient, status: int = httpx.codes.OK
) -> None:
    """Come back when the URL answers so; StartError with the child's last words where not."""

    async def answers() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return (await client.get(url)).status_code == status
        return False

    looking = asyncio.create_task(until(answers, READY_WITHIN_S))
    ended = asyncio.ensure_future(child.exited)
    await asyncio.wait({looking, ended}, return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        looking.cancel()
        raise StartError(_told(child, ending(ended.result())))
    try:
        await looking
    except TimeoutError:
        raise StartError(_told(child, f"is not ready after {READY_WITHIN_S:.0f} s")) from None


async def until(condition: Callable[[], Awaitable[bool]], within_s: float = 20) -> None:
    """Come back as soon as the condition holds; TimeoutError where it does not in time."""
    async with asyncio.timeout(within_s):
        while not await condition():  # noqa: ASYNC110  another process sets no event of ours
            await asyncio.sleep(LOOK_AGAIN_S)


async def last_seen(read: Callable[[], Awaitable[T]], wanted: T, within_s: float = 10) -> T:
    """What is read once it is as wanted; what was read last where it does not become so."""
    seen = await read()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while seen != wanted:
                await asyncio.sleep(LOOK_AGAIN_S)
                seen = await read()
    return seen


def _told(child: ChildProcess, reason: str) -> str:
    return "\n".join((f"{child.name} {reason}:", *child.last_lines(SAID)))
