"""The demo load: even, bounded, and honest about what failed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from tests.integration.process_probes import until

from crossfade.adapters.demo_load import LANES, DemoLoad

pytestmark = pytest.mark.integration

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
BROKEN = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
WITHOUT_LENGTH = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


@dataclass
class Entrance:
    """A place that requests come to, and what came."""

    answer: bytes = OK
    url: str = ""
    connections: int = 0
    open: int = 0
    most_open: int = 0
    heads: list[str] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            while True:
                self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
                await self.answering.wait()
                writer.write(self.answer)
        except (EOFError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()


@pytest.fixture
async def entrance() -> AsyncIterator[Entrance]:
    entrance = Entrance()
    entrance.answering.set()
    async with await asyncio.start_server(entrance.serve, "127.0.0.1", 0) as server:
        entrance.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield entrance
        await until(lambda: entrance.open == 0)


@pytest.fixture
async def load(entrance: Entrance) -> AsyncIterator[DemoLoad]:
    load = DemoLoad(entrance.url, "dummy-service.default")
    yield load
    await load.stop()


def sent(load: DemoLoad, count: int) -> Callable[[], bool]:
    return lambda: load.status.sent >= count


async def test_requests_come_in_a_mix_under_the_services_name(
    load: DemoLoad, entrance: Entrance
) -> None:
    await load.start(200)
    await until(sent(load, 20))
    await load.stop()

    paths = Counter(head.split()[1] for head in entrance.heads[:20])
    assert paths == {"/": 10, "/api/data": 8, "/api/error": 2}
    assert all("host: dummy-service.default\r\n" in head for head in entrance.heads)


async def test_requests_come_at_the_rate_that_was_asked_for(load: DemoLoad) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await load.start(100)
    await until(sent(load, 100))

    assert loop.time() - began > 0.95


async def test_connections_are_kept(load: DemoLoad, entrance: Entrance) -> None:
    await load.start(200)
    await until(sent(load, 3 * LANES))

    assert entrance.connections <= LANES


@pytest.mark.parametrize("answer", [WITHOUT_LENGTH, LAST])
async def test_connections_that_cannot_be_kept_are_made_anew(
    load: DemoLoad, entrance: Entrance, answer: bytes
) -> None:
    entrance.answer = answer
    await load.start(200)
    await until(sent(load, 20))

    assert load.status.failed == 0
    assert entrance.connections >= 20


async def test_server_errors_count_as_failed(load: DemoLoad, entrance: Entrance) -> None:
    entrance.answer = BROKEN
    await load.start(200)
    await until(sent(load, 10))
    status = await load.stop()

    assert status.failed == status.sent


async def test_no_answer_counts_as_failed() -> None:
    load = DemoLoad("http://127.0.0.1:1", "dummy-service.default")
    await load.start(200)
    await until(sent(load, 5))
    status = await load.stop()

    assert status.failed == status.sent


async def test_a_hanging_entrance_holds_no_more_than_a_few_connections(
    load: DemoLoad, entrance: Entrance
) -> None:
    entrance.answering.clear()
    await load.start(200)
    await until(lambda: entrance.open == LANES)
    entrance.answering.set()
    await until(sent(load, 64))

    assert entrance.most_open == LANES


async def test_stopping_closes_every_connection_and_forgets_the_rate(
    load: DemoLoad, entrance: Entrance
) -> None:
    await load.start(200)
    await until(lambda: entrance.open > 0)

    status = await load.stop()

    assert (status.running, status.rate) == (False, 0)
    await until(lambda: entrance.open == 0)


async def test_it_ends_by_itself(entrance: Entrance) -> None:
    load = DemoLoad(entrance.url, "dummy-service.default", lasts_s=1)
    assert (await load.start(20)).running

    await until(lambda: not load.status.running)

    assert 0 < load.status.sent <= 20


async def test_another_rate_goes_on_counting_and_a_new_start_counts_afresh(load: DemoLoad) -> None:
    await load.start(200)
    await until(sent(load, 10))
    assert (await load.start(50)).sent >= 10
    assert load.status.rate == 50

    await load.stop()

    assert (await load.start(50)).sent == 0


@pytest.mark.parametrize("rate", [0, -1, 200.1, float("nan")])
async def test_rates_beyond_the_bounds_are_refused(load: DemoLoad, rate: float) -> None:
    with pytest.raises(ValueError, match="must be above 0 and at most 200"):
        await load.start(rate)

    assert not load.status.running
