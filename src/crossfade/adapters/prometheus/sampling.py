"""From what Prometheus said of a service to the sample of its versions."""

from typing import Final

from crossfade.adapters.prometheus.dialects import Dialect
from crossfade.adapters.prometheus.quantiles import percentiles
from crossfade.adapters.prometheus.readings import NOTHING, Counts, Reading
from crossfade.application.ports import Sample, VersionSample

RANKS: Final = (0.5, 0.95, 0.99)
UNKNOWN: Final = (None,) * len(RANKS)


def sample(reading: Reading, names: tuple[str, ...], dialect: Dialect) -> Sample:
    """What the named versions did.

    Prometheus does not know which requests a cohort picked out, nor which were retried: shares
    are of all requests, and how many were retried is no data.
    """
    partial = any(name in reading.pulse.down for name in names)
    weighed = sum(
        counts.requests for name, counts in reading.versions.items() if name not in dialect.nobody
    )
    rates = [_rate(counts, reading.window_s) for counts in reading.versions.values()]
    return Sample(
        window_s=reading.window_s,
        rate=None if partial else round(sum(rates), 3),
        versions=tuple(
            _version(
                name, _known(reading, name, dialect), reading.window_s, 0 if partial else weighed
            )
            for name in names
        ),
        series=reading.series,
    )


def _known(reading: Reading, name: str, dialect: Dialect) -> Counts | None:
    """What a version did; None where nobody knows, least of all that it did nothing."""
    if dialect.self_counted and name not in reading.pulse.up:
        return None
    return reading.versions.get(name, NOTHING)


def _version(name: str, counts: Counts | None, window_s: int, weighed: float) -> VersionSample:
    if counts is None:
        return VersionSample(name)
    p50, p95, p99 = percentiles(counts.buckets, RANKS) if counts.requests else UNKNOWN
    return VersionSample(
        name=name,
        requests=round(counts.requests),
        share=_percent(counts.requests, weighed),
        rate=round(_rate(counts, window_s), 3),
        error_rate=_percent(counts.failed, counts.requests),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def _rate(counts: Counts, window_s: int) -> float:
    """Requests a second; Prometheus' own rate does not see what a new series began with."""
    return max(counts.rate or 0.0, counts.requests / window_s)


def _percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 3) if whole else None
