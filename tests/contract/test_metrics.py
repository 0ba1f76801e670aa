"""What every metric source promises: the fake one, Envoy's counters, and Prometheus."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest
from tests.cluster.istio_page import IstioPage, istio_page
from tests.cluster.prometheus import Prometheus, Scrape, scraping
from tests.cluster.waiting import until
from tests.fakes.clock import NOON
from tests.fakes.metrics import FakeMetrics, quiet
from tests.integration.envoy_stack import SHOP, Stack, running

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.metrics import EnvoyMetrics
from crossfade.adapters.prometheus.api import PrometheusApi
from crossfade.adapters.prometheus.dialects import ISTIO
from crossfade.adapters.prometheus.metrics import PrometheusMetrics
from crossfade.application.ports import MetricSource, Sample
from crossfade.domain.names import ServiceKey

OTHER = ServiceKey("local", "default", "other")
WINDOW_S = 10
ASKED = {SHOP: ("v1", "v2"), OTHER: ("v3",)}


class Rig(Protocol):
    """A metric source, with a hand on what there is to measure."""

    @property
    def metrics(self) -> MetricSource:
        """What is tested."""

    async def measure(self) -> None:
        """The shop and the other are measured, and had no traffic."""

    async def fall_silent(self) -> None:
        """Nothing can be measured any more."""


@dataclass
class FakeRig:
    """Measurements in memory."""

    metrics: FakeMetrics = field(default_factory=lambda: FakeMetrics(NOON))

    async def measure(self) -> None:
        """Both were quiet."""
        for key, names in ASKED.items():
            versions = tuple(quiet(name, rate=0.0) for name in names)
            self.metrics.report(key, Sample(30, 0.0, versions, (None,) * 60))

    async def fall_silent(self) -> None:
        """Nothing can be measured any more."""
        self.metrics.fall_silent(NOON, "it is gone")


class EnvoyRig:
    """A real Envoy's counters."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.metrics = EnvoyMetrics(Admin(stack.places.admin), SystemClock())

    async def measure(self) -> None:
        """Two readings, with no traffic between them."""
        await self.metrics.read()
        await self.metrics.read()

    async def fall_silent(self) -> None:
        """Envoy ends."""
        await self._stack.child.stop()
        await self.metrics.read()


class PrometheusRig:
    """A real Prometheus that scrapes a page of Istio's metrics."""

    def __init__(self, prometheus: Prometheus, page: IstioPage) -> None:
        self._prometheus = prometheus
        self._page = page
        self.metrics = PrometheusMetrics(
            PrometheusApi(prometheus.url), ISTIO, SystemClock(), fresh_s=0
        )

    async def measure(self) -> None:
        """The proxies count, and there was nothing to count."""
        for key, names in ASKED.items():
            self._page.count(names[0], 0, destination_service_name=key.service)
        await until(self._scraped_often)

    async def fall_silent(self) -> None:
        """Prometheus ends."""
        await self._prometheus.halt()

    async def _scraped_often(self) -> bool:
        samples = (await self.metrics.samples(ASKED, WINDOW_S)).values()
        return all(one.reason is None and one.window_s == WINDOW_S for one in samples)


@contextlib.asynccontextmanager
async def scraped(folder: Path) -> AsyncIterator[PrometheusRig]:
    """A Prometheus that scrapes five times a second."""
    often = {"scrape_interval": "200ms", "scrape_timeout": "200ms"}
    with istio_page() as page:
        scrapes = scraping(Scrape("proxies", (page.address,)))
        prometheus = await Prometheus.start(folder, {**scrapes, "global": often})
        rig = PrometheusRig(prometheus, page)
        yield rig
        await rig.metrics.aclose()
        await prometheus.stop()


@contextlib.asynccontextmanager
async def a_rig(kind: str, folder: Path) -> AsyncIterator[Rig]:
    """The rig of a kind."""
    if kind == "fake":
        yield FakeRig()
    elif kind == "prometheus":
        async with scraped(folder) as rig:
            yield rig
    else:
        async with running(folder) as stack:
            yield EnvoyRig(stack)


@pytest.fixture(
    params=[
        "fake",
        pytest.param("envoy", marks=pytest.mark.integration),
        pytest.param("prometheus", marks=pytest.mark.cluster),
    ]
)
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with a_rig(request.param, tmp_path) as rig:
        yield rig


def assert_no_data(sample: Sample) -> None:
    """Nothing is claimed, least of all zero, and a reason is given."""
    assert sample.rate is None
    assert sample.reason
    assert sample.no_data_since is not None
    assert sample.no_data_since <= SystemClock().now()
    assert [version.rate for version in sample.versions] == [None] * len(sample.versions)


async def test_before_anything_was_measured_there_is_no_data(rig: Rig) -> None:
    samples = await rig.metrics.samples(ASKED, 30)

    assert set(samples) == set(ASKED)
    for sample in samples.values():
        assert_no_data(sample)


async def test_every_version_that_was_asked_for_is_answered_in_its_order(rig: Rig) -> None:
    await rig.measure()

    samples = await rig.metrics.samples(ASKED, WINDOW_S)

    assert {key: one.window_s for key, one in samples.items()} == dict.fromkeys(ASKED, WINDOW_S)
    assert [version.name for version in samples[SHOP].versions] == ["v1", "v2"]
    assert [version.name for version in samples[OTHER].versions] == ["v3"]
    assert [len(one.series) for one in samples.values()] == [60, 60]


async def test_no_traffic_is_a_rate_of_zero_and_no_shares_of_anything(rig: Rig) -> None:
    await rig.measure()

    shop = (await rig.metrics.samples(ASKED, 30))[SHOP]

    assert (shop.rate, shop.reason, shop.no_data_since) == (0, None, None)
    for version in shop.versions:
        assert (version.requests, version.rate) == (0, 0)
        assert (version.share, version.error_rate, version.p99_ms) == (None, None, None)


async def test_silence_is_no_data_and_never_zero(rig: Rig) -> None:
    await rig.measure()

    await rig.fall_silent()

    for sample in (await rig.metrics.samples(ASKED, 30)).values():
        assert_no_data(sample)
