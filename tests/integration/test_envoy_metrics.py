"""What Envoy's counters are taken to say is what happened."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.envoy_stack import HOST, SHOP, Stack, picture, running, split, until
from tests.integration.envoy_traffic import Behaviour, Reply

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.metrics import EnvoyMetrics
from crossfade.application.ports import Sample, VersionSample
from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.intent import Intent, Mirror, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.policies import Policies, Retries

pytestmark = pytest.mark.integration

WINDOW_S = 60
V1_ONLY = (Version("v1", 10_000), Version("v2", 0))


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    async with running(tmp_path) as stack:
        await stack.metrics.read()
        yield stack


async def sample(metrics: EnvoyMetrics, key: ServiceKey = SHOP) -> Sample:
    """What is known now, after one more reading."""
    await metrics.read()
    return (await metrics.samples({key: ("v1", "v2")}, WINDOW_S))[key]


async def measured(stack: Stack) -> tuple[VersionSample, VersionSample]:
    """What v1 and v2 did, latencies too: Envoy shows those one reading late."""
    await stack.metrics.read()
    v1, v2 = (await sample(stack.metrics)).versions
    return v1, v2


async def _shows_latencies(stack: Stack) -> bool:
    """Whether Envoy's threads have put together what they measured; none waits for another."""
    v1, _ = (await sample(stack.metrics)).versions
    return v1.p50_ms is not None


async def test_requests_and_shares_equal_what_callers_saw(stack: Stack) -> None:
    await stack.deploy(split(1, v1=8_000, v2=2_000))

    replies = await stack.caller.calls(1_000, HOST)
    v1, v2 = await measured(stack)

    assert (v1.requests, v2.requests) == (replies[Reply(200, "v1")], replies[Reply(200, "v2")])
    assert v1.share == pytest.approx(v1.requests / 10, abs=0.001)
    assert v2.share == pytest.approx(v2.requests / 10, abs=0.001)
    assert (v1.error_rate, v1.retried_rate) == (0, 0)


async def test_the_rate_is_requests_by_time(stack: Stack) -> None:
    await stack.deploy(split(1, v1=10_000))
    await stack.caller.calls(300, HOST)

    after = await sample(stack.metrics)

    assert after.rate is not None
    assert after.rate == after.versions[0].rate
    assert after.versions[1].rate == 0
    assert any(rate and rate > 0 for rate in after.series)
    assert after.no_data_since is None


async def test_failures_are_a_share_of_the_version_s_own_requests(stack: Stack) -> None:
    stack.backends["v1"].behaving = every_fourth_fails
    await stack.deploy(split(1, v1=10_000))
    await stack.caller.calls(200, HOST, lines=1)

    v1, v2 = await measured(stack)

    assert v1.error_rate == 25
    assert v2.error_rate is None


async def test_failures_behind_retries_show(stack: Stack) -> None:
    stack.backends["v1"].behaving = every_fourth_fails
    await stack.deploy(picture(Intent(SHOP, V1_ONLY, policies=Policies(retries=Retries(2))), 1))
    await stack.caller.calls(300, HOST, lines=1)

    v1, _ = await measured(stack)

    assert (v1.requests, v1.error_rate) == (300, 0)
    assert v1.retried_rate == pytest.approx(25, abs=0.3)


def every_fourth_fails(number: int, _path: str) -> Behaviour:
    """A quarter of the tries fail."""
    return Behaviour(status=200 if number % 4 else 503)


async def test_mirrored_copies_are_no_requests(stack: Stack) -> None:
    await stack.deploy(picture(Intent(SHOP, V1_ONLY, mirror=Mirror("v2")), 1))
    await stack.caller.calls(200, HOST)
    await until(lambda: stack.backends["v2"].hits == 200)

    v1, v2 = await measured(stack)

    assert (v1.requests, v2.requests) == (200, 0)
    assert v2.p50_ms is None


async def test_nobody_s_request_passes_for_a_copy(stack: Stack) -> None:
    await stack.deploy(split(1, v1=10_000))
    claims = {"x-envoy-internal": "true", "x-forwarded-for": "10.0.0.1"}
    await stack.caller.calls(30, HOST, "/", claims)

    v1, _ = await measured(stack)

    assert v1.requests == 30


