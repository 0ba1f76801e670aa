"""What stands between the network and the routes: pure ASGI, each guard one question."""

import asyncio
from collections.abc import Mapping

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from crossfade.domain.errors import CrossfadeError
from crossfade.entrypoints.api.asgi import App, Message, Receive, Scope, Send
from crossfade.entrypoints.api.bodies import check_text, read_body
from crossfade.entrypoints.api.conditions import wait_of
from crossfade.entrypoints.api.problems import KINDS, problem
from crossfade.entrypoints.api.refusals import (
    CrossSiteError,
    HostNotAllowedError,
    InvalidParameterError,
    TimeLimitError,
)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TIME_LIMIT_S = 10.0
ENDLESS = frozenset({"/api/events"})
log = structlog.get_logger()

HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
STRICT_TRANSPORT = "max-age=31536000"


class SecurityHeaders:
    """Adds what every answer carries; a page brings a Content-Security-Policy of its own."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Problems:
    """Answers every error that comes through; what nobody foresaw is logged, and not told."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer what fails before the answer has begun."""
        begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except ClientDisconnect:
            return  # there is nobody left to answer
        except CrossfadeError as error:
            if begun:
                raise
            await problem(_tellable(error, scope), scope["path"])(scope, receive, send)
        except Exception:
            log.exception("request_broken", method=scope["method"], path=scope["path"])
            if begun:
                raise
            await problem(_unforeseen(), scope["path"])(scope, receive, send)


def _tellable(error: CrossfadeError, scope: Scope) -> CrossfadeError:
    """The error, where its class is known here; else only that there was one."""
    if type(error) in KINDS and type(error) is not CrossfadeError:
        return error
    log.error("error_without_kind", kind=type(error).__name__, path=scope["path"])
    return _unforeseen()


def _unforeseen() -> CrossfadeError:
    return CrossfadeError("Something went wrong here; the log of this process says what.")


class HostGuard:
    """Lets through only requests to our own names, so that no foreign name can point at us."""

    def __init__(self, app: App, allowed: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._allowed = LOOPBACK | {name.lower() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] == "http":
            named = Headers(scope=scope).getlist("host")
            if len(named) != 1 or host_name(named[0]) not in self._allowed:
                raise HostNotAllowedError(
                    f"Expected a host that is served here, found {', '.join(named) or 'none'}; "
                    "CROSSFADE_ALLOWED_HOSTS names further ones."
                )
        await self._app(scope, receive, send)


def host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


class OriginGuard:
    """Refuses what a page of another site sends to change something."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            if not _from_here(headers):
                origin = headers.get("origin", "another site")
                raise CrossSiteError(f"Expected a request from this site, found one from {origin}.")
        await self._app(scope, receive, send)


def _from_here(headers: Headers) -> bool:
    """Browsers say where a request comes from; what says nothing is no page."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.lower().partition("://")[2] == headers.get("host", "").lower()


class BodyGuard:
    """Takes only JSON of a reasonable size and depth, and only text that can be kept."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, judge it, and pass it on whole."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _check_address(scope)
        if scope["method"] in SAFE_METHODS:
            await self._app(scope, receive, send)
            return
        body = await read_body(Headers(scope=scope), receive)
        await self._app(scope, _replayed(body, receive), send)


def _check_address(scope: Scope) -> None:
    query = scope.get("query_string", b"").lower()
    if "\x00" in scope["path"] or b"%00" in query:
        raise InvalidParameterError({"address": "expected no U+0000 in it"})
    check_text(scope["path"])


def _replayed(body: bytes, receive: Receive) -> Receive:
    """First the body that was read already, then whatever follows (that the caller is gone)."""
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return unread.pop() if unread else await receive()

    return receive_again


class TimeLimit:
    """Ends what takes too long; an act may take as long as its caller wishes to wait, and more."""

    def __init__(self, app: App, limit_s: float = TIME_LIMIT_S) -> None:
        self._app = app
        self._limit_s = limit_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, for so long."""
        if scope["type"] != "http" or scope["path"] in ENDLESS:
            await self._app(scope, receive, send)
            return
        limit_s = self._limit_s + wait_of(Headers(scope=scope).get("prefer"))
        try:
            async with asyncio.timeout(limit_s) as limit:
                await self._app(scope, receive, send)
        except TimeoutError:
            if not limit.expired():
                raise
            raise TimeLimitError(f"The answer was not there within {limit_s:g} s.") from None
