"""One transaction, which is kept as a whole or not at all."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy import CursorResult, Executable, RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from crossfade.adapters.db.errors import database_errors
from crossfade.domain.errors import DatabaseUnavailableError

Parameters = Mapping[str, object]
_WITHOUT_WAITING_FOR_DISK = text("SET LOCAL synchronous_commit TO off")


class Transaction:
    """Runs statements; commits once, and never a transaction in which one of them failed.

    Locks are taken in one order, so that writers wait for each other but never in a circle:
    the rule's row, its targets, its operations, and the head of the audit chain last of all.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._failed = False
        self._durable = False
        self._leased = False

    async def rows(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> Sequence[RowMapping]:
        """Every row that the statement answers."""
        return (await self._run(statement, parameters)).mappings().all()

    async def row(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> RowMapping | None:
        """The first row that the statement answers."""
        return (await self._run(statement, parameters)).mappings().first()

    async def write(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> RowMapping | None:
        """The first row of a statement whose effect must outlive any crash once committed."""
        rows = await self.writes(statement, parameters)
        return rows[0] if rows else None

    async def writes(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> Sequence[RowMapping]:
        """Every row of a statement whose effect must outlive any crash once committed."""
        self._durable = True
        return await self.rows(statement, parameters)

    async def lease(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> Sequence[RowMapping]:
        """The rows of a statement whose effect a crash may undo: leases end by themselves."""
        rows = await self.rows(statement, parameters)
        self._leased = self._leased or bool(rows)
        return rows

    async def commit(self) -> None:
        """Keep everything; DatabaseUnavailableError where that is not certain."""
        if self._failed:
            # PostgreSQL answers COMMIT of a failed transaction with a silent rollback.
            raise DatabaseUnavailableError("A step of this work failed, so nothing was kept.")
        if self._leased and not self._durable:
            await self._run(_WITHOUT_WAITING_FOR_DISK)
        with database_errors():
            await self._connection.commit()

    async def _run(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[Any]:
        self._failed, failed_before = True, self._failed
        with database_errors():
            result = await self._connection.execute(statement, parameters)
        self._failed = failed_before
        return result


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    """A transaction that commits where the block ends well."""
    async with AsyncExitStack() as stack:
        with database_errors():
            connection = await stack.enter_async_context(engine.connect())
        opened = Transaction(connection)
        yield opened
        await opened.commit()
