"""Events on their way to browsers: one bounded queue for each, which ends at shutdown."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress

from crossfade.application.ports import Events
from crossfade.application.work import Event
from crossfade.domain.errors import UnavailableError
from crossfade.entrypoints.api.surroundings import EventFrame

MOST_STREAMS = 256
MOST_UNREAD = 256
SILENCE_S = 15.0
RETRY = b"retry: 2000\n\n"
COMMENT = b":\n\n"
GAP = Event("gap", "")
AMONG_OURSELVES = frozenset({"due"})  # what processes tell each other, and no browser shows

Unread = asyncio.Queue[Event | None]


class Streams:
    """Everyone who listens here."""

    def __init__(
        self, events: Events, *, silence_s: float = SILENCE_S, most: int = MOST_STREAMS
    ) -> None:
        self._events = events
        self._silence_s = silence_s
        self._most = most
        self._open: set[Unread] = set()
        self._ended = False

    @property
    def count(self) -> int:
        """How many listen now."""
        return len(self._open)

    def tell(self, event: Event) -> None:
        """Say something that concerns this process alone."""
        for unread in self._open:
            _put(unread, event)

    def end(self) -> None:
        """End every stream, and each that is still to be opened."""
        self._ended = True
        for unread in self._open:
            _put(unread, None)

    def check_room(self) -> None:
        """Refuse one listener too many."""
        if len(self._open) >= self._most:
            raise UnavailableError(
                f"{self._most} event streams are open already; close one, or ask again later."
            )

    async def frames(self) -> AsyncGenerator[bytes, None]:
        """What one listener is sent, until the end; the first frame says that it listens."""
        unread: Unread = asyncio.Queue(MOST_UNREAD)
        async with self._events.subscribe() as events:
            pump = asyncio.create_task(_pump(events, unread))
            self._open.add(unread)
            try:
                yield RETRY
                while not self._ended and (frame := await self._next(unread)) is not None:
                    yield frame
            finally:
                self._open.discard(unread)
                pump.cancel()
                with suppress(asyncio.CancelledError):
                    await pump

    async def _next(self, unread: Unread) -> bytes | None:
        try:
            async with asyncio.timeout(self._silence_s):
                event = await unread.get()
        except TimeoutError:
            return COMMENT
        return None if event is None else _frame(event)


async def _pump(events: AsyncIterator[Event], unread: Unread) -> None:
    async for event in events:
        if event.type not in AMONG_OURSELVES:
            _put(unread, event)


def _put(unread: Unread, event: Event | None) -> None:
    """A listener who cannot follow is told that words were lost, and looks again."""
    if unread.full():
        while not unread.empty():
            unread.get_nowait()
        unread.put_nowait(GAP)
    unread.put_nowait(event)


def _frame(event: Event) -> bytes:
    shape = EventFrame.model_validate(
        {"type": event.type, "id": event.id, "ruleId": event.rule_id, "state": event.state}
    )
    return b"data: " + shape.model_dump_json().encode() + b"\n\n"
