"""Events within one process, with the memory of what was announced."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from crossfade.application.work import Event

GAP = Event("gap", "")


class FakeEvents:
    """Tells every subscriber what committed works announced."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self._unread: set[asyncio.Queue[Event]] = set()

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Event]]:
        """Every event from now on."""
        unread: asyncio.Queue[Event] = asyncio.Queue()
        self._unread.add(unread)
        try:
            yield _each(unread)
        finally:
            self._unread.discard(unread)

    def tell(self, events: Sequence[Event]) -> None:
        """Announce, the same words only once."""
        for event in dict.fromkeys(events):
            self.told.append(event)
            for unread in self._unread:
                unread.put_nowait(event)

    def lose_connection(self) -> None:
        """As after an outage: subscribers hear that they may have missed something."""
        self.tell([GAP])


async def _each(unread: asyncio.Queue[Event]) -> AsyncIterator[Event]:
    while True:
        yield await unread.get()
