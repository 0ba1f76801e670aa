"""The API on a whole Crossfade in memory, asked without any socket."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.fakes.views import FakeViews
from tests.fakes.world import World

from crossfade.application.health import HealthBook
from crossfade.entrypoints.api.app import Api, create_api
from crossfade.entrypoints.api.surface import ApiOptions

URL = "http://localhost:4000"


@dataclass
class Site:
    """The world, the application on it, and a client that behaves like curl."""

    world: World
    book: HealthBook
    api: Api
    client: httpx.AsyncClient


def made(world: World, **options: object) -> tuple[Api, HealthBook]:
    """The application on a world."""
    book = HealthBook(world.clock.now)
    chosen = {"version": "0.1.0", "dashboard": Path("/nowhere"), **options}
    views = FakeViews(world.database)
    return create_api(world.ports, views, ApiOptions(**chosen), book), book


def client_of(app: httpx._transports.asgi._ASGIApp, url: str = URL) -> httpx.AsyncClient:
    """A client of an application in this process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """The application on an empty world."""
    world = World()
    api, book = made(world)
    async with client_of(api.app) as client:
        yield Site(world, book, api, client)
    await api.end()
