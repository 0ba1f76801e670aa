"""What the versions did, as Prometheus has scraped it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from crossfade.adapters.prometheus.api import PrometheusApi
from crossfade.adapters.prometheus.asking import ask
from crossfade.adapters.prometheus.dialects import Dialect
from crossfade.adapters.prometheus.pulse import Silence
from crossfade.adapters.prometheus.readings import NO_SERIES, Reading
from crossfade.adapters.prometheus.sampling import sample
from crossfade.adapters.prometheus.sharing import FRESH_S, Found, SharedReadings, Wish
from crossfade.application.ports import Clock, Sample, VersionSample
from crossfade.domain.errors import UnavailableError
from crossfade.domain.names import ServiceKey

ANYTHING: Final = "vector(1)"


class PrometheusMetrics:
    """Samples of a cluster's services, out of the metrics of one dialect.

    However many ask, Prometheus is asked every `fresh_s` seconds at most, with four questions
    about all services together.
    """

    def __init__(
        self, api: PrometheusApi, dialect: Dialect, clock: Clock, *, fresh_s: float = FRESH_S
    ) -> None:
        self._api = api
        self._dialect = dialect
        self._shared = SharedReadings(self._found, fresh_s)
        self._began = clock.now()
        self._newest: dict[ServiceKey, datetime] = {}

    async def samples(
        self, services: Mapping[ServiceKey, tuple[str, ...]], window_s: int
    ) -> Mapping[ServiceKey, Sample]:
        """What each service's named versions did within the last `window_s` seconds.

        Where that is shorter than two scrapes are apart, the sample names the longer window.
        """
        found = await self._shared.get([(key, window_s) for key in services])
        return {key: self._sample(key, names, window_s, found) for key, names in services.items()}

    async def health(self) -> str:
        """That Prometheus answers, asked once; UnavailableError where it does not."""
        await self._api.now(ANYTHING)
        return f"{self._api} answers"

    async def aclose(self) -> None:
        """Ask no more."""
        await self._shared.close()
        await self._api.close()

    def _sample(
        self, key: ServiceKey, names: tuple[str, ...], window_s: int, found: Found
    ) -> Sample:
        match found[key, window_s]:
            case Reading() as reading:
                self._remember(key, reading.pulse.newest)
                return sample(reading, names, self._dialect)
            case Silence(reason, newest):
                self._remember(key, newest)
                versions = tuple(map(VersionSample, names))
                since = self._newest.get(key, self._began)
                return Sample(window_s, None, versions, NO_SERIES, since, reason)

    def _remember(self, key: ServiceKey, newest: float | None) -> None:
        if newest is not None:
            self._newest[key] = datetime.fromtimestamp(newest, UTC)

    async def _found(self, wishes: frozenset[Wish]) -> Found:
        try:
            return await ask(self._api, self._dialect, wishes)
        except UnavailableError as error:
            return dict.fromkeys(wishes, Silence(str(error)))
