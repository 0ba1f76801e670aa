"""The sample service's own metrics, scraped as we ship it: what they say of known traffic."""

import asyncio
import math
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from tests.cluster.backends import LISTENS
from tests.cluster.measured import asking
from tests.cluster.prometheus import Prometheus
from tests.cluster.shipped import Target, static
from tests.cluster.waiting import LOOPBACK, until

from crossfade.adapters.processes.children import Child, Children
from crossfade.adapters.prometheus.dialects import PLAIN
from crossfade.adapters.prometheus.metrics import PrometheusMetrics
from crossfade.application.ports import Sample
from crossfade.application.processes import Command
from crossfade.domain.names import ServiceKey
from crossfade_dummy.metrics import BUCKETS_S

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

DUMMY = ServiceKey("cluster", "default", "dummy-service")
QUIET = ServiceKey("cluster", "default", "quiet")
ABSENT = ServiceKey("cluster", "default", "absent")
WINDOW_S = 300
NEARLY = 4  # percent: `rate` extrapolates each series to the ends of its window
# What is sent to each version; 80 of 100 requests go to v1, of whose requests one in 4 fails.
TRAFFIC = {
    "v1": {"/": 100, "/api/error": 40, "/api/data": 20},
    "v2": {"/": 40},
}
AT_ONCE = 4
CALM_S = 0.25  # /api/data takes v1 up to 0.12 s, and all around it a little more
BEHAVIOUR = {"v1": {"LATENCY_MS": "100", "ERROR_RATE": "1"}, "v2": {"ERROR_RATE": "0"}}
# `rate` extrapolates by up to a scrape at both ends: among so many, that is little.
LOOKS = 10
LOOKED_AT = 'min(count_over_time(http_requests_total{service="dummy-service"}[5m]))'
SENT = sum(sum(routes.values()) for routes in TRAFFIC.values())
WARMED = sum(len(routes) for routes in TRAFFIC.values())


