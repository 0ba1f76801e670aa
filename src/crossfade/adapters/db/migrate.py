"""From any earlier database to the tables of today."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection

from crossfade.adapters.db.connections import connector, make_engine
from crossfade.adapters.db.errors import database_errors

_MIGRATIONS = "crossfade.adapters.db:migrations"
# A step may take long, and so may waiting for another process that takes it.
_PATIENCE = text("SET LOCAL statement_timeout TO 0")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('crossfade.migrations'))")


async def migrate(url: str) -> None:
    """Take every step that is missing, all of them or none; many processes may ask at once."""
    engine = make_engine(connector(url, answer_within_s=None), poolclass=NullPool)
    try:
        with database_errors():
            async with engine.begin() as connection:
                await _upgrade(connection)
    finally:
        await engine.dispose()


async def _upgrade(connection: AsyncConnection) -> None:
    await connection.execute(_PATIENCE)
    await connection.execute(_ONE_AT_A_TIME)
    await connection.run_sync(_run_steps)


def _run_steps(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", _MIGRATIONS)
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
