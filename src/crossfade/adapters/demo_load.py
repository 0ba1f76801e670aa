"""A bounded load: a few kept connections, an even rate, and an end of its own."""

import asyncio
import re
from itertools import cycle, islice
from urllib.parse import urlsplit

from crossfade.application.demo_load import HIGHEST_RATE, LASTS_S, LoadStatus

MIX = ("/", "/api/data", "/", "/api/data", "/", "/api/error", "/", "/api/data", "/", "/api/data")
LANES = 32  # requests under way at once; a slot that finds none free is skipped, not saved up
TICK_S = 0.02
ANSWER_WITHIN_S = 10.0
SERVER_ERROR = 500
LOOPBACK = "127.0.0.1"
HTTP_PORT = 80
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)


class DemoLoad:
    """Sends a mix of requests to one address, under the host name of the sample service."""

    def __init__(self, url: str, host_header: str, *, lasts_s: float = LASTS_S) -> None:
        self._url = url
        self._host_header = host_header
        self._lasts_s = lasts_s
        self._driving: asyncio.Task[None] | None = None
        self._rate = 0.0
        self._sent = 0
        self._failed = 0

    @property
    def status(self) -> LoadStatus:
        """The load as it runs now."""
        running = self._driving is not None and not self._driving.done()
        return LoadStatus(running, self._rate if running else 0.0, self._sent, self._failed)

    async def start(self, rate: float) -> LoadStatus:
        """Switch it on, or to another rate, for the next half hour; ValueError beyond the rates."""
        if not 0 < rate <= HIGHEST_RATE:
            raise ValueError(f"the rate must be above 0 and at most {HIGHEST_RATE:g}, got {rate:g}")
        if not self.status.running:
            self._sent = self._failed = 0
        await self.stop()
        self._rate = rate
        self._driving = asyncio.create_task(self._drive(rate), name="demo load")
        return self.status

    async def stop(self) -> LoadStatus:
        """Switch it off."""
        if self._driving is not None:
            self._driving.cancel()
            await asyncio.wait({self._driving})
        return self.status

    async def _drive(self, rate: float) -> None:
        lanes = [Lane(self._url, self._host_header) for _ in range(LANES)]
        try:
            async with asyncio.TaskGroup() as requests:
                await self._send_evenly(rate, requests, idle=list(lanes))
        finally:
            for lane in lanes:
                lane.close()

    async def _send_evenly(
        self, rate: float, requests: asyncio.TaskGroup, idle: list["Lane"]
    ) -> None:
        loop = asyncio.get_running_loop()
        began, slots, paths = loop.time(), 0, cycle(MIX)
        while (elapsed_s := loop.time() - began) < self._lasts_s:
            due = int(elapsed_s * rate)
            for path in islice(paths, min(due - slots, len(idle))):
                requests.create_task(self._send(path, idle.pop(), idle))
            slots = due
            await asyncio.sleep(TICK_S)

    async def _send(self, path: str, lane: "Lane", idle: list["Lane"]) -> None:
        status = await lane.ask(path)
        self._sent += 1
        self._failed += status is None or status >= SERVER_ERROR
        idle.append(lane)


class Lane:
    """One connection, kept while the other side keeps it, for one request at a time."""

    def __init__(self, url: str, host_header: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or LOOPBACK, parts.port or HTTP_PORT)
        self._headers = f"host: {host_header}\r\nuser-agent: crossfade-demo\r\n\r\n"
        self._kept: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str) -> int | None:
        """The status of the answer to a GET; None where none came."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._exchange(path)
        except (OSError, EOFError, ValueError, LookupError, asyncio.LimitOverrunError):
            self.close()
            return None

    def close(self) -> None:
        """Let go of the connection."""
        if self._kept:
            self._kept[1].close()
            self._kept = None

    async def _exchange(self, path: str) -> int:
        reader, writer = await self._connection()
        writer.write(f"GET {path} HTTP/1.1\r\n{self._headers}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        if length:
            await reader.readexactly(int(length[1]))
        if not length or CLOSES.search(head):
            self.close()
        return int(head.split(maxsplit=2)[1])

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._kept and self._kept[0].at_eof():
            self.close()  # by the other side, while it was idle
        if self._kept is None:
            self._kept = await asyncio.open_connection(*self._address)
        return self._kept
