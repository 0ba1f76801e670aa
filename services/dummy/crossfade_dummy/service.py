"""The service itself, as a plain ASGI application."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from crossfade_dummy import upstream
from crossfade_dummy.behaviour import Behaviour
from crossfade_dummy.metrics import ELSE, Metrics
from crossfade_dummy.settings import Settings
from crossfade_dummy.tracing import Headers, passed_on

JSON = b"application/json"
TEXT = b"text/plain; version=0.0.4; charset=utf-8"
READ = ("GET", "HEAD")
BODY_BYTES = 4_096


class Scope(TypedDict):
    """What is used of an ASGI connection scope."""

    type: str
    method: str
    path: str
    headers: Headers


class Message(TypedDict, total=False):
    """What is used of an ASGI message, either way."""

    type: str
    body: bytes
    more_body: bool
    status: int
    headers: Headers


Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body."""

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: Headers = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers at a path, and to which methods."""

    methods: tuple[str, ...]
    answer: Callable[[Scope, Receive], Awaitable[Answer]]


class Service:
    """Answers as its version behaves, and counts what it answered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._behaviour = settings.behaviour
        self._metrics = Metrics()
        self._me = {"version": settings.version, "pod": settings.pod}
        self._hello = _json(200, {"message": f"Hello from {settings.version}!", **self._me})
        self._routes = self._made_routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        route = self._routes.get(scope["path"])
        answer = await _answer(route, scope, receive)
        await _send(answer, scope, send)
        took_s = time.perf_counter() - began
        self._metrics.count(
            scope["method"], scope["path"] if route else ELSE, answer.status, took_s
        )

    def _made_routes(self) -> Mapping[str, Route]:
        routes = {
            "/": Route(READ, self._greet),
            "/health": Route(READ, self._health),
            "/api/data": Route(READ, self._data),
            "/api/error": Route(READ, self._error),
            "/metrics": Route(READ, self._page),
        }
        if self._settings.admin:
            routes["/admin/behaviour"] = Route(("PUT",), self._behave)
        return routes

    async def _greet(self, _scope: Scope, _receive: Receive) -> Answer:
        return self._hello

    async def _health(self, _scope: Scope, _receive: Receive) -> Answer:
        return _json(200, {"status": "ok", **self._me})

    async def _data(self, scope: Scope, _receive: Receive) -> Answer:
        latency_s = self._behaviour.latency_s(random.random())
        await asyncio.sleep(latency_s)
        found: dict[str, object] = {
            "items": [1, 2, 3],
            "latencyMs": round(latency_s * 1_000),
            **self._me,
        }
        if self._settings.upstream_url:
            status = await upstream.call(self._settings.upstream_url, passed_on(scope["headers"]))
            found["upstream"] = {"status": status}
        return _json(200, found)

    async def _error(self, _scope: Scope, _receive: Receive) -> Answer:
        if self._behaviour.fails(random.random()):
            return _json(500, {"error": "This one failed on purpose.", **self._me})
        return _json(200, {"message": "This one went well.", **self._me})

    async def _page(self, _scope: Scope, _receive: Receive) -> Answer:
        return Answer(200, self._metrics.page(), TEXT)

    async def _behave(self, _scope: Scope, receive: Receive) -> Answer:
        """Change the behaviour: {"latencyMs": 5, "errorRate": 0.5}, either may be missing."""
        now = self._behaviour
        try:
            asked = json.loads(await _body(receive))
            latency_ms = float(asked.get("latencyMs", now.latency_ms))
            error_rate = float(asked.get("errorRate", now.error_rate))
            self._behaviour = Behaviour(latency_ms, error_rate)
        except (ValueError, TypeError, AttributeError) as error:
            return _json(422, {"error": str(error)})
        return _json(200, {"latencyMs": latency_ms, "errorRate": error_rate, **self._me})


async def _answer(route: Route | None, scope: Scope, receive: Receive) -> Answer:
    if route is None:
        return _json(404, {"error": f"There is nothing at {scope['path']}."})
    if scope["method"] not in route.methods:
        allowed = [(b"allow", ", ".join(route.methods).encode())]
        return Answer(405, b'{"error":"This method is not allowed here."}', headers=allowed)
    return await route.answer(scope, receive)


async def _send(answer: Answer, scope: Scope, send: Send) -> None:
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
        *passed_on(scope["headers"]),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) <= BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body
    raise ValueError(f"the body is longer than {BODY_BYTES} bytes")


def _json(status: int, content: Mapping[str, object]) -> Answer:
    return Answer(status, json.dumps(content, separators=(",", ":")).encode())
