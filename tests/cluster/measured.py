"""A real Prometheus that scrapes a page of known counts, and our metric source on top of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.cluster.istio_page import IstioPage, istio_page
from tests.cluster.prometheus import Prometheus, Scrape, scraping
from tests.cluster.waiting import until

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.prometheus.api import PrometheusApi
from crossfade.adapters.prometheus.dialects import ISTIO, Dialect
from crossfade.adapters.prometheus.metrics import PrometheusMetrics
from crossfade.application.ports import Sample
from crossfade.domain.names import ServiceKey

JOB = "proxies"
WINDOW_S = 60
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is scraped, who scrapes it, and who asks."""

    page: IstioPage
    prometheus: Prometheus
    metrics: PrometheusMetrics

    async def a_service(self, namespace: str = "default") -> "Service":
        """A service that is scraped, and has a version v1 that had no requests so far."""
        service = self.service(self.page, namespace)
        service.count("v1", 0)
        await service.speaks("v1")
        return service

    def service(self, page: IstioPage, namespace: str = "default") -> "Service":
        """A service of which nothing is known, counted on a page."""
        key = ServiceKey("cluster", namespace, f"service-{next(_numbers)}")
        return Service(self, page, key)

    async def scrape(self, *pages: IstioPage) -> None:
        """From now on these pages are scraped."""
        addresses = tuple(page.address for page in pages)
        await self.prometheus.configure(scraping(Scrape(JOB, addresses)))
        await self.prometheus.until_scraped(JOB, len(addresses))


@dataclass(frozen=True, slots=True)
class Service:
    """A service whose requests a test counts."""

    measured: Measured
    page: IstioPage
    key: ServiceKey

    def count(self, version: str, times: int, took_ms: float = 7, **labels: str) -> None:
        """So many requests went to a version."""
        self.page.count(version, times, took_ms, **{**self.place, **labels})

    @property
    def place(self) -> dict[str, str]:
        """The labels that say which service it is."""
        return {
            "destination_service_name": self.key.service,
            "destination_service_namespace": self.key.namespace,
        }

    async def scraped(self, requests: int) -> None:
        """Come back when Prometheus has seen so many requests to the service."""
        service = f'destination_service_name="{self.key.service}"'
        seen = f'sum(istio_requests_total{{reporter="source",{service}}})'
        await self.measured.prometheus.until(seen, lambda value: value == requests)

    async def sample(self, *names: str) -> Sample:
        """What the source says of these versions now."""
        return (await self.measured.metrics.samples({self.key: names}, WINDOW_S))[self.key]

    async def speaks(self, *names: str) -> Sample:
        """The first sample that says something."""
        return await self._first(names, silent=False)

    async def falls_silent(self, *names: str) -> Sample:
        """The first sample that says nothing."""
        return await self._first(names, silent=True)

    async def _first(self, names: tuple[str, ...], *, silent: bool) -> Sample:
        found = await self.sample(*names)

        async def is_so() -> bool:
            nonlocal found
            found = await self.sample(*names)
            return (found.reason is not None) is silent

        await until(is_so)
        return found


@asynccontextmanager
async def measured(folder: Path) -> AsyncIterator[Measured]:
    """All of it, with a page on which nothing has happened so far."""
    with istio_page() as page:
        prometheus = await Prometheus.start(folder, scraping(Scrape(JOB, (page.address,))))
        metrics = asking(prometheus)
        try:
            await prometheus.until_scraped(JOB, addresses=1)
            yield Measured(page, prometheus, metrics)
        finally:
            await metrics.aclose()
            await prometheus.stop()


def asking(
    prometheus: Prometheus, dialect: Dialect = ISTIO, fresh_s: float = 0
) -> PrometheusMetrics:
    """A source that asks each time, or keeps what it knows for a while."""
    return PrometheusMetrics(PrometheusApi(prometheus.url), dialect, SystemClock(), fresh_s=fresh_s)
