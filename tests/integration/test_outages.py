"""PostgreSQL goes and comes back: the error is named, all heals, nothing acknowledged is lost."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.conftest import administer
from tests.fakes.values import a_rule, an_act, an_intent

from crossfade.adapters.db.database import Database
from crossfade.adapters.db.migrate import migrate
from crossfade.adapters.db.notices import GAP, MOST_UNREAD
from crossfade.adapters.postgres_server.server import PostgresServer, start
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.folders import runtime_folder
from crossfade.application.work import Event
from crossfade.domain.audit import chain_problems
from crossfade.domain.errors import DatabaseUnavailableError
from crossfade.domain.names import ServiceKey

pytestmark = pytest.mark.integration

ENOUGH = 40
END_EVERYBODY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[Path]:
    folder = runtime_folder(tmp_path)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def server(tmp_path: Path, sockets: Path) -> AsyncIterator[PostgresServer]:
    """A server of the test's own, to be killed."""
    async with Children(tmp_path / "run") as children:
        started = await start(tmp_path, sockets, children)
        await migrate(started.url)
        yield started


async def kill(server: PostgresServer) -> None:
    """End the server as a crash does."""
    os.kill(server.child.pid, signal.SIGKILL)
    await server.child.wait()


async def write(database: Database, acknowledged: list[str], enough: asyncio.Event) -> None:
    """Make rules until the database fails, noting each that was acknowledged."""
    while True:
        rule = a_rule(an_intent(ServiceKey("local", "shop", f"s-{len(acknowledged)}")))
        async with database.work() as work:
            await work.rules.add(rule)
            work.record(an_act())
        acknowledged.append(rule.id)
        if len(acknowledged) >= ENOUGH:
            enough.set()


async def test_a_killed_server_loses_nothing_that_was_acknowledged(
    server: PostgresServer,
) -> None:
    acknowledged: list[str] = []
    enough = asyncio.Event()
    async with Database.open(server.url) as database:
        writing = asyncio.create_task(write(database, acknowledged, enough))
        await enough.wait()
        await kill(server)
        with pytest.raises(DatabaseUnavailableError):
            await writing
        with pytest.raises(DatabaseUnavailableError):
            await database.ping()
        await server.run()
        async with database.work() as work:
            for rule_id in acknowledged:
                await work.rules.get(rule_id)
        links = await database.chain.links()
    assert list(chain_problems(links)) == []
    assert len(links) - len(acknowledged) in (0, 1)  # the last may be kept without our hearing


async def test_listeners_hear_of_the_gap_and_then_everything_again(
    server: PostgresServer,
) -> None:
    async with Database.open(server.url) as database, database.events.subscribe() as events:
        await kill(server)
        await server.run()
        assert (await anext(events)).type == "gap"
        async with database.work() as work:
            work.announce(Event("rule", "r1"))
        assert await anext(events) == Event("rule", "r1")


async def test_lost_connections_are_replaced_before_anybody_meets_them(
    database: Database, database_url: str
) -> None:
    async def many() -> None:
        await asyncio.gather(*(database.ping() for _ in range(6)))

    await many()
    async with database.events.subscribe() as events:
        await administer(database_url, END_EVERYBODY)
        assert (await anext(events)).type == "gap"
        await many()


async def test_a_database_that_is_down_can_be_opened_and_heals(server: PostgresServer) -> None:
    await server.stop()
    async with Database.open(server.url) as database:
        with pytest.raises(DatabaseUnavailableError):
            await database.ping()
        async with database.events.subscribe() as events:
            await server.run()
            assert (await anext(events)).type == "gap"
        assert (await database.ping()).startswith("PostgreSQL")


async def test_who_does_not_keep_up_hears_of_a_gap_and_all_others_of_every_event(
    database: Database,
) -> None:
    words = [Event("rule", f"r{n}") for n in range(MOST_UNREAD // 2)]
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(database.events.subscribe())
        keen = [await stack.enter_async_context(database.events.subscribe()) for _ in range(8)]
        for spoken in (words, words, words[:1]):
            async with database.work() as work:
                for word in spoken:
                    work.announce(word)
            for events in keen:
                assert [await anext(events) for _ in spoken] == spoken
        assert await anext(slow) == GAP
