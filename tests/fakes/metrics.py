"""A metric source in memory; tests say what was measured."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from crossfade.application.ports import Sample, VersionSample
from crossfade.domain.names import ServiceKey


class FakeMetrics:
    """Answers what a test reported; about anything else it has no data."""

    def __init__(self, since: datetime, reason: str = "Envoy's admin cannot be reached.") -> None:
        self._since = since
        self._reason = reason
        self._reported: dict[ServiceKey, Sample] = {}

    async def samples(
        self, services: Mapping[ServiceKey, tuple[str, ...]], window_s: int
    ) -> Mapping[ServiceKey, Sample]:
        """What each service's named versions did within the last `window_s` seconds."""
        return {key: self._sample(key, names, window_s) for key, names in services.items()}

    def report(self, key: ServiceKey, sample: Sample) -> None:
        """From now on this is what was measured of the service."""
        self._reported[key] = sample

    def fall_silent(self, since: datetime, reason: str) -> None:
        """From now on there is no data at all."""
        self._reported.clear()
        self._since, self._reason = since, reason

    def _sample(self, key: ServiceKey, names: tuple[str, ...], window_s: int) -> Sample:
        reported = self._reported.get(key)
        if reported is None:
            return no_data(names, window_s, self._since, self._reason)
        known = {version.name: version for version in reported.versions}
        versions = tuple(known.get(name, quiet(name)) for name in names)
        return replace(reported, window_s=window_s, versions=versions)


def quiet(name: str, rate: float | None = None) -> VersionSample:
    """A version that had no traffic, or (without a rate) of which nothing was measured."""
    return VersionSample(
        name=name,
        requests=0,
        share=None,
        rate=rate,
        error_rate=None,
        retried_rate=None,
        p50_ms=None,
        p95_ms=None,
        p99_ms=None,
    )


def no_data(names: tuple[str, ...], window_s: int, since: datetime, reason: str) -> Sample:
    """The sample of a service that could not be measured."""
    return Sample(
        window_s=window_s,
        rate=None,
        versions=tuple(quiet(name) for name in names),
        series=(None,) * 60,
        no_data_since=since,
        reason=reason,
    )
