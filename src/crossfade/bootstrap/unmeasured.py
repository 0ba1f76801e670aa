"""A metric source for installations that have none: everything is "no data", with the reason."""

from collections.abc import Mapping

from crossfade.application.ports import Sample, VersionSample
from crossfade.domain.names import ServiceKey

REASON = "No Prometheus is connected: set CROSSFADE_PROMETHEUS_URL."


class Unmeasured:
    """Knows nothing, and says why."""

    async def samples(
        self, services: Mapping[ServiceKey, tuple[str, ...]], window_s: int
    ) -> Mapping[ServiceKey, Sample]:
        """No data for any service."""
        return {
            key: Sample(window_s, None, tuple(map(VersionSample, versions)), (), reason=REASON)
            for key, versions in services.items()
        }
