"""A database in memory that keeps the contract of the real one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.fakes.clock import FakeClock
from tests.fakes.events import FakeEvents
from tests.fakes.kept import Kept
from tests.fakes.stores import (
    FakeLeases,
    FakeLocalServices,
    FakeOperations,
    FakeRevisions,
    FakeRules,
)
from tests.fakes.targets import FakeTargets

from crossfade.application.work import Event
from crossfade.domain.audit import Act, Link, link
from crossfade.domain.errors import DatabaseUnavailableError


class FakeWork:
    """One unit of work on a copy of everything."""

    def __init__(self, kept: Kept, clock: FakeClock) -> None:
        self.rules = FakeRules(kept)
        self.revisions = FakeRevisions(kept)
        self.targets = FakeTargets(kept, clock)
        self.operations = FakeOperations(kept)
        self.local_services = FakeLocalServices(kept)
        self.leases = FakeLeases(kept, clock)
        self.acts: list[Act] = []
        self.events: list[Event] = []

    def record(self, act: Act) -> None:
        """Append to the audit chain when the work commits; an event of type audit tells it."""
        self.acts.append(act)

    def announce(self, event: Event) -> None:
        """Tell every process when the work has committed."""
        self.events.append(event)


class FakeChain:
    """The audit chain as it is kept."""

    def __init__(self, database: "FakeDatabase") -> None:
        self._database = database

    async def head(self) -> Link | None:
        """The newest entry."""
        links = await self.links()
        return links[-1] if links else None

    async def links(self) -> Sequence[Link]:
        """Every entry, from the first on."""
        return tuple(self._database.kept.links)


class FakeDatabase:
    """Units of work one at a time, each kept as a whole or not at all. Tests make its weather."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.events = FakeEvents()
        self.chain = FakeChain(self)
        self.kept = Kept()
        self.up = True
        self._turn = asyncio.Lock()
        self._worker: asyncio.Task[object] | None = None

    @asynccontextmanager
    async def work(self) -> AsyncIterator[FakeWork]:
        """A unit of work, committed where the block ends well."""
        # In PostgreSQL this would wait for a lock that only the same task can give back.
        assert self._worker is not asyncio.current_task(), "a work is opened inside another one"
        async with self._turn:
            self._worker = asyncio.current_task()
            try:
                draft = self._reachable().copy()
                work = FakeWork(draft, self.clock)
                yield work
                self._commit(draft, work)
            finally:
                self._worker = None
        self.events.tell(work.events)

    def _reachable(self) -> Kept:
        if not self.up:
            raise DatabaseUnavailableError("PostgreSQL did not answer as needed: it is down")
        return self.kept

    def _commit(self, draft: Kept, work: FakeWork) -> None:
        self._reachable()
        for act in work.acts:
            draft.links.append(link(draft.links[-1] if draft.links else None, act))
        if work.acts:
            draft.acts += work.acts
            work.events.append(Event("audit", str(draft.links[-1].n)))
        self.kept = draft