@dataclass(frozen=True, slots=True)
class Rig:
    """Sample services whose traffic is over, and who looked on."""

    services: dict[str, Child]
    prometheus: Prometheus
    metrics: PrometheusMetrics
    slowest_s: Mapping[str, float]  # of v1's requests, by route, as their caller saw it

    def most_s(self, *routes: str) -> float:
        """What no percentile of v1's durations can be above.

        Whatever held a request up, its caller saw that too, and a histogram says no more than in
        which bucket it fell.
        """
        seen_s = max(CALM_S, *(self.slowest_s[route] for route in routes))
        return next(bound for bound in (*BUCKETS_S, math.inf) if bound >= seen_s)

    async def sample(self, *names: str, key: ServiceKey = DUMMY) -> Sample:
        """What our source says now."""
        return (await self.metrics.samples({key: names}, WINDOW_S))[key]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def rig(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    folder = tmp_path_factory.mktemp("plain")
    async with Children(folder / "run") as children:
        services = {name: await _start(children, folder, name) for name in ("v1", "v2", "quiet")}
        targets = [await _target(name, child) for name, child in services.items()]
        prometheus = await Prometheus.start(folder / "prometheus", static(folder, targets))
        metrics = asking(prometheus, PLAIN)
        try:
            await prometheus.until('sum(up{service!=""})', lambda up: up == len(targets))
            slowest_s = await _send_all(prometheus, services)
            await prometheus.until(LOOKED_AT, lambda times: times >= LOOKS)
            yield Rig(services, prometheus, metrics, slowest_s)
        finally:
            await metrics.aclose()
            await prometheus.stop()


async def _start(children: Children, folder: Path, name: str) -> Child:
    env = {"VERSION": name, "HOST": LOOPBACK, "PORT": "0", **BEHAVIOUR.get(name, {})}
    argv = (sys.executable, "-m", "crossfade_dummy")
    return await children.start(Command(name, argv, folder / f"{name}.log", env=env, grace_s=1))


async def _target(name: str, child: Child) -> Target:
    service = QUIET.service if name == QUIET.service else DUMMY.service
    labels = {"namespace": "default", "service": service, "version": name}
    return await _address(child), {**labels, "job": f"{service}-{name}"}


async def _address(child: Child) -> str:
    async def listens() -> bool:
        return LISTENS.search("\n".join(child.last_lines())) is not None

    await until(listens)
    found = LISTENS.search("\n".join(child.last_lines()))
    assert found is not None
    return f"{LOOPBACK}:{found[1]}"


async def _send_all(prometheus: Prometheus, services: dict[str, Child]) -> Mapping[str, float]:
    """One request of a kind first, whose series all others then add to; the slowest of v1's."""
    counted = "sum(http_requests_total)"
    slowest_s = dict.fromkeys(TRAFFIC["v1"], 0.0)
    async with httpx.AsyncClient(trust_env=False) as client:
        for times in (1, None):
            for version, routes in TRAFFIC.items():
                address = await _address(services[version])
                urls = [
                    f"http://{address}{r}" for r, n in routes.items() for _ in range(times or n)
                ]
                answers = await _answers(client, urls)
                if version == "v1":
                    _note(slowest_s, answers)
            wanted = WARMED + (0 if times else SENT)
            await prometheus.until(counted, lambda seen, wanted=wanted: seen == wanted)
    return slowest_s


async def _answers(client: httpx.AsyncClient, urls: Iterable[str]) -> Sequence[httpx.Response]:
    """All answers, a few at a time: of many, the caller would time itself and not the service."""
    few = asyncio.Semaphore(AT_ONCE)

    async def one(url: str) -> httpx.Response:
        async with few:
            return await client.get(url)

    return await asyncio.gather(*map(one, urls))


def _note(slowest_s: dict[str, float], answers: Iterable[httpx.Response]) -> None:
    for answer in answers:
        route = answer.url.path
        slowest_s[route] = max(slowest_s[route], answer.elapsed.total_seconds())


async def test_the_traffic_distribution_of_the_original_document_is_80_percent(rig: Rig) -> None:
    share = await rig.prometheus.value(
        'sum(rate(http_requests_total{job="dummy-service-v1"}[5m]))'
        ' / sum(rate(http_requests_total{job=~"dummy-service.*"}[5m])) * 100'
    )

    assert share == pytest.approx(80, abs=NEARLY)


async def test_its_request_latency_is_the_one_that_the_version_takes(rig: Rig) -> None:
    latencies = await rig.prometheus.query(
        "histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[5m]))"
    )

    (took_s,) = (
        value
        for labels, value in latencies.items()
        if {("job", "dummy-service-v1"), ("route", "/api/data")} <= labels
    )
    assert 0.1 <= took_s <= rig.most_s("/api/data")


async def test_its_error_rate_is_of_the_requests_that_failed(rig: Rig) -> None:
    rates = await rig.prometheus.query('rate(http_requests_total{status=~"5.."}[5m])')

    ((labels, rate),) = rates.items()
    assert {("version", "v1"), ("route", "/api/error"), ("status", "500")} <= labels
    assert 40 * 0.9 <= rate * 300 <= 40 * 1.3


async def test_the_recorded_series_say_the_same(rig: Rig) -> None:
    v1 = '{service="dummy-service", version="v1"}'

    share = await rig.prometheus.until(
        f"version:http_requests:share5m{v1}", lambda found: abs(found - 80) <= NEARLY
    )
    errors = await rig.prometheus.value(f"version:http_request_errors:ratio5m{v1}")

    assert share > 0
    assert errors == pytest.approx(0.25, abs=0.01)


async def test_our_source_counts_what_was_sent(rig: Rig) -> None:
    v1, v2 = (await rig.sample("v1", "v2")).versions

    assert (v1.requests, v2.requests) == (160 + 3, 40 + 1)
    assert v1.share == pytest.approx(80, abs=0.5)
    assert (v1.error_rate, v2.error_rate) == (pytest.approx(25.2, abs=0.1), 0)
    assert v1.p99_ms is not None
    assert 100 <= v1.p99_ms <= 1_000 * rig.most_s(*TRAFFIC["v1"])


async def test_a_service_without_requests_has_a_rate_of_zero_and_so_has_its_past(rig: Rig) -> None:
    sample = await rig.sample("quiet", key=QUIET)

    assert (sample.rate, sample.reason) == (0, None)
    assert (sample.versions[0].requests, sample.versions[0].share) == (0, None)
    assert sample.series[-1] == 0


async def test_a_version_without_pods_is_unknown_and_takes_nothing_from_the_others(
    rig: Rig,
) -> None:
    v1, _v2, v3 = (await rig.sample("v1", "v2", "v3")).versions

    assert v1.share == pytest.approx(80, abs=0.5)
    assert (v3.requests, v3.rate, v3.share) == (0, None, None)


async def test_a_service_that_is_not_scraped_is_no_data(rig: Rig) -> None:
    sample = await rig.sample("v1", key=ABSENT)

    assert sample.reason == "Prometheus has no series of default/absent now (up)."


async def test_with_a_version_that_does_not_answer_nobody_knows_the_shares(rig: Rig) -> None:
    await rig.services["v2"].stop()
    await rig.prometheus.until('up{version="v2"}', lambda up: up == 0)
    some = await rig.sample("v1", "v2")
    await rig.services["v1"].stop()
    await rig.prometheus.until('up{version="v1"}', lambda up: up == 0)
    none = await rig.sample("v1", "v2")

    v1, v2 = some.versions
    assert (v1.requests, v1.share, v2.rate, v2.share) == (163, None, None, None)
    assert (some.rate, some.reason) == (None, None)
    assert none.reason == "The pods of default/dummy-service do not answer Prometheus."
    assert none.no_data_since is not None
