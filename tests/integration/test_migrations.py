"""From an empty database, after a kill, and by many at once: always the same tables."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from process_probes import program
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from tests.conftest import WAITERS, administer, ask, sibling, until_it_answers

from crossfade.adapters.db.migrate import migrate
from crossfade.adapters.db.tables import metadata
from crossfade.domain.errors import DatabaseUnavailableError

pytestmark = pytest.mark.integration

MIGRATE = """
import asyncio, os, sys
from crossfade.adapters.db.migrate import migrate
print(os.getpid(), flush=True)
asyncio.run(migrate(sys.argv[1]))
"""
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
SESSIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type LIKE 'client%'
"""


@pytest.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    """A database without any table."""
    name = f"empty_{uuid4().hex}"
    await administer(postgres_url, f"CREATE DATABASE {name}")
    yield sibling(postgres_url, name)
    await administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


def differences(connection: Connection) -> list[object]:
    """Where the tables differ from what queries expect."""
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_an_empty_database_gets_the_tables_that_queries_expect(empty_url: str) -> None:
    await migrate(empty_url)
    engine = create_async_engine(empty_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_a_second_run_changes_nothing(empty_url: str) -> None:
    await migrate(empty_url)
    await administer(empty_url, "UPDATE audit_head SET n = 7")
    await migrate(empty_url)
    assert await ask(empty_url, "SELECT n FROM audit_head") == 7


async def test_many_processes_may_migrate_at_once(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(3)))
    assert await ask(empty_url, "SELECT count(*) FROM alembic_version") == 1


async def test_a_migration_killed_halfway_leaves_nothing_and_is_run_again(empty_url: str) -> None:
    blocker = await asyncpg.connect(empty_url.replace("+asyncpg", ""))
    blocking = blocker.transaction()
    await blocking.start()
    await blocker.execute("CREATE TABLE leases ()")
    with program(MIGRATE, empty_url) as (process, _):
        await until_it_answers(empty_url, WAITERS, 1)
        process.kill()
        process.wait()
    await blocking.rollback()
    await blocker.close()
    await until_it_answers(empty_url, SESSIONS, 0)
    assert await ask(empty_url, TABLES) == 0
    await migrate(empty_url)
    assert await ask(empty_url, TABLES) == len(metadata.tables) + 1


async def test_a_database_that_does_not_answer_is_named() -> None:
    with pytest.raises(DatabaseUnavailableError):
        await migrate("postgresql://nobody@/nothing?host=/nowhere")
