"""The questions to Prometheus, in its own language: each one is about all services together.

Counts are what the counters grew by, not extrapolated as `increase` would have it. A series that
was born within the window, on a target that was scraped before already, began at zero and counts
in full. Of any other series nobody knows how much of its first value is new.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from crossfade.adapters.prometheus.dialects import Dialect
from crossfade.domain.names import ServiceKey

LATELY_S: Final = 120
PART: Final = "part"  # the label that tells the parts of an answer apart
LONGEST_SELECTOR: Final = 12_000
_META: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")


def quoted(text: str) -> str:
    """A string of PromQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def any_of(names: Iterable[str]) -> str:
    """A quoted regular expression that matches these names and no other."""
    return quoted("|".join(_META.sub(r"\\\g<0>", name) for name in sorted(set(names))))


def batches(
    services: Iterable[ServiceKey], longest: int = LONGEST_SELECTOR
) -> Iterator[tuple[ServiceKey, ...]]:
    """The services in groups whose names fit into one question."""
    batch: list[ServiceKey] = []
    length = 0
    for key in sorted(services):
        more = len(f"{key}|")
        if batch and length + more > longest:
            yield tuple(batch)
            batch, length = [], 0
        batch.append(key)
        length += more
    if batch:
        yield tuple(batch)


@dataclass(frozen=True, slots=True)
class Questions:
    """What can be asked about some services."""

    dialect: Dialect
    services: tuple[ServiceKey, ...]

    def pulses(self) -> str:
        """Of each version: when its heart last beat, and how often it did lately."""
        beat, by = self._series(self.dialect.heartbeat), self._by()
        parts = {"newest": f"timestamp({beat})", "beats": f"count_over_time({beat}[{LATELY_S}s])"}
        if self.dialect.self_counted:
            parts["up"] = beat
        return " or ".join(_part(name, f"max {by} ({one})") for name, one in parts.items())

    def requests(self, window_s: int) -> str:
        """The requests by version and code within the last seconds, and how many a second."""
        series, by = self._series(self.dialect.requests), self._by(self.dialect.code)
        ranged = f"{series}[{window_s}s]"
        grown = f"max_over_time({ranged}) - min_over_time({ranged})"
        exact = f"({_born(series, window_s)} or {grown}) unless resets({ranged}) > 0"
        count = _part("count", f"sum {by} ({exact} or increase({ranged}))")
        rate = _part("rate", f"sum {by} (rate({ranged}))")
        return f"{count} or {rate}"

    def latencies(self, window_s: int) -> str:
        """How many requests took at most how long, by version, within the last seconds.

        Extrapolated: only what they are to each other matters, and there are many series of these.
        """
        series = self._series(self.dialect.buckets)
        return f"sum {self._by('le')} (increase({series}[{window_s}s]))"

    def rates(self, window_s: int) -> str:
        """The requests a second of each service, at any moment, taken over so many seconds."""
        series = self._series(self.dialect.requests)
        by = f"by ({self.dialect.namespace}, {self.dialect.service})"
        rate = f"sum {by} (rate({series}[{window_s}s]))"
        if not self.dialect.self_counted:
            return rate
        beat = self._series(self.dialect.heartbeat)
        quiet = f"max {by} ({beat} == 1) unless max {by} ({series})"
        return f"{rate} or ({quiet}) * 0"  # no requests ever, and it is known that there were none

    def _series(self, metric: str) -> str:
        dialect = self.dialect
        namespaces = any_of(key.namespace for key in self.services)
        names = any_of(key.service for key in self.services)
        matchers = [f"{dialect.namespace}=~{namespaces}", f"{dialect.service}=~{names}"]
        only = [dialect.only] if dialect.only else []
        return f"{metric}{{{','.join([*only, *matchers])}}}"

    def _by(self, *more: str) -> str:
        dialect = self.dialect
        return f"by ({', '.join((dialect.namespace, dialect.service, dialect.version, *more))})"


def _born(series: str, window_s: int) -> str:
    """The series that were born within the window, at their full height."""
    ranged = f"[{window_s}s]"
    # Scrapes that went well: a target that was away for long comes back with old counts.
    scrapes = f"max by (job, instance) (sum_over_time(up{ranged}))"
    fewer = f"count_over_time({series}{ranged}) < on (job, instance) group_left () {scrapes}"
    return f"max_over_time({series}{ranged}) unless {series} offset {window_s}s and {fewer}"


def _part(name: str, expression: str) -> str:
    return f'label_replace({expression}, "{PART}", "{name}", "", "")'
