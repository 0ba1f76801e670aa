"""Everything that a rule may ask for really acts on requests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.envoy_stack import HOST, SHOP, Stack, picture, placed, running, split, until
from tests.integration.envoy_traffic import Backend, Behaviour, Reply, bodies, request

from crossfade.domain.addresses import LocalService
from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.errors import RefusedError
from crossfade.domain.intent import Intent, Mirror, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.policies import (
    Abort,
    ConnectionLimits,
    Delay,
    FaultInjection,
    OutlierDetection,
    Policies,
    Retries,
)

pytestmark = pytest.mark.integration

V1_ONLY = (Version("v1", 10_000), Version("v2", 0))


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    async with running(tmp_path) as stack:
        yield stack


def with_policies(policies: Policies) -> Intent:
    """All traffic to v1, under these policies."""
    return Intent(SHOP, V1_ONLY, policies=policies)


def for_testers(*conditions: Condition) -> Intent:
    """All traffic to v1, but that of the testers to v2."""
    return Intent(SHOP, V1_ONLY, cohorts=(Cohort("testers", "v2", conditions),))


HEADER = Condition(Source.HEADER, Operator.EXACT, "X-Tester", "yes")
COOKIE = Condition(Source.COOKIE, Operator.PREFIX, "user", "beta-")
PATH = Condition(Source.PATH, Operator.REGEX, "", "/new/.*")
QUERY = Condition(Source.QUERY, Operator.PRESENT, "preview")


@pytest.mark.parametrize(
    ("condition", "path", "headers"),
    [
        (HEADER, "/", {"x-tester": "yes"}),
        (COOKIE, "/", {"cookie": "a=b; user=beta-7; c=d"}),
        (PATH, "/new/page?a=1", {}),
        (QUERY, "/?a=1&preview=1", {}),
    ],
)
async def test_a_cohort_goes_to_its_version_and_nobody_else_does(
    stack: Stack, condition: Condition, path: str, headers: dict[str, str]
) -> None:
    await stack.deploy(picture(for_testers(condition), 1))

    assert bodies(await stack.caller.calls(50, HOST, path, headers)) == {"v2": 50}
    assert bodies(await stack.caller.calls(50, HOST, "/old", {"x-tester": "no"})) == {"v1": 50}


async def test_all_conditions_of_a_cohort_must_hold(stack: Stack) -> None:
    await stack.deploy(picture(for_testers(HEADER, QUERY), 1))

    both = await stack.caller.call(HOST, "/?preview=1", {"x-tester": "yes"})
    one = await stack.caller.call(HOST, "/", {"x-tester": "yes"})
    assert (both.body, one.body) == ("v2", "v1")


async def test_a_mirror_gets_copies_and_its_answers_are_thrown_away(stack: Stack) -> None:
    stack.backends["v2"].behaving = lambda _number, _path: Behaviour(status=500)
    await stack.deploy(picture(Intent(SHOP, V1_ONLY, mirror=Mirror("v2", 5_000)), 1))

    assert bodies(await stack.caller.calls(1_000, HOST)) == {"v1": 1_000}
    copies = stack.backends["v2"].hits
    assert 420 <= copies <= 580
    assert b"host: shop.default\r\n" in stack.backends["v2"].heads[0] + b"\r\n"


async def test_an_abort_answers_its_share_before_any_version_is_asked(stack: Stack) -> None:
    fault = FaultInjection(abort=Abort(share=3_000, status=418))
    await stack.deploy(picture(with_policies(Policies(fault=fault)), 1))

    replies = await stack.caller.calls(1_000, HOST)

    aborted = sum(number for reply, number in replies.items() if reply.status == 418)
    assert 220 <= aborted <= 380
    assert stack.backends["v1"].hits == 1_000 - aborted


async def test_a_delay_holds_requests_back(stack: Stack) -> None:
    fault = FaultInjection(delay=Delay(share=10_000, duration_ms=150))
    await stack.deploy(picture(with_policies(Policies(fault=fault)), 1))
    loop = asyncio.get_running_loop()
    begun = loop.time()

    assert (await stack.caller.call(HOST)).body == "v1"
    assert loop.time() - begun >= 0.15


async def test_a_timeout_ends_a_request_that_takes_too_long(stack: Stack) -> None:
    stack.backends["v1"].behaving = lambda _number, _path: Behaviour(delay_s=5.0)
    await stack.deploy(picture(with_policies(Policies(timeout_ms=100)), 1))

    assert (await stack.caller.call(HOST)).status == 504


async def test_retries_hide_failures_from_callers(stack: Stack) -> None:
    stack.backends["v1"].behaving = every_second_fails
    await stack.deploy(picture(with_policies(Policies(retries=Retries(2))), 1))

    assert bodies(await stack.caller.calls(100, HOST, lines=1)) == {"v1": 100}
    assert stack.backends["v1"].hits == 199


def every_second_fails(number: int, _path: str) -> Behaviour:
    """Every request with an even number fails."""
    return Behaviour(status=200 if number % 2 else 503)


async def test_an_address_that_fails_again_and_again_is_ejected(stack: Stack) -> None:
    stack.backends["v2"].behaving = lambda _number, _path: Behaviour(status=500)
    addresses = (stack.backends["v1"].address, stack.backends["v2"].address)
    stack.mesh.place([LocalService(SHOP, (("v1", addresses),))])
    ejection = OutlierDetection(consecutive_5xx=3, max_ejection_percent=100)
    intent = Intent(SHOP, V1_ONLY[:1], policies=Policies(outlier_detection=ejection))
    await stack.deploy(picture(intent, 1))

    await fail(stack, times=2)
    assert not await ejected(stack)
    await fail(stack, times=3)
    await until(lambda: ejected(stack))

    await stack.caller.calls(20, HOST, lines=1)
    assert stack.backends["v2"].hits == 3


async def fail(stack: Stack, times: int) -> None:
    """Call until the second version has failed so often."""
    while stack.backends["v2"].hits < times:
        await stack.caller.call(HOST)


async def ejected(stack: Stack) -> bool:
    """Whether Envoy has taken an address out."""
    hosts = await stack.admin.get("/clusters")
    return "failed_outlier_check" in hosts


async def test_requests_beyond_a_limit_are_turned_away(stack: Stack) -> None:
    stack.backends["v1"].behaving = lambda _number, _path: Behaviour(delay_s=0.2)
    limits = ConnectionLimits(max_requests=1, max_pending_requests=1)
    await stack.deploy(picture(with_policies(Policies(connection_limits=limits)), 1))

    replies = await stack.caller.calls(8, HOST, lines=8)

    assert {reply.status for reply in replies} == {200, 503}


@pytest.mark.parametrize(
    "host",
    [
        "shop",
        "shop.default",
        "SHOP.Default",
        "shop.default:8080",
        "shop.default.",
        "shop.default.svc.cluster.local",
        "www.example.com",
        "WWW.EXAMPLE.COM:443",
    ],
)
async def test_a_rule_answers_under_all_of_its_names(stack: Stack, host: str) -> None:
    await stack.deploy(picture(Intent(SHOP, V1_ONLY, hosts=("www.example.com",)), 1))

    assert await stack.caller.call(host) == Reply(200, "v1")


async def test_an_unknown_host_is_told_that_no_rule_is_for_it(stack: Stack) -> None:
    reply = await stack.caller.call("nobody.example.com")

    assert reply.status == 404
    assert reply.body.startswith("No traffic rule for host nobody.example.com. Deploy one")


async def test_a_host_that_is_taken_away_is_unknown_and_another_rule_may_have_it(
    stack: Stack,
) -> None:
    other = ServiceKey("local", "default", "other")
    stack.mesh.place([placed(stack.backends, other)])
    claiming = Intent(other, (Version("v2", 10_000),), hosts=("www.example.com",))
    await stack.deploy(picture(Intent(SHOP, V1_ONLY, hosts=("www.example.com",)), 1))

    with pytest.raises(RefusedError, match=r"host www\.example\.com already belongs .*shop"):
        await stack.mesh.apply(picture(claiming, 1))
    await stack.deploy(picture(Intent(SHOP, V1_ONLY), 2))
    assert (await stack.caller.call("www.example.com")).status == 404
    await stack.deploy(picture(claiming, 1))

    assert (await stack.caller.call("www.example.com")).body == "v2"
    assert (await stack.caller.call(HOST)).body == "v1"


async def test_a_version_may_move_to_another_address_under_load(stack: Stack) -> None:
    await stack.deploy(split(1, v1=10_000))

    async with Backend("moved").serving() as moved, stack.caller.load(HOST) as replies:
        stack.mesh.place([LocalService(SHOP, (("v1", (moved.address,)),))])
        await until(lambda: replies[Reply(200, "moved")] > 100)

    assert set(bodies(replies)) <= {"v1", "moved"}


async def test_a_version_without_an_address_is_refused_with_the_cure(stack: Stack) -> None:
    cure = "crossfade local add default/shop --version v9=127.0.0.1:PORT"

    with pytest.raises(RefusedError, match=f"No address is known for v9 of default/shop.*{cure}"):
        await stack.mesh.apply(split(1, v1=5_000, v9=5_000))


async def test_a_version_without_an_address_may_wait_at_zero(stack: Stack) -> None:
    await stack.deploy(split(1, v1=10_000, v9=0))

    assert bodies(await stack.caller.calls(10, HOST)) == {"v1": 10}


async def test_callers_cannot_steer_the_proxy_by_its_private_headers(stack: Stack) -> None:
    stack.backends["v1"].behaving = every_second_fails
    await stack.deploy(split(1, v1=10_000))
    steering = {"x-envoy-retry-on": "5xx", "x-envoy-max-retries": "3", "x-envoy-internal": "true"}

    replies = await stack.caller.calls(10, HOST, "/", steering, lines=1)

    assert {reply.status: number for reply, number in replies.items()} == {200: 5, 503: 5}


async def test_callers_of_another_age_are_served(stack: Stack) -> None:
    await stack.deploy(split(1, v1=10_000))
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.caller.port)

    writer.write(b"GET / HTTP/1.0\r\nhost: shop.default\r\n\r\n")
    answer = await reader.read()
    writer.close()

    assert answer.splitlines()[0] == b"HTTP/1.0 200 OK"
    assert answer.endswith(b"v1")


async def test_a_connection_may_become_a_web_socket(stack: Stack) -> None:
    async with echo_after_upgrade() as address:
        stack.mesh.place([LocalService(SHOP, (("v1", (address,)),))])
        await stack.deploy(split(1, v1=10_000))
        reader, writer = await asyncio.open_connection("127.0.0.1", stack.caller.port)

        writer.write(request(HOST, "/", {"connection": "upgrade", "upgrade": "websocket"}))
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"hello")
        echo = await reader.readexactly(5)
        writer.close()

    assert head.startswith(b"HTTP/1.1 101")
    assert echo == b"hello"


@contextlib.asynccontextmanager
async def echo_after_upgrade() -> AsyncIterator[str]:
    """The address of a backend that upgrades, and then answers what it is told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
        writer.write(await reader.readexactly(5))
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
