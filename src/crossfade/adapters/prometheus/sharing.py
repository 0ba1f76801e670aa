"""Readings, asked for once by all who want them at about the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from crossfade.adapters.prometheus.pulse import Silence
from crossfade.adapters.prometheus.readings import Reading
from crossfade.domain.names import ServiceKey

FRESH_S: Final = 1.5
WANTED_S: Final = 2.5  # for so long after somebody wanted it, a thing is asked about with the rest

Wish = tuple[ServiceKey, int]  # a service, and the window in seconds
Found = Mapping[Wish, Reading | Silence]
Ask = Callable[[frozenset[Wish]], Awaitable[Found]]


@dataclass(slots=True)
class _Flight:
    """One round of questions, under way or back."""

    task: asyncio.Task[Found]
    landed: float | None = None


class SharedReadings:
    """Readings that are a moment old at most. `ask` must answer each wish, and never fail."""

    def __init__(self, ask: Ask, fresh_s: float = FRESH_S, wanted_s: float = WANTED_S) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._wanted_s = wanted_s
        self._wanted: dict[Wish, float] = {}
        self._flights: dict[Wish, _Flight] = {}

    async def get(self, wishes: Collection[Wish]) -> Found:
        """What is known about each; a caller who gives up leaves the others their answer."""
        now = asyncio.get_running_loop().time()
        self._wanted |= dict.fromkeys(wishes, now)
        if not all(self._fresh(wish, now) for wish in wishes):
            self._depart(now)
        flights = {wish: self._flights[wish] for wish in wishes}
        return {wish: (await asyncio.shield(one.task))[wish] for wish, one in flights.items()}

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = {flight.task for flight in self._flights.values()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _fresh(self, wish: Wish, now: float) -> bool:
        flight = self._flights.get(wish)
        if flight is None:
            return False
        return flight.landed is None or now - flight.landed < self._fresh_s

    def _depart(self, now: float) -> None:
        """Ask about all that is wanted lately and not known freshly; forget the rest."""
        self._wanted = {wish: at for wish, at in self._wanted.items() if now - at <= self._wanted_s}
        self._flights = {
            wish: flight
            for wish, flight in self._flights.items()
            if wish in self._wanted or flight.landed is None
        }
        due = frozenset(wish for wish in self._wanted if not self._fresh(wish, now))
        flight = _Flight(asyncio.create_task(self._fly(due), name="questions to Prometheus"))
        flight.task.add_done_callback(lambda _: self._land(flight))
        self._flights |= dict.fromkeys(due, flight)

    async def _fly(self, due: frozenset[Wish]) -> Found:
        return await self._ask(due)

    def _land(self, flight: _Flight) -> None:
        flight.landed = flight.task.get_loop().time()
