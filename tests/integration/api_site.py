"""The API on a real database and a real repository; the mesh is the one in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.contract.git_settings import own_repository
from tests.fakes.clock import NOON
from tests.fakes.mesh import FakeMesh
from tests.fakes.metrics import FakeMetrics
from tests.fakes.world import ALICE, HOME
from tests.unit.api.conftest import client_of

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.db.database import Database
from crossfade.application.convergence import converge_git, converge_mesh
from crossfade.application.health import HealthBook
from crossfade.application.local import put_local_service
from crossfade.application.ports import Ports
from crossfade.domain.addresses import LocalService
from crossfade.domain.names import ServiceKey
from crossfade.entrypoints.api.app import Api, create_api
from crossfade.entrypoints.api.surface import ApiOptions

VERSIONS = ("v1", "v2", "v3")


@dataclass
class RealSite:
    """The application, what it stands on, and a client for whom all must be documented."""

    api: Api
    ports: Ports
    mesh: FakeMesh
    database: Database
    client: httpx.AsyncClient

    async def place(self, service: str) -> None:
        """A service whose versions listen."""
        listening = tuple((name, ("127.0.0.1:9001",)) for name in VERSIONS)
        key = ServiceKey("local", "default", service)
        await put_local_service(self.ports, LocalService(key, listening), ALICE)

    async def draft(self, service: str = "shop") -> str:
        """A new rule for a service that listens; its id."""
        await self.place(service)
        body = {"serviceName": service, "versions": split(80, 20)}
        answer = await self.client.post("/api/rules", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def settle(self) -> None:
        """Everything that is due, carried to mesh and repository."""
        while await converge_mesh(self.ports) + await converge_git(self.ports):
            pass


def split(*weights: float) -> list[dict[str, object]]:
    """Versions with these weights."""
    return [{"name": f"v{n}", "weight": weight} for n, weight in enumerate(weights, 1)]


@asynccontextmanager
async def opened(database: Database, folder: Path) -> AsyncIterator[RealSite]:
    """An application on this database and a repository in this folder."""
    mesh, clock = FakeMesh(), SystemClock()
    ports = Ports(
        installation=HOME,
        work=database.work,
        chain=database.chain,
        repository=await own_repository(folder),
        mesh=mesh,
        metrics=FakeMetrics(NOON),
        events=database.events,
        clock=clock,
    )
    options = ApiOptions(version="0.1.0", dashboard=folder / "none")
    book = HealthBook(clock.now)
    book.set("database", await database.ping(), ok=True)
    api = create_api(ports, database.views, options, book)
    async with client_of(api.app) as client:
        yield RealSite(api, ports, mesh, database, client)
    await api.end()


@asynccontextmanager
async def converging(site: RealSite) -> AsyncIterator[None]:
    """The background work of a process: at each word, what is due is done."""

    async def work() -> None:
        async with site.ports.events.subscribe() as events:
            async for _ in events:
                await site.settle()

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
