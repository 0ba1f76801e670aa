"""Two backends and a caller in a process of their own, so that what is measured keeps its own.

    python -m bench.traffic

Says where its backends listen. Then, for each line of an entrance's port and a version, asks for
the shop there without a pause, until that version answers, and says the moment at which it did,
by the clock that all processes of a machine share.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import uvloop
from tests.integration.envoy_traffic import Backend, Caller, Line, request

VERSIONS = ("v1", "v2")
SHOP = request("shop.default")


@dataclass(frozen=True, slots=True)
class Traffic:
    """The process, as whoever started it sees it."""

    backends: Mapping[str, Backend]  # where they listen; it is not we who serve them
    process: asyncio.subprocess.Process

    async def first_answer(self, entrance: int, version: str) -> float:
        """The moment of the first answer by a version, asked for from now on."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{entrance} {version}\n".encode())
        return float(await _said(self.process))


@asynccontextmanager
async def traffic() -> AsyncIterator[Traffic]:
    """The process, for as long as the block lasts."""
    pipe = asyncio.subprocess.PIPE
    words = sys.executable, "-m", "bench.traffic"
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    ports = (await _said(process)).split()
    backends = {
        name: Backend(name, port=int(port)) for name, port in zip(VERSIONS, ports, strict=True)
    }
    try:
        yield Traffic(backends, process)
    finally:
        process.terminate()
        await process.wait()


async def _said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()


async def main() -> None:
    """Serve and ask, until there is nobody left who wants to know."""
    async with AsyncExitStack() as exits:
        backends = [Backend(name) for name in VERSIONS]
        for backend in backends:
            await exits.enter_async_context(backend.serving())
        _say(" ".join(str(backend.port) for backend in backends))
        lines: dict[int, Line] = {}
        while wanted := (await asyncio.to_thread(sys.stdin.readline)).split():
            entrance, version = int(wanted[0]), wanted[1]
            if entrance not in lines:
                lines[entrance] = await exits.enter_async_context(Caller(entrance).line())
            while (await lines[entrance].ask(SHOP)).body != version:
                pass
            _say(repr(time.perf_counter()))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
