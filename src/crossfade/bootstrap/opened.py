"""From settings to an open Crossfade: every port met by its adapter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.db.database import Database
from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.binary import envoy_binary
from crossfade.adapters.envoy.bootstrap import Entrance
from crossfade.adapters.envoy.mesh import EmbeddedMesh, Endpoints
from crossfade.adapters.envoy.metrics import EnvoyMetrics
from crossfade.adapters.envoy.proxy import Proxy
from crossfade.adapters.git.building import Identity
from crossfade.adapters.git.repository import GitRepository
from crossfade.adapters.git.settings import GitSettings
from crossfade.application.health import HealthBook
from crossfade.application.ports import Installation, Ports
from crossfade.application.processes import Processes, StartError
from crossfade.application.views import Views
from crossfade.bootstrap.envoy import EnvoyKeeper
from crossfade.bootstrap.places import Places
from crossfade.bootstrap.placing import Placing
from crossfade.domain.addresses import LocalService
from crossfade.domain.names import ServiceKey
from crossfade.settings import Settings


@dataclass(frozen=True, slots=True)
class Crossfade:
    """Everything that an entrypoint works with."""

    ports: Ports
    views: Views
    database: Database
    repository: GitRepository
    metrics: EnvoyMetrics
    envoy: EnvoyKeeper
    placing: Placing
    health: HealthBook


@asynccontextmanager
async def open_crossfade(
    settings: Settings, database_url: str, processes: Processes, places: Places
) -> AsyncIterator[Crossfade]:
    """An open Crossfade; the database need not answer yet."""
    clock = SystemClock()
    repository = await _repository(settings, places)
    admin = Admin(places.envoy.admin)
    proxy = Proxy(envoy_binary(), places.envoy, entrance(settings), processes)
    metrics = EnvoyMetrics(admin, clock)
    async with Database.open(database_url) as database:
        mesh = EmbeddedMesh(admin, _endpoints(database))
        yield Crossfade(
            ports=Ports(
                installation=installation(settings),
                work=database.work,
                chain=database.chain,
                repository=repository,
                mesh=mesh,
                metrics=metrics,
                events=database.events,
                clock=clock,
            ),
            views=database.views,
            database=database,
            repository=repository,
            metrics=metrics,
            envoy=EnvoyKeeper(database, mesh, proxy, places.envoy, settings.holder),
            placing=Placing(database, mesh, settings.cluster),
            health=HealthBook(clock.now),
        )


def entrance(settings: Settings) -> Entrance:
    """Where the mesh lets traffic in."""
    return Entrance(settings.entrance_host, settings.entrance_port)


def installation(settings: Settings) -> Installation:
    """Who and where we are."""
    return Installation(
        cluster=settings.cluster,
        holder=settings.holder,
        actor=settings.actor,
        branch=settings.git_branch,
        prefix=settings.git_prefix,
    )


async def _repository(settings: Settings, places: Places) -> GitRepository:
    try:
        return await GitRepository.open(
            GitSettings(
                folder=places.git,
                remote=settings.git_remote,
                allow_file=settings.git_allow_file,
                branch=settings.git_branch,
                prefix=settings.git_prefix,
                identity=Identity(settings.git_author_name, settings.git_author_email),
                environment=settings.environment,
            )
        )
    except ValueError as error:
        raise StartError(f"The Git settings cannot be used: {error}") from error


def _endpoints(database: Database) -> Endpoints:
    async def endpoints(key: ServiceKey) -> LocalService | None:
        async with database.work() as work:
            return await work.local_services.get(key)

    return endpoints
