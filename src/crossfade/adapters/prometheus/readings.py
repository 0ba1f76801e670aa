"""What Prometheus said of each service, brought together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from crossfade.adapters.prometheus.answers import Line, Row
from crossfade.adapters.prometheus.dialects import Dialect
from crossfade.adapters.prometheus.pulse import Place, Pulse, Silence, Span, place
from crossfade.adapters.prometheus.questions import PART

SERIES_S: Final = 60
NO_SERIES: Final[tuple[None, ...]] = (None,) * SERIES_S


@dataclass(frozen=True, slots=True)
class Counts:
    """What one version did within a window."""

    requests: float = 0.0
    failed: float = 0.0
    rate: float | None = None  # None: it was not seen long enough to tell
    buckets: Mapping[float, float] = field(default_factory=dict)  # bound in ms → requests


Versions = Mapping[str, Counts]
NOTHING: Final = Counts()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a service did within a window, by version; `pulse` says what is known of each."""

    window_s: int
    pulse: Pulse
    versions: Versions
    series: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """All answers about the services that share a window."""

    dialect: Dialect
    span: Span
    requests: Iterable[Row]
    latencies: Iterable[Row]
    rates: Iterable[Line]

    def readings(self, pulses: Mapping[Place, Pulse]) -> Mapping[Place, Reading | Silence]:
        """What they say of each service that has a pulse."""
        requests = _by_place(self.requests, self.dialect)
        latencies = _by_place(self.latencies, self.dialect)
        lines = {place(line.labels, self.dialect): line for line in self.rates}
        return {
            where: self._silence(where, pulse, (*requests[where], *latencies[where]))
            or Reading(
                self.span.window_s,
                pulse,
                _versions(requests[where], latencies[where], self.dialect),
                spread(lines.get(where), pulse.at, self.span.interval_s),
            )
            for where, pulse in pulses.items()
        }

    def _silence(self, where: Place, pulse: Pulse, rows: Sequence[Row]) -> Silence | None:
        """Why the rows of a service say nothing, if so."""
        name, grows = "/".join(where), any(row.labels.get(PART) == "rate" for row in rows)
        if not (grows or self.dialect.self_counted):
            told = f"Prometheus has seen {name} fewer than twice in {self.span.window_s} s."
            return Silence(told, pulse.newest)
        if not all(isfinite(row.point[1]) and row.point[1] >= 0 for row in rows):
            told = f"Prometheus holds numbers of {name} that are no counts of requests."
            return Silence(told, pulse.newest)
        return None


class _Sums:
    """The rows of one version, added up."""

    def __init__(self) -> None:
        self.buckets: dict[float, float] = {}
        self._requests = self._failed = 0.0
        self._rate: float | None = None

    def add(self, part: str, value: float, *, failed: bool) -> None:
        """One row more."""
        if part == "rate":
            self._rate = (self._rate or 0.0) + value
            return
        self._requests += value
        self._failed += value if failed else 0.0

    @property
    def counts(self) -> Counts:
        """The sums."""
        return Counts(self._requests, self._failed, self._rate, self.buckets)


def spread(line: Line | None, at: float, step_s: int) -> tuple[float | None, ...]:
    """A value for each of the last seconds, newest last: each point stands for the step before."""
    if line is None:
        return NO_SERIES
    steps = {round((at - when) / step_s): value for when, value in line.points}
    values = (steps.get(age // step_s) for age in reversed(range(SERIES_S)))
    return tuple(
        round(value, 3) if value is not None and isfinite(value) else None for value in values
    )


def _versions(requests: Iterable[Row], latencies: Iterable[Row], dialect: Dialect) -> Versions:
    sums: defaultdict[str, _Sums] = defaultdict(_Sums)
    for row in requests:
        failed = dialect.failed(row.labels.get(dialect.code, ""))
        sums[_version(row, dialect)].add(row.labels[PART], row.point[1], failed=failed)
    for row in latencies:
        with suppress(ValueError):  # a bound that is no number bounds nothing
            bound_ms = float(row.labels.get("le", "")) * dialect.bucket_ms
            sums[_version(row, dialect)].buckets[bound_ms] = row.point[1]
    return {name: sum_.counts for name, sum_ in sums.items()}


def _version(row: Row, dialect: Dialect) -> str:
    return row.labels.get(dialect.version, "")


def _by_place(rows: Iterable[Row], dialect: Dialect) -> Mapping[Place, list[Row]]:
    found: defaultdict[Place, list[Row]] = defaultdict(list)
    for row in rows:
        found[place(row.labels, dialect)].append(row)
    return found
