"""The sample service as a real process: two versions that differ, counted, stopped with care."""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.integration.process_probes import until

from crossfade.adapters.processes.children import Child, Children
from crossfade.application.processes import Command

pytestmark = pytest.mark.integration

TRACED = {
    "traceparent": "00-4bf9-00f0-01",
    "tracestate": "a=1",
    "baggage": "customer=7",
    "b3": "1-2",
    "x-b3-traceid": "1",
    "x-b3-spanid": "2",
    "x-b3-parentspanid": "0",
    "x-b3-sampled": "1",
    "x-b3-flags": "0",
    "x-request-id": "r1",
    "x-client-trace-id": "c1",
    "x-ot-span-context": "1;2",
    "x-cloud-trace-context": "1/2;o=1",
    "grpc-trace-bin": "AAA",
    "sw8": "1-a-b-3",
    "x-datadog-trace-id": "1",
    "x-datadog-parent-id": "2",
    "x-datadog-sampling-priority": "1",
}
FAILURES = 'http_requests_total{method="GET",route="/api/error",status="500"}'


@dataclass(frozen=True)
class Dummy:
    """A running sample service."""

    child: Child
    client: httpx.AsyncClient

    async def metric(self, line: str) -> float:
        """The value of one line of the metrics page; 0 where there is none."""
        page = (await self.client.get("/metrics")).text
        return float(page.partition(f"{line} ")[2].partition("\n")[0] or 0)


