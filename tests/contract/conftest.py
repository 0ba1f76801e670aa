"""The same suite for the database in memory and the one on PostgreSQL."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import pytest
from tests.conftest import administer
from tests.fakes.work import FakeDatabase

from crossfade.application.ports import Chain, Events
from crossfade.application.work import Work

Wait = Callable[[float], Awaitable[None]]

PASS_TIME = """
    UPDATE targets SET
        lease_until = lease_until - make_interval(secs => {seconds}),
        next_at = next_at - make_interval(secs => {seconds});
    UPDATE leases SET until = until - make_interval(secs => {seconds})
"""


class Keeper(Protocol):
    """What both databases offer."""

    @property
    def events(self) -> Events:
        """What committed works announced."""

    @property
    def chain(self) -> Chain:
        """The audit chain."""

    def work(self) -> AbstractAsyncContextManager[Work]:
        """A unit of work."""


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def keeper(request: pytest.FixtureRequest) -> Keeper:
    """One database or the other."""
    if request.param == "memory":
        return FakeDatabase()
    found: Keeper = request.getfixturevalue("database")
    return found


@pytest.fixture
def wait(keeper: Keeper, request: pytest.FixtureRequest) -> Wait:
    """Lets the database's time pass, without the test's own."""

    async def in_memory(seconds: float) -> None:
        assert isinstance(keeper, FakeDatabase)
        keeper.clock.advance(seconds)

    async def on_postgres(seconds: float) -> None:
        url = request.getfixturevalue("database_url")
        await administer(url, PASS_TIME.format(seconds=seconds))

    return in_memory if isinstance(keeper, FakeDatabase) else on_postgres
