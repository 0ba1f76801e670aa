"""What the versions did, out of Envoy's own counters, read once a second."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.latency import percentiles
from crossfade.adapters.envoy.ring import Ring, Tick, totals
from crossfade.adapters.envoy.stats import FILTER, NOTHING, Counts, Reading, read_page
from crossfade.application.ports import Clock, Sample, VersionSample
from crossfade.domain.errors import UnavailableError
from crossfade.domain.names import ServiceKey

SERIES_S: Final = 60
STALE_S: Final = 5.0
RANKS: Final = (0.5, 0.95, 0.99)
PAGE: Final = {"usedonly": "", "filter": FILTER, "histogram_buckets": "disjoint"}


@dataclass(frozen=True, slots=True)
class _Look:
    """One successful reading, and when it was made."""

    reading: Reading
    at: float
    on: datetime


@dataclass(frozen=True, slots=True)
class _Silence:
    """There is no data: since when, and why."""

    since: datetime
    reason: str


class EnvoyMetrics:
    """Samples of the local Envoy's services. Any process that reaches its admin may have one."""

    def __init__(self, admin: Admin, clock: Clock, *, stale_s: float = STALE_S) -> None:
        self._admin = admin
        self._clock = clock
        self._stale_s = stale_s
        self._ring = Ring()
        self._last: _Look | None = None
        self._since = clock.now()
        self._problem: str | None = "Counting has just begun."

    async def read(self) -> None:
        """Read Envoy's counters once; to be called each second. Silence is kept as silence."""
        try:
            reading = read_page(await self._admin.get("/stats", PAGE))
        except UnavailableError as error:
            self._fall_silent(str(error))
            return
        look = _Look(reading, asyncio.get_running_loop().time(), self._clock.now())
        if self._last is not None:
            added = reading.since(self._last.reading)
            self._ring.add(Tick(self._last.at, look.at, added))
            self._problem = None
        self._last = look

    async def samples(
        self, services: Mapping[ServiceKey, tuple[str, ...]], window_s: int
    ) -> Mapping[ServiceKey, Sample]:
        """What each service's named versions did within the last `window_s` seconds."""
        now = asyncio.get_running_loop().time()
        return {key: self._sample(str(key), services[key], window_s, now) for key in services}

    def _fall_silent(self, problem: str) -> None:
        if self._problem is None and self._last is not None:
            self._since = self._last.on
        self._problem = problem

    def _sample(self, service: str, names: tuple[str, ...], window_s: int, now: float) -> Sample:
        series = self._ring.rates(service, now, SERIES_S)
        silence = self._silence(now)
        if silence is not None:
            versions = tuple(version_sample(name, NOTHING, None, 0) for name in names)
            return Sample(window_s, None, versions, series, silence.since, silence.reason)
        ticks = self._ring.within(now, window_s)
        seconds = sum(tick.seconds for tick in ticks)
        counted = totals(ticks, service)
        weighed = sum(_outside(counts) for counts in counted.values())
        versions = tuple(
            version_sample(name, counted.get(name, NOTHING), seconds, weighed) for name in names
        )
        rate = _per_second(sum(counts.requests for counts in counted.values()), seconds)
        return Sample(window_s, rate, versions, series)

    def _silence(self, now: float) -> _Silence | None:
        if self._problem is not None:
            return _Silence(self._since, self._problem)
        if self._last is not None and now - self._last.at > self._stale_s:
            ago = round(now - self._last.at)
            return _Silence(self._last.on, f"Envoy's counters were last read {ago} s ago.")
        return None


def version_sample(name: str, counts: Counts, seconds: float | None, weighed: int) -> VersionSample:
    """The sample of one version; `weighed` requests of its service went by weight."""
    # Envoy's histograms come a reading after its counters: a tail of the window before is no data.
    latencies = counts.latencies if counts.requests else {}
    p50, p95, p99 = percentiles(latencies, RANKS)
    return VersionSample(
        name=name,
        requests=counts.requests,
        share=_percent(_outside(counts), weighed),
        rate=_per_second(counts.requests, seconds),
        error_rate=_percent(counts.failed, counts.requests),
        retried_rate=_percent(counts.retried, counts.requests + counts.retried),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def _outside(counts: Counts) -> int:
    return counts.requests - counts.in_cohorts


def _per_second(count: int, seconds: float | None) -> float | None:
    return round(count / seconds, 3) if seconds else None


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 3) if whole else None
