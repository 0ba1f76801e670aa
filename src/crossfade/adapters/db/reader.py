"""Reading without a transaction: one statement, one round trip, one snapshot."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Executable, RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from crossfade.adapters.db.errors import database_errors


class Reader:
    """Asks the database one thing at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def rows(
        self, statement: Executable, parameters: Mapping[str, object] | None = None
    ) -> Sequence[RowMapping]:
        """Every row that the statement answers."""
        with database_errors():
            async with self._engine.connect() as connection:
                return (await connection.execute(statement, parameters)).mappings().all()

    async def row(
        self, statement: Executable, parameters: Mapping[str, object] | None = None
    ) -> RowMapping | None:
        """The first row that the statement answers."""
        rows = await self.rows(statement, parameters)
        return rows[0] if rows else None