async def test_the_share_is_over_requests_outside_of_cohorts(stack: Stack) -> None:
    testers = Condition(Source.HEADER, Operator.EXACT, "x-tester", "yes")
    cohorts = (Cohort("testers", "v2", (testers,)),)
    versions = (Version("v1", 5_000), Version("v2", 5_000))
    await stack.deploy(picture(Intent(SHOP, versions, cohorts=cohorts), 1))
    by_weight = await stack.caller.calls(400, HOST)
    await stack.caller.calls(600, HOST, "/", {"x-tester": "yes"})

    v1, v2 = await measured(stack)

    assert v2.requests == by_weight[Reply(200, "v2")] + 600
    assert v1.share == pytest.approx(by_weight[Reply(200, "v1")] / 4, abs=0.001)
    assert v2.share == pytest.approx(by_weight[Reply(200, "v2")] / 4, abs=0.001)


async def test_percentiles_are_close_to_the_latencies(stack: Stack) -> None:
    stack.backends["v1"].behaving = lambda number, _path: Behaviour(
        delay_s=0.2 if number % 20 == 0 else 0.05
    )
    await stack.deploy(split(1, v1=10_000))
    await stack.caller.calls(200, HOST)

    await until(lambda: _shows_latencies(stack))
    v1, _ = await measured(stack)

    assert v1.p50_ms is not None
    assert v1.p99_ms is not None
    assert 48 <= v1.p50_ms <= 70
    assert 192 <= v1.p99_ms <= 260


async def test_counters_that_began_anew_are_counted_from_zero(stack: Stack) -> None:
    await stack.deploy(split(1, v1=10_000))
    await stack.caller.calls(40, HOST)
    await stack.metrics.read()

    await stack.child.stop()
    child = await stack.proxy.start()
    await stack.proxy.ready(child)
    await stack.caller.calls(50, HOST)
    v1, _ = await measured(stack)

    assert v1.requests == 90


async def test_an_envoy_that_is_gone_gives_no_data_and_never_zero(stack: Stack) -> None:
    await stack.deploy(split(1, v1=10_000))
    await stack.caller.calls(40, HOST)
    assert (await sample(stack.metrics)).rate is not None

    os.kill(stack.child.pid, signal.SIGKILL)
    await stack.child.wait()
    gone = await sample(stack.metrics)

    assert gone.rate is None
    assert gone.reason is not None
    assert "Envoy's admin does not answer" in gone.reason
    assert gone.no_data_since is not None
    assert {one.rate for one in gone.versions} == {None}
    assert {one.share for one in gone.versions} == {None}


async def test_another_process_that_reaches_the_admin_may_read_too(stack: Stack) -> None:
    other = EnvoyMetrics(Admin(stack.places.admin), SystemClock())
    await other.read()
    await stack.deploy(split(1, v1=10_000))
    await stack.caller.calls(40, HOST)

    theirs, ours = await sample(other), await sample(stack.metrics)
    assert theirs.versions[0].requests == ours.versions[0].requests == 40


async def test_a_service_without_traffic_is_quiet_and_not_unknown(stack: Stack) -> None:
    quiet = await sample(stack.metrics)

    assert quiet.rate == 0
    assert quiet.no_data_since is None
    assert {one.error_rate for one in quiet.versions} == {None}


async def test_readings_that_have_stopped_are_no_data(stack: Stack) -> None:
    slow = EnvoyMetrics(stack.admin, SystemClock(), stale_s=0.05)
    await slow.read()
    assert (await sample(slow)).rate == 0

    async def silent() -> bool:
        return (await slow.samples({SHOP: ("v1",)}, WINDOW_S))[SHOP].rate is None

    await until(silent)
    reason = (await slow.samples({SHOP: ("v1",)}, WINDOW_S))[SHOP].reason
    assert reason is not None
    assert "were last read 0 s ago" in reason


async def test_before_the_second_reading_nothing_is_claimed(stack: Stack) -> None:
    fresh = EnvoyMetrics(stack.admin, SystemClock())

    once = await sample(fresh)

    assert once.rate is None
    assert once.reason == "Counting has just begun."
