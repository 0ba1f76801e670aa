"""What was not surely kept is never called kept."""

import asyncio
from contextlib import suppress

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.conftest import WAITERS, administer, until_it_answers
from tests.fakes.values import a_rule, a_target, an_act

from crossfade.adapters.db.connections import connector, make_pool
from crossfade.adapters.db.database import Database
from crossfade.adapters.db.transaction import transaction
from crossfade.domain.errors import DatabaseUnavailableError, RuleNotFoundError
from crossfade.domain.revision import TargetKind
from crossfade.domain.rule import Rule

pytestmark = pytest.mark.integration

REFUSE_AT_COMMIT = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no room left' USING ERRCODE = 'disk_full'; END $$;
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON traffic_rules
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()
"""
END_THE_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
UNFLUSHED = "SET LOCAL synchronous_commit TO off"


async def is_kept(database: Database, rule: Rule) -> bool:
    """Whether the rule is there."""
    async with database.work() as work:
        with suppress(RuleNotFoundError):
            return await work.rules.get(rule.id) == rule
    return False


async def add(database: Database, rule: Rule) -> None:
    """The rule, with an audit entry, in one work."""
    async with database.work() as work:
        await work.rules.add(rule)
        work.record(an_act())


async def test_a_commit_that_fails_is_an_error(database: Database, database_url: str) -> None:
    await administer(database_url, REFUSE_AT_COMMIT)
    rule = a_rule()
    with pytest.raises(DatabaseUnavailableError, match="no room left"):
        await add(database, rule)
    assert not await is_kept(database, rule)


async def test_a_connection_lost_before_the_commit_is_an_error(
    database: Database, database_url: str
) -> None:
    rule = a_rule()

    async def interrupted() -> None:
        async with database.work() as work:
            await work.rules.add(rule)
            await administer(database_url, END_THE_OTHERS)

    with pytest.raises(DatabaseUnavailableError):
        await interrupted()
    assert not await is_kept(database, rule)


async def test_a_work_cannot_commit_past_a_failed_step(database: Database) -> None:
    rule = a_rule()

    async def careless() -> None:
        async with database.work() as work:
            await work.rules.add(rule)
            with suppress(DBAPIError):  # a target cannot aim at a revision that is not there
                await work.targets.aim(a_target(rule))

    with pytest.raises(DatabaseUnavailableError, match="nothing was kept"):
        await careless()
    assert not await is_kept(database, rule)


async def test_a_cancelled_work_keeps_nothing_and_harms_nobody(
    database: Database, database_url: str
) -> None:
    rule = a_rule()
    blocker = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    async with blocker.transaction():
        await blocker.execute("SELECT * FROM audit_head FOR UPDATE")
        adding = asyncio.create_task(add(database, rule))
        await until_it_answers(database_url, WAITERS, 1)
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding
    await blocker.close()
    assert not await is_kept(database, rule)
    await add(database, rule)
    assert await is_kept(database, rule)
    assert len(await database.chain.links()) == 1


async def test_a_statement_that_takes_too_long_is_an_outage(database_url: str) -> None:
    engine = make_pool(connector(database_url))

    async def slow() -> None:
        async with transaction(engine) as opened:
            await opened.rows(text("SELECT set_config('statement_timeout', '20ms', true)"))
            await opened.rows(text("SELECT pg_sleep(60)"))

    with pytest.raises(DatabaseUnavailableError, match="statement timeout"):
        await slow()
    await engine.dispose()


async def test_every_connection_bounds_its_statements(database_url: str) -> None:
    connection = await connector(database_url)()
    assert await connection.fetchval("SHOW statement_timeout") == "5s"
    assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "30s"
    await connection.close()


async def test_a_lease_does_not_wait_for_the_disk(
    database: Database, statements: list[str]
) -> None:
    async with database.work() as work:
        assert await work.leases.take("repository", "a", 10)
    assert statements[-1] == UNFLUSHED


async def test_an_empty_claim_has_nothing_to_keep(
    database: Database, statements: list[str]
) -> None:
    async with database.work() as work:
        assert await work.targets.claim(TargetKind.GIT, "a", 10) == ()
    assert len(statements) == 1


async def test_whatever_people_did_waits_for_the_disk(
    database: Database, statements: list[str]
) -> None:
    async with database.work() as work:
        assert await work.leases.take("repository", "a", 10)
        work.record(an_act())
    assert UNFLUSHED not in statements
