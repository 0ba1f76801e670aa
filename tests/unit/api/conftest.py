"""The API on a whole Crossfade in memory, asked without any socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.fakes.views import FakeViews
from tests.fakes.world import World, a_world_in_a_cluster
from tests.unit.api.contract import check

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

    async def draft(self, **weights: int) -> str:
        """A rule for the shop, whose versions listen; its id."""
        return (await self.world.draft(**weights)).id

    async def live(self, **weights: int) -> str:
        """A rule for the shop that is deployed; its id."""
        rule = await self.world.draft(**weights)
        await self.world.deploy(rule)
        return rule.id


def made(world: World, **options: object) -> tuple[Api, HealthBook]:
    """The application on a world."""
    book = HealthBook(world.clock.now)
    chosen = {"version": "0.1.0", "dashboard": Path("/nowhere"), **options}
    views = FakeViews(world.database)
    return create_api(world.ports, views, ApiOptions(**chosen), book), book


def client_of(app: FastAPI, url: str = URL) -> httpx.AsyncClient:
    """A client of an application in this process, for whom every answer must be documented."""
    hooks = {"response": [check]}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url, event_hooks=hooks)


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that was answered, which must be this one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["type"] == f"/docs/problems/{code}"
    assert found["status"] == status
    return found


def pointers(found: dict[str, Any]) -> list[str]:
    """Where a problem says that something is wrong."""
    return [part["pointer"] for part in found["errors"]]


@asynccontextmanager
async def opened(world: World) -> AsyncIterator[Site]:
    """The application on a world."""
    api, book = made(world)
    async with client_of(api.app) as client:
        yield Site(world, book, api, client)
    await api.end()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """The application on an empty world."""
    async with opened(World()) as site:
        yield site


@pytest.fixture
async def clustered() -> AsyncIterator[Site]:
    """The application on an empty cluster."""
    async with opened(a_world_in_a_cluster()) as site:
        yield site
