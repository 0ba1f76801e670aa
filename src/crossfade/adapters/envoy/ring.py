"""What each version did second by second, for the last five minutes."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from crossfade.adapters.envoy.stats import NOTHING, Counts, Services

KEPT_S = 300


@dataclass(frozen=True, slots=True)
class Tick:
    """What happened between two readings; times are the monotonic clock's."""

    start: float
    end: float
    services: Services

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start

    def requests(self, service: str) -> int:
        """The requests of a service."""
        return sum(counts.requests for counts in self.services.get(service, {}).values())


class Ring:
    """The ticks of the last five minutes. Only versions with traffic take up room."""

    def __init__(self) -> None:
        self._ticks: deque[Tick] = deque()

    def add(self, tick: Tick) -> None:
        """Keep a tick, and forget those that are too old."""
        self._ticks.append(tick)
        while self._ticks[0].end < tick.end - KEPT_S:
            self._ticks.popleft()

    def within(self, now: float, seconds: float) -> tuple[Tick, ...]:
        """The ticks that lie, for their greater part, in the last seconds; at least the newest."""
        begin = now - seconds
        recent = tuple(tick for tick in self._ticks if (tick.start + tick.end) / 2 >= begin)
        return recent or tuple(self._ticks)[-1:]

    def rates(self, service: str, now: float, seconds: int) -> tuple[float | None, ...]:
        """Requests a second of a service, one a second, newest last; None where nobody looked."""
        rates: list[float | None] = [None] * seconds
        for tick in self.within(now, seconds + 1):
            rate = tick.requests(service) / tick.seconds
            for age in _ages(tick, now):
                if 0 <= age < seconds:
                    rates[seconds - 1 - age] = rate
        return tuple(rates)


def totals(ticks: tuple[Tick, ...], service: str) -> dict[str, Counts]:
    """What each version of a service did in these ticks together."""
    versions: dict[str, Counts] = {}
    for tick in ticks:
        for name, counts in tick.services.get(service, {}).items():
            versions[name] = versions.get(name, NOTHING).plus(counts)
    return versions


def _ages(tick: Tick, now: float) -> Iterator[int]:
    """How many whole seconds ago the seconds are that a tick covers; at least one."""
    youngest = round(now - tick.end)
    return iter(range(youngest, max(youngest + 1, ceil(now - tick.start - 0.5))))
