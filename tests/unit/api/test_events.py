"""Server-sent events: small frames, a pulse, and an end."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest
from tests.fakes.events import FakeEvents
from tests.unit.api.conftest import Site

from crossfade.application.work import Event
from crossfade.domain.errors import UnavailableError
from crossfade.entrypoints.api.events import HEADERS
from crossfade.entrypoints.api.streams import MOST_UNREAD, Streams

RULE = Event("rule", "r1", "r1", "live")


def data(frame: bytes) -> dict[str, object]:
    assert frame.startswith(b"data: ")
    assert frame.endswith(b"\n\n")
    found: dict[str, object] = json.loads(frame.removeprefix(b"data: "))
    return found


async def opened(streams: Streams) -> AsyncGenerator[bytes, None]:
    """A stream that has begun to listen."""
    frames = streams.frames()
    assert await anext(frames) == b"retry: 2000\n\n"
    return frames


async def test_what_is_announced_is_told_in_a_small_frame() -> None:
    events = FakeEvents()
    frames = await opened(Streams(events))
    events.tell([RULE])
    told = {"type": "rule", "id": "r1", "ruleId": "r1", "state": "live"}
    assert data(await anext(frames)) == told
    await frames.aclose()


async def test_what_processes_tell_each_other_is_not_told_to_a_browser() -> None:
    events = FakeEvents()
    frames = await opened(Streams(events))
    events.tell([Event("due", "git", "r1"), RULE])
    assert data(await anext(frames))["type"] == "rule"
    await frames.aclose()


async def test_silence_has_a_pulse() -> None:
    events = FakeEvents()
    frames = await opened(Streams(events, silence_s=0.01))
    assert await anext(frames) == b":\n\n"
    events.tell([RULE])
    assert data(await anext(frames))["type"] == "rule"
    await frames.aclose()


async def test_a_stream_ends_when_the_process_does() -> None:
    events = FakeEvents()
    streams = Streams(events)
    frames = await opened(streams)
    asked = asyncio.ensure_future(anext(frames, None))
    await asyncio.sleep(0)
    streams.end()
    assert await asked is None
    assert streams.count == 0
    assert [frame async for frame in streams.frames()] == [b"retry: 2000\n\n"]


async def test_a_listener_who_leaves_is_forgotten() -> None:
    events = FakeEvents()
    streams = Streams(events)
    frames = await opened(streams)
    assert streams.count == 1
    await frames.aclose()
    assert streams.count == 0


async def test_a_listener_who_cannot_follow_hears_of_a_gap() -> None:
    events = FakeEvents()
    streams = Streams(events)
    frames = await opened(streams)
    for n in range(MOST_UNREAD + 1):
        streams.tell(Event("rule", str(n)))
    assert data(await anext(frames))["type"] == "gap"
    assert data(await anext(frames))["id"] == str(MOST_UNREAD)
    await frames.aclose()


async def test_health_that_changes_is_told_at_once(site: Site) -> None:
    frames = await opened(site.api.streams)
    site.book.set("git", "unreachable", ok=False)
    site.book.set("git", "still unreachable", ok=False)
    site.book.set("git", "main at 4be1f09", ok=True)
    states = [data(await anext(frames))["state"] for _ in range(2)]
    assert states == ["degraded", "ok"]
    await frames.aclose()


async def test_listeners_are_bounded() -> None:
    streams = Streams(FakeEvents(), most=1)
    streams.check_room()
    frames = await opened(streams)
    with pytest.raises(UnavailableError):
        streams.check_room()
    await frames.aclose()
    streams.check_room()


async def test_a_stream_that_has_ended_is_a_whole_answer(site: Site) -> None:
    site.api.streams.end()
    answer = await site.client.get("/api/events")
    assert answer.status_code == 200
    assert answer.text == "retry: 2000\n\n"
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
