"""The audit chain on PostgreSQL: never forked, never altered unseen."""

import asyncio
from contextlib import AsyncExitStack

import asyncpg
import pytest
from tests.conftest import administer
from tests.fakes.values import an_act

from crossfade.adapters.db.database import Database
from crossfade.domain.audit import chain_problems

pytestmark = pytest.mark.integration

WRITERS, ACTS_EACH = 8, 12
UNGUARDED = "SET session_replication_role TO replica"


async def record(database: Database, count: int) -> None:
    """Acts, each in a work of its own."""
    for n in range(count):
        async with database.work() as work:
            work.record(an_act(f"act {n}"))


async def is_whole(database: Database) -> bool:
    """Whether the chain verifies and ends where its head says."""
    links = await database.chain.links()
    return not list(chain_problems(links)) and links[-1] == await database.chain.head()


async def test_eight_writers_leave_one_chain(database_url: str) -> None:
    async with AsyncExitStack() as stack:
        writers = [await stack.enter_async_context(Database.open(database_url)) for _ in range(8)]
        await asyncio.gather(*(record(writer, ACTS_EACH) for writer in writers))
        assert await is_whole(writers[0])
        assert len(await writers[0].chain.links()) == WRITERS * ACTS_EACH


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor = 'mallory'", "DELETE FROM audit WHERE n = 2", "TRUNCATE audit"],
)
async def test_entries_cannot_be_changed(
    database: Database, database_url: str, statement: str
) -> None:
    await record(database, 3)
    with pytest.raises(asyncpg.RaiseError, match="the audit chain only grows"):
        await administer(database_url, statement)
    assert await is_whole(database)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET body = replace(convert_from(body, 'UTF8'), 'alice', 'mallory')::bytea"
        " WHERE n = 2",
        "UPDATE audit SET hash = repeat('a', 64) WHERE n = 2",
        "DELETE FROM audit WHERE n = 2",
        "DELETE FROM audit WHERE n = 1",
        "DELETE FROM audit WHERE n = 4",
        "UPDATE audit SET n = -n; UPDATE audit SET n = 5 + n",
        "UPDATE audit SET body = (SELECT body FROM audit WHERE n = 3) WHERE n = 2",
        "INSERT INTO audit SELECT 5, at, actor, action, cluster, namespace, service_name, body,"
        " hash FROM audit WHERE n = 4",
    ],
)
async def test_tampering_below_the_guard_is_found(
    database: Database, database_url: str, tampering: str
) -> None:
    await record(database, 4)
    assert await is_whole(database)
    await administer(database_url, f"{UNGUARDED}; {tampering}")
    assert not await is_whole(database)


async def test_a_cut_tail_leaves_a_head_without_bytes(
    database: Database, database_url: str
) -> None:
    await record(database, 3)
    whole = await database.chain.head()
    await administer(database_url, f"{UNGUARDED}; DELETE FROM audit WHERE n = 3")
    cut = await database.chain.head()
    assert whole is not None
    assert cut is not None
    assert (cut.n, cut.hash, cut.body) == (whole.n, whole.hash, b"")
