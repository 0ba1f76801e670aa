"""PostgreSQL as the application meets it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from crossfade.adapters.db.chain import AuditChain
from crossfade.adapters.db.connections import connector, make_pool, place_of
from crossfade.adapters.db.notices import Notices
from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.transaction import transaction
from crossfade.adapters.db.views.database import DatabaseViews
from crossfade.adapters.db.work import DatabaseWork

_VERSION = text("SHOW server_version")


class Database:
    """Units of work, views, events and the audit chain of one database."""

    def __init__(self, engine: AsyncEngine, events: Notices, address: str) -> None:
        self.address = address
        self._engine = engine
        self.events = events
        self._reader = Reader(engine)
        self.chain = AuditChain(self._reader)
        self.views = DatabaseViews(self._reader)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator["Database"]:
        """The database at a URL, whether it answers yet or not: it heals by itself."""
        connect = connector(url)
        engine, events = make_pool(connect), Notices(connect)
        listening = asyncio.create_task(events.listen())
        try:
            await events.tried.wait()
            yield cls(engine, events, place_of(url))
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await engine.dispose()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[DatabaseWork]:
        """A unit of work, committed where the block ends well."""
        async with transaction(self._engine) as opened:
            work = DatabaseWork(opened)
            yield work
            await work.seal()

    async def ping(self) -> str:
        """The server's version in words; DatabaseUnavailableError."""
        row = await self._reader.row(_VERSION)
        return "PostgreSQL" if row is None else f"PostgreSQL {row['server_version']}"
