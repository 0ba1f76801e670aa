"""A real PostgreSQL for the run, and a fresh database of it for each test that asks for one."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from tests.e2e.chromium import (  # noqa: F401  # pytest finds them here, over the plugin's own
    base_url,
    browser_type_launch_args,
    new_context,
    pytest_collection_modifyitems,
    witness,
)

from crossfade.adapters.db.database import Database
from crossfade.adapters.db.migrate import migrate
from crossfade.adapters.postgres_server.server import start
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.folders import runtime_folder

TEMPLATE = "migrated"
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of our own, up for the whole run; its one database is empty."""
    data_dir = tmp_path_factory.mktemp("postgres")
    sockets = runtime_folder(data_dir)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        try:
            yield runner.run(_serve(stack, data_dir, sockets))
        finally:
            runner.run(stack.aclose())
            shutil.rmtree(sockets)


@pytest.fixture(scope="session")
def template(postgres_url: str) -> str:
    """The name of a database with all tables and no rows."""

    async def make() -> None:
        await administer(postgres_url, f"CREATE DATABASE {TEMPLATE}")
        await migrate(sibling(postgres_url, TEMPLATE))

    asyncio.run(make())
    return TEMPLATE


@pytest.fixture
async def database_url(postgres_url: str, template: str) -> AsyncIterator[str]:
    """A database with all tables and no rows, for one test."""
    name = f"test_{next(_numbers)}"
    await administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield sibling(postgres_url, name)
    await administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The test's database, open."""
    async with Database.open(database_url) as opened:
        yield opened


def sibling(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    server, _, rest = url.rpartition("/crossfade?")
    return f"{server}/{name}?{rest}"


WAITERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def administer(url: str, statement: str) -> None:
    """Run a statement that must stand outside of any transaction."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def ask(url: str, query: str) -> object:
    """The one value that a query answers, seen from a session of its own."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def until_it_answers(url: str, query: str, answer: object, within_s: float = 20) -> None:
    """Come back when the query answers this; TimeoutError where it does not in time."""
    async with asyncio.timeout(within_s):
        while await ask(url, query) != answer:
            pass


async def _serve(stack: AsyncExitStack, data_dir: Path, sockets: Path) -> str:
    children = await stack.enter_async_context(Children(data_dir / "run"))
    return (await start(data_dir, sockets, children)).url
