"""Tiny backends that answer with their name, and callers that count the answers."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
ANSWERS_WITHIN_S = 10.0
KEPT_HEADS = 1_000


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a backend answers one request."""

    status: int = 200
    delay_s: float = 0.0


Behaving = Callable[[int, str], Behaviour]  # number and path of a request → what to answer


def _well(_number: int, _path: str) -> Behaviour:
    return Behaviour()


@dataclass
class Backend:
    """One version of a service on a port of its own."""

    name: str
    behaving: Behaving = _well
    port: int = 0
    hits: int = 0
    heads: deque[bytes] = field(default_factory=lambda: deque(maxlen=KEPT_HEADS))

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["Backend"]:
        """Answers until the block ends."""
        loop = asyncio.get_running_loop()
        lines: list[_Answers] = []

        def answering() -> _Answers:
            lines.append(_Answers(self))
            return lines[-1]

        server = await loop.create_server(answering, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for line in lines:
                line.transport.abort()


class _Answers(asyncio.Protocol):
    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one by methods alone

    def data_received(self, data: bytes) -> None:
        *heads, self._unread = (self._unread + data).split(END_OF_HEAD)
        for head in heads:
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        backend = self._backend
        backend.hits += 1
        backend.heads.append(head)
        behaviour = backend.behaving(backend.hits, head.split(b" ", 2)[1].decode())
        body = backend.name.encode()
        answer = b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n" % (behaviour.status, len(body))
        if behaviour.delay_s:
            loop = asyncio.get_running_loop()
            loop.call_later(behaviour.delay_s, self.transport.write, answer + body)
        else:
            self.transport.write(answer + body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a caller got."""

    status: int
    body: str


class Line(asyncio.Protocol):
    """A kept connection to the entrance, for one request at a time."""

    def __init__(self) -> None:
        self._unread = b""
        self._reply: asyncio.Future[Reply] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one by methods alone

    def data_received(self, data: bytes) -> None:
        self._unread += data
        head, found, rest = self._unread.partition(END_OF_HEAD)
        length = int(head.lower().partition(LENGTH)[2].partition(b"\r\n")[0] or 0)
        if found and len(rest) >= length and self._reply and not self._reply.done():
            self._unread = b""
            self._reply.set_result(Reply(int(head.split(b" ", 2)[1]), rest[:length].decode()))

    def connection_lost(self, _error: Exception | None) -> None:
        if self._reply and not self._reply.done():
            self._reply.set_exception(ConnectionResetError("the entrance hung up"))

    async def ask(self, request: bytes) -> Reply:
        """The reply to a request."""
        self._reply = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._reply


@dataclass(frozen=True, slots=True)
class Caller:
    """Sends requests to the entrance."""

    port: int

    @contextlib.asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """A connection that is kept."""
        loop = asyncio.get_running_loop()
        transport, line = await loop.create_connection(Line, "127.0.0.1", self.port)
        try:
            yield line
        finally:
            transport.close()

    async def call(
        self, host: str, path: str = "/", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """The reply to one request."""
        async with asyncio.timeout(ANSWERS_WITHIN_S), self.line() as line:
            return await line.ask(request(host, path, headers))

    async def calls(
        self,
        number: int,
        host: str,
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        lines: int = 16,
    ) -> Counter[Reply]:
        """How often each reply came, to so many requests over a few kept connections."""
        asked = request(host, path, headers)
        left = iter(range(number))
        replies: Counter[Reply] = Counter()

        async def one_line() -> None:
            async with self.line() as line:
                for _ in left:
                    replies[await line.ask(asked)] += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(lines):
                group.create_task(one_line())
        return replies

    @contextlib.asynccontextmanager
    async def load(self, host: str, lines: int = 4) -> AsyncIterator[Counter[Reply]]:
        """Steady requests until the block ends, counted as they are answered."""
        replies: Counter[Reply] = Counter()
        ending = asyncio.Event()

        async def one_line() -> None:
            async with self.line() as line:
                while not ending.is_set():
                    replies[await line.ask(request(host))] += 1

        async with asyncio.TaskGroup() as group:
            for _ in range(lines):
                group.create_task(one_line())
            try:
                yield replies
            finally:
                ending.set()


def request(host: str, path: str = "/", headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a GET request."""
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"GET {path} HTTP/1.1\r\nhost: {host}\r\n{more}\r\n".encode()


def bodies(replies: Counter[Reply]) -> dict[str, int]:
    """How often each body came; every reply must have been a 200."""
    assert {reply.status for reply in replies} <= {200}, replies
    return {reply.body: number for reply, number in replies.items()}
