"""Just enough of PostgreSQL's protocol to know that the server answers and to make a database."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

PROTOCOL = 3 << 16
LENGTH = struct.Struct("!i")
HEADER = struct.Struct("!ci")
TRUSTED = 0


CANNOT_CONNECT_NOW = "57P03"


class ServerSaidNoError(Exception):
    """The server answered with an error; the message is its own."""


class NotYetError(ServerSaidNoError):
    """The server is there and still starting, or already stopping."""


class Session:
    """A connection to one database; of no use any more after an error."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def greet(self, user: str, database: str) -> None:
        """Log in; ServerSaidNoError where the server is not ready, or will not have us."""
        words = f"user\0{user}\0database\0{database}\0\0".encode()
        body = LENGTH.pack(PROTOCOL) + words
        self._writer.write(LENGTH.pack(LENGTH.size + len(body)) + body)
        await self._answer()

    async def ask(self, statement: str) -> int:
        """Run a statement; the number of rows that came back."""
        body = statement.encode() + b"\0"
        self._writer.write(HEADER.pack(b"Q", LENGTH.size + len(body)) + body)
        return await self._answer()

    async def _answer(self) -> int:
        rows = 0
        while True:
            kind, body = await self._message()
            match kind:
                case b"Z":
                    return rows
                case b"D":
                    rows += 1
                case b"E":
                    raise _error(body)
                case b"R" if LENGTH.unpack_from(body)[0] != TRUSTED:
                    raise ServerSaidNoError("the server asks for a password")

    async def _message(self) -> tuple[bytes, bytes]:
        kind, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
        return kind, await self._reader.readexactly(length - LENGTH.size)


@asynccontextmanager
async def session(socket: Path, user: str, database: str) -> AsyncIterator[Session]:
    """A connection over a Unix socket; OSError, EOFError or ServerSaidNoError where it fails."""
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        opened = Session(reader, writer)
        await opened.greet(user, database)
        yield opened
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _error(body: bytes) -> ServerSaidNoError:
    fields = {field[:1]: field[1:].decode() for field in body.split(b"\0") if field}
    kind = NotYetError if fields[b"C"] == CANNOT_CONNECT_NOW else ServerSaidNoError
    return kind(fields[b"M"])
