"""One plain request to the next service, with the tracing headers of the request it serves."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from crossfade_dummy.tracing import Headers

WITHIN_S = 10.0
HTTP_PORT = 80


async def call(url: str, headers: Headers) -> int | None:
    """The status that a GET of the URL is answered with; None where there is no answer."""
    with suppress(OSError, EOFError, ValueError, TimeoutError, IndexError):
        async with asyncio.timeout(WITHIN_S):
            return await _status(url, headers)
    return None


async def _status(url: str, headers: Headers) -> int:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or HTTP_PORT)
    try:
        target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        first = f"GET {target} HTTP/1.1\r\nhost: {parts.netloc}\r\nconnection: close\r\n"
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        writer.write(first.encode() + lines + b"\r\n")
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