Start = Callable[..., Awaitable[Dummy]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts sample services with the environment that is given."""
    clients: list[httpx.AsyncClient] = []

    async def start_one(**environment: str) -> Dummy:
        env = {"PORT": "0", **environment}
        words = (sys.executable, "-m", "crossfade_dummy")
        log = tmp_path / f"{len(clients)}.log"
        child = await children.start(Command("dummy", words, log, env=env))
        await until(lambda: "listens on" in " ".join(child.last_lines()))
        client = httpx.AsyncClient(base_url=child.last_lines()[-1].rpartition(" ")[2])
        clients.append(client)
        return Dummy(child, client)

    async with Children(tmp_path / "run") as children:
        yield start_one
        for client in clients:
            await client.aclose()


async def test_each_version_says_who_it_is(start: Start) -> None:
    for version in ("v1", "v2"):
        dummy = await start(VERSION=version, POD_NAME=f"dummy-{version}-abc")

        answer = await dummy.client.get("/")

        assert answer.json() == {
            "message": f"Hello from {version}!",
            "version": version,
            "pod": f"dummy-{version}-abc",
        }


async def test_it_is_healthy_as_soon_as_it_listens(start: Start) -> None:
    answer = await (await start()).client.get("/health")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.parametrize(("version", "low_s"), [("v1", 0.08), ("v2", 0.04)])
async def test_data_takes_at_least_as_long_as_the_version_does(
    start: Start, version: str, low_s: float
) -> None:
    dummy = await start(VERSION=version)

    began = time.perf_counter()
    answer = await dummy.client.get("/api/data")

    assert answer.status_code == 200
    assert time.perf_counter() - began >= low_s


@pytest.mark.parametrize(("version", "low", "high"), [("v1", 210, 390), ("v2", 40, 160)])
async def test_errors_come_as_often_as_the_version_fails(
    start: Start, version: str, low: int, high: int
) -> None:
    dummy = await start(VERSION=version)

    answers = [await dummy.client.get("/api/error") for _ in range(1_000)]

    failed = sum(answer.status_code == 500 for answer in answers)
    assert low <= failed <= high  # six standard deviations
    assert {answer.status_code for answer in answers} == {200, 500}
    assert await dummy.metric(FAILURES) == failed


async def test_requests_are_counted_by_method_route_and_status(start: Start) -> None:
    dummy = await start()
    await dummy.client.get("/")
    await dummy.client.post("/")
    await dummy.client.get("/wp-login.php")
    await dummy.client.request("PROPFIND", "/")

    for line in (
        'http_requests_total{method="GET",route="/",status="200"}',
        'http_requests_total{method="POST",route="/",status="405"}',
        'http_requests_total{method="GET",route="other",status="404"}',
        'http_requests_total{method="other",route="/",status="405"}',
        'http_request_duration_seconds_count{method="GET",route="/"}',
    ):
        assert await dummy.metric(line) == 1


async def test_tracing_headers_are_passed_on_and_others_are_not(start: Start) -> None:
    dummy = await start()

    answer = await dummy.client.get("/", headers={**TRACED, "authorization": "secret"})

    assert {name: answer.headers.get(name) for name in TRACED} == TRACED
    assert "authorization" not in answer.headers


async def test_data_asks_the_next_service_with_the_same_tracing_headers(start: Start) -> None:
    heard = asyncio.get_running_loop().create_future()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as upstream:
        port = upstream.sockets[0].getsockname()[1]
        dummy = await start(LATENCY_MS="0", UPSTREAM_URL=f"http://127.0.0.1:{port}/next?a=1")

        answer = await dummy.client.get("/api/data", headers=TRACED)

    lines = (await heard).decode().split("\r\n")
    assert lines[0] == "GET /next?a=1 HTTP/1.1"
    assert {f"{name}: {value}" for name, value in TRACED.items()} <= set(lines)
    assert answer.json()["upstream"] == {"status": 204}


async def test_a_next_service_that_is_away_is_said_to_be_away(start: Start) -> None:
    dummy = await start(LATENCY_MS="0", UPSTREAM_URL="http://127.0.0.1:1/")

    assert (await dummy.client.get("/api/data")).json()["upstream"] == {"status": None}


async def test_behaviour_can_be_set_from_the_environment_and_while_running(start: Start) -> None:
    dummy = await start(ERROR_RATE="1", LATENCY_MS="0", DUMMY_ADMIN="1")
    assert (await dummy.client.get("/api/error")).status_code == 500

    told = await dummy.client.put("/admin/behaviour", json={"errorRate": 0})

    assert (told.json()["errorRate"], told.json()["latencyMs"]) == (0, 0)
    assert (await dummy.client.get("/api/error")).status_code == 200


@pytest.mark.parametrize("body", ["{}x", '{"errorRate": 2}', '{"latencyMs": "soon"}', "[]"])
async def test_impossible_behaviour_is_refused(start: Start, body: str) -> None:
    dummy = await start(DUMMY_ADMIN="1")

    assert (await dummy.client.put("/admin/behaviour", content=body)).status_code == 422


async def test_behaviour_cannot_be_set_where_that_was_not_allowed(start: Start) -> None:
    dummy = await start()

    assert (await dummy.client.put("/admin/behaviour", json={"errorRate": 1})).status_code == 404


async def test_stopping_finishes_the_request_under_way(start: Start) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def dawdle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await go_on.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(dawdle, "127.0.0.1", 0) as upstream:
        port = upstream.sockets[0].getsockname()[1]
        dummy = await start(LATENCY_MS="0", UPSTREAM_URL=f"http://127.0.0.1:{port}/")
        under_way = asyncio.create_task(dummy.client.get("/api/data"))
        await asked.wait()
        stopping = asyncio.create_task(dummy.child.stop())
        await until(lambda: refuses(dummy.client.base_url))
        go_on.set()

        assert (await under_way).json()["upstream"] == {"status": 200}
        assert await stopping == 0


def refuses(url: httpx.URL) -> bool:
    """Whether nobody listens there any more."""
    with socket.socket() as attempt:
        return attempt.connect_ex((url.host, url.port or 80)) != 0


@pytest.mark.parametrize("wrong", [{"ERROR_RATE": "30"}, {"LATENCY_MS": "slow"}, {"PORT": "x"}])
async def test_a_wrong_environment_is_named(tmp_path: Path, wrong: Mapping[str, str]) -> None:
    words = (sys.executable, "-m", "crossfade_dummy")
    async with Children(tmp_path / "run") as children:
        child = await children.start(Command("dummy", words, tmp_path / "log", env=wrong))

        assert await child.wait() == 1
        assert child.last_lines()[-1].startswith("crossfade-dummy: ")


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory from /proc")
async def test_it_is_small(start: Start) -> None:
    dummy = await start()
    await dummy.client.get("/api/data")

    status = Path(f"/proc/{dummy.child.pid}/status").read_text()

    assert int(status.partition("VmRSS:")[2].split()[0]) < 40_000
