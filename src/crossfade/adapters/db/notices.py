"""Events on their way between processes, by NOTIFY and LISTEN."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg
import orjson
from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from crossfade.adapters.db.connections import Connect
from crossfade.adapters.db.transaction import Parameters, Transaction
from crossfade.application.work import Event

CHANNEL = "crossfade"
GAP = Event("gap", "")  # words may have been lost: who listens looks again
MOST_UNREAD = 1_000
_STILL_THERE_S = 15.0
_PAUSES_S = (0.05, 0.2, 1.0, 2.0)
_TROUBLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

_payload = func.unnest(bindparam("payloads", type_=ARRAY(Text))).column_valued("payload")
NOTIFY = select(func.pg_notify(CHANNEL, _payload))


async def notify(transaction: Transaction, events: Sequence[Event]) -> None:
    """Tell every listener when the transaction has committed; the same words only once."""
    await transaction.rows(NOTIFY, words(events))


def words(events: Sequence[Event]) -> Parameters:
    """The parameters of NOTIFY."""
    return {"payloads": [_encode(event) for event in events]}


class Notices:
    """What all processes announce, for everyone in this process who listens."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._unread: set[asyncio.Queue[Event]] = set()
        self.tried = asyncio.Event()  # set once the first attempt to listen has come to an end

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Event]]:
        """Every event from now on; one of type "gap" where some may have been missed."""
        unread: asyncio.Queue[Event] = asyncio.Queue(MOST_UNREAD)
        self._unread.add(unread)
        try:
            yield _each(unread)
        finally:
            self._unread.discard(unread)

    async def listen(self) -> None:
        """Hear what is announced until cancelled, through any loss of the connection."""
        failures = 0
        while True:
            try:
                connection = await self._connect()
            except _TROUBLE:
                failures += 1
            else:
                failures = 0
                await self._hear(connection)
            self.tried.set()
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])

    async def _hear(self, connection: asyncpg.Connection) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            with suppress(*_TROUBLE):
                await connection.add_listener(CHANNEL, self._heard)
                self._listening()
                await _until_lost(connection, lost)
        finally:
            connection.terminate()

    def _listening(self) -> None:
        if self.tried.is_set():
            self._tell(GAP)
        self.tried.set()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._tell(_decode(str(payload)))

    def _tell(self, event: Event) -> None:
        for unread in self._unread:
            _put(unread, event)


async def _each(unread: asyncio.Queue[Event]) -> AsyncIterator[Event]:
    while True:
        yield await unread.get()


async def _until_lost(connection: asyncpg.Connection, lost: asyncio.Event) -> None:
    while not lost.is_set():
        try:
            await asyncio.wait_for(lost.wait(), _STILL_THERE_S)
        except TimeoutError:
            await connection.execute("SELECT", timeout=_STILL_THERE_S)


def _put(unread: asyncio.Queue[Event], event: Event) -> None:
    """The event; for a listener who does not keep up, one word that many were lost."""
    if unread.full():
        while not unread.empty():
            unread.get_nowait()
        event = GAP
    unread.put_nowait(event)


def _encode(event: Event) -> str:
    words = {"type": event.type, "id": event.id, "ruleId": event.rule_id, "state": event.state}
    return orjson.dumps(words).decode()


def _decode(payload: str) -> Event:
    words = orjson.loads(payload)
    return Event(words["type"], words["id"], words["ruleId"], words["state"])
