"""A real event stream over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import httpx
import pytest
from tests.conftest import administer
from tests.integration.api_site import RealSite, opened

from crossfade.adapters.db.database import Database
from crossfade.entrypoints.cli.listening import opened_socket, serving

pytestmark = pytest.mark.integration


@pytest.fixture
async def site(database: Database, tmp_path: Path) -> AsyncIterator[RealSite]:
    """The application."""
    async with opened(database, tmp_path / "git") as found:
        yield found


async def next_frame(lines: AsyncIterator[str]) -> dict[str, object]:
    """The next event, past comments and blank lines."""
    async for line in lines:
        if line.startswith("data: "):
            found: dict[str, object] = json.loads(line.removeprefix("data: "))
            return found
    raise AssertionError("the stream ended")


async def test_a_deploy_is_told_from_its_beginning_to_its_end(site: RealSite) -> None:
    rule_id = await site.draft()
    listener = opened_socket("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with (
        serving(site.api.app, listener),
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client,
        client.stream("GET", "/api/events") as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        assert stream.headers["x-accel-buffering"] == "no"
        lines = stream.aiter_lines()
        assert await anext(lines) == "retry: 2000"

        operation = (await site.client.post(f"/api/deploy-rule/{rule_id}")).json()

        states = []
        while "effective" not in states:
            frame = await next_frame(lines)
            if frame["id"] == operation["id"]:
                assert frame["ruleId"] == rule_id
                states.append(frame["state"])
        assert states == ["running", "effective"]
        await site.api.end()


async def test_the_end_of_the_process_ends_its_streams_at_once(site: RealSite) -> None:
    listener = opened_socket("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with (
        serving(site.api.app, listener),
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client,
    ):
        streams = [
            await client.send(client.build_request("GET", "/api/events"), stream=True)
            for _ in range(5)
        ]
        began = monotonic()
        await site.api.end()
        bodies = await asyncio.gather(*(stream.aread() for stream in streams))
        assert monotonic() - began < 1
    assert bodies == [b"retry: 2000\n\n"] * 5


async def test_a_lost_connection_to_the_database_is_told_as_a_gap(
    site: RealSite, database_url: str
) -> None:
    frames = site.api.streams.frames()
    await anext(frames)
    await site.database.ping()
    await _end_everybody(database_url)
    async with asyncio.timeout(20):
        assert b'"type":"gap"' in await anext(frames)
    await frames.aclose()


async def _end_everybody(url: str) -> None:
    """As when the server is started anew: every connection but ours is gone."""
    await administer(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
