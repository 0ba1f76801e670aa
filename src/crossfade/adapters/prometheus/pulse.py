"""Whether a service is being counted, how often, and what that allows to be said."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from crossfade.adapters.prometheus.answers import Row
from crossfade.adapters.prometheus.dialects import Dialect
from crossfade.adapters.prometheus.questions import LATELY_S, PART
from crossfade.domain.names import ServiceKey

Place = tuple[str, str]  # namespace, service

# How often services are scraped, as people set it: what is counted is only nearly that.
INTERVALS_S: Final = (1, 2, 5, 10, 15, 20, 30, 60)
FEWEST: Final = 2  # scrapes that it takes to see a counter grow
LATE: Final = 3  # intervals without a scrape after which there is no data
PATIENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is known of a service: why, and of when its newest sample is."""

    reason: str
    newest: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The window over which counters are compared, and the time from one scrape to the next."""

    window_s: int
    interval_s: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """When a service was last counted, by Prometheus' clock, and every how many seconds it is."""

    at: float
    newest: float
    interval_s: int | None  # None: not scraped often enough to tell
    up: frozenset[str] = frozenset()  # versions that answered scrapes, where each is scraped
    down: frozenset[str] = frozenset()  # versions that are scraped, and do not answer


def span(key: ServiceKey, pulse: Pulse | None, asked_s: int, dialect: Dialect) -> Span | Silence:
    """The window asked for, or the shortest in which counters can be seen to grow; else why not."""
    if pulse is None:
        return Silence(f"Prometheus has no series of {key} now ({dialect.heartbeat}).")
    if pulse.down and not pulse.up:
        return Silence(f"The pods of {key} do not answer Prometheus.")  # since when is not known
    if pulse.interval_s is None:
        return Silence(f"Prometheus has seen {key} only once within {LATELY_S} s.", pulse.newest)
    age_s = pulse.at - pulse.newest
    if age_s > LATE * pulse.interval_s + PATIENCE_S:
        return Silence(f"Prometheus last saw {key} {age_s:.0f} s ago.", pulse.newest)
    return Span(max(asked_s, FEWEST * pulse.interval_s), pulse.interval_s)


def pulses(rows: Iterable[Row], dialect: Dialect) -> Mapping[Place, Pulse]:
    """The pulse of every service that has one."""
    found: defaultdict[Place, dict[str, dict[str, float]]] = defaultdict(dict)
    at = 0.0
    for row in rows:
        at, value = row.point
        versions = found[place(row.labels, dialect)]
        versions.setdefault(row.labels.get(dialect.version, ""), {})[row.labels[PART]] = value
    return {
        where: _pulse(at, versions, self_counted=dialect.self_counted)
        for where, versions in found.items()
        if any("newest" in parts for parts in versions.values())
    }


def place(labels: Mapping[str, str], dialect: Dialect) -> Place:
    """Which service the labels are about."""
    return labels.get(dialect.namespace, ""), labels.get(dialect.service, "")


def _pulse(at: float, versions: Mapping[str, Mapping[str, float]], *, self_counted: bool) -> Pulse:
    beating = {name: parts for name, parts in versions.items() if "newest" in parts}
    spans = {name: span_s for name, parts in beating.items() if (span_s := _apart_s(parts))}
    down = {name for name, parts in beating.items() if parts.get("up", 1) < 1}
    return Pulse(
        at=at,
        newest=max(parts["newest"] for parts in beating.values()),
        interval_s=_nice(min(spans.values())) if spans else None,
        up=frozenset(spans.keys() - down if self_counted else ()),
        down=frozenset(down),
    )


def _apart_s(parts: Mapping[str, float]) -> float | None:
    """The time between scrapes, out of how many there were lately."""
    beats = parts.get("beats", 0)
    return LATELY_S / beats if beats >= FEWEST else None


def _nice(apart_s: float) -> int:
    return next((nice for nice in INTERVALS_S if nice >= apart_s), INTERVALS_S[-1])
