"""Who may ask, and from where."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from structlog.testing import capture_logs
from tests.fakes.world import World
from tests.unit.api.conftest import Site, client_of, made, problem

from crossfade.entrypoints.api.asgi import App, Message, Scope, Send
from crossfade.entrypoints.api.guards import (
    BodyGuard,
    HostGuard,
    Problems,
    SecurityHeaders,
    TimeLimit,
    host_name,
)

BODY = {"serviceName": "shop", "versions": [{"name": "v1", "weight": 100}]}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4000", "LOCALHOST:1", "127.0.0.1:4000", "[::1]:4000", "[::1]"]
)
async def test_our_own_names_are_served(site: Site, host: str) -> None:
    answer = await site.client.get("/api/me", headers={"Host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io:4000",
        "evil.example:localhost",
        "",
        "::1",
    ],
)
@pytest.mark.parametrize("path", ["/api/me", "/", "/health", "/metrics", "/docs/problems/internal"])
async def test_a_foreign_name_is_refused_everywhere(site: Site, host: str, path: str) -> None:
    answer = await site.client.get(path, headers={"Host": host})
    problem(answer, 421, "host-not-allowed")


async def test_further_names_can_be_allowed() -> None:
    api, _ = made(World(), allowed_hosts=frozenset({"Crossfade.example"}))
    async with client_of(api.app) as client:
        answer = await client.get("/api/me", headers={"Host": "crossfade.example:443"})
    assert answer.status_code == 200


async def test_two_hosts_are_none(site: Site) -> None:
    answer = await site.client.get(
        "/api/me", headers=[("Host", "localhost"), ("Host", "evil.example")]
    )
    problem(answer, 421, "host-not-allowed")


async def test_probes_on_a_listener_of_their_own_answer_to_any_name(site: Site) -> None:
    async with client_of(site.api.probes, "http://10.1.2.3:9090") as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200
        problem(await client.post("/health"), 405, "method-not-allowed")
        problem(await client.get("/"), 404, "not-found")


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://localhost:4000"}, True),
        ({"Origin": "http://localhost:3000"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://[::1"}, False),
        ({"Origin": "http://localhost:4000@evil.example"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost:3000"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:4000"}, False),
    ],
)
async def test_another_site_cannot_change_anything(
    site: Site, headers: dict[str, str], *, allowed: bool
) -> None:
    answer = await site.client.post("/api/rules", json=BODY, headers=headers)
    if allowed:
        assert answer.status_code == 201
    else:
        problem(answer, 403, "cross-site-request")
        assert not site.world.database.kept.rules


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_every_unsafe_method_is_guarded(site: Site, method: str) -> None:
    answer = await site.client.request(
        method, "/api/rules/x", headers={"Sec-Fetch-Site": "cross-site"}
    )
    problem(answer, 403, "cross-site-request")


async def test_every_answer_carries_the_headers_of_a_careful_server(site: Site) -> None:
    for path in ("/api/me", "/api/nothing", "/", "/docs/problems/internal"):
        headers = (await site.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "strict-transport-security" not in headers


async def test_strict_transport_is_asked_for_only_where_there_is_tls(site: Site) -> None:
    async with client_of(site.api.app, "https://localhost:4000") as client:
        assert (await client.get("/api/me")).headers["strict-transport-security"]


async def test_what_nobody_foresaw_is_told_without_its_inside(site: Site) -> None:
    async def broken(_: object) -> bytes:
        raise RuntimeError("secret of the inside")

    site.world.ports.chain.links = broken  # type: ignore[method-assign]
    with capture_logs() as logs:
        answer = await site.client.get("/api/audit/verify")
    found = problem(answer, 500, "internal")
    assert [(line["event"], line["path"]) for line in logs] == [
        ("request_broken", "/api/audit/verify")
    ]
    assert "secret" not in answer.text
    assert found["detail"].endswith("the log of this process says what.")


async def call(app: App, path: str = "/", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        return await client.get(f"http://localhost{path}", headers=headers)


async def test_what_takes_too_long_is_ended() -> None:
    ended = asyncio.Event()

    async def endless(*_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    app = SecurityHeaders(Problems(TimeLimit(endless, limit_s=0.01)))
    answer = await call(app, Prefer="wait=0")
    problem(answer, 503, "time-limit")
    assert ended.is_set()


async def test_a_body_that_comes_too_slowly_is_not_waited_for() -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    app = Problems(TimeLimit(BodyGuard(nobody), limit_s=0.01))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        answer = await client.post(
            "http://localhost/", content=slowly(), headers={"Prefer": "wait=0"}
        )
    problem(answer, 503, "time-limit")


async def test_a_caller_who_leaves_before_the_end_of_a_body_is_not_answered() -> None:
    messages = [{"type": "http.disconnect"}, {"type": "http.request", "more_body": True}]

    async def receive() -> Message:
        return messages.pop()

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with capture_logs() as logs:
        await Problems(BodyGuard(nobody))(scope, receive, refuse)
    assert logs == []


async def nobody(*_: object) -> None:
    """An application that must not be reached."""
    raise AssertionError("expected to be guarded")


async def refuse(message: Message) -> None:
    """A caller who is gone."""
    raise AssertionError(f"expected no answer, found {message}")


async def test_a_time_limit_inside_is_not_ours() -> None:
    async def impatient(*_: object) -> None:
        raise TimeoutError

    with capture_logs():
        problem(await call(Problems(TimeLimit(impatient))), 500, "internal")


async def test_an_error_after_the_beginning_of_an_answer_cuts_it() -> None:
    async def cut(_scope: object, _receive: object, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late for a problem")

    with capture_logs(), pytest.raises(RuntimeError):
        await call(Problems(cut))


async def test_other_protocols_pass_the_host_guard_alone() -> None:
    seen: list[str] = []

    async def app(scope: Scope, *_: object) -> None:
        seen.append(scope["type"])

    await HostGuard(app)({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert seen == ["lifespan"]


def test_the_name_of_a_host_is_told_from_its_port() -> None:
    named = {"a": "a", "A:1": "a", "[::1]:80": "[::1]", "[::1]": "[::1]", "a:b": "a:b", ":1": ""}
    assert {host: host_name(host) for host in named} == named
