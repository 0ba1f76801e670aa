"""From settings to an open Crossfade: every port met by its adapter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.db.database import Database
from crossfade.adapters.git.building import Identity
from crossfade.adapters.git.repository import GitRepository
from crossfade.adapters.git.settings import GitSettings
from crossfade.application.health import HealthBook, Probe
from crossfade.application.ports import Installation, Ports
from crossfade.application.processes import Processes, StartError
from crossfade.application.views import Views
from crossfade.bootstrap.cluster import OnCluster, on_cluster
from crossfade.bootstrap.embedded import Embedded, embedded
from crossfade.bootstrap.places import Places
from crossfade.domain.delivery import Delivery
from crossfade.domain.revision import TargetKind
from crossfade.settings import Settings


@dataclass(frozen=True, slots=True)
class Crossfade:
    """Everything that an entrypoint works with."""

    ports: Ports
    views: Views
    database: Database
    repository: GitRepository
    surrounding: Embedded | OnCluster
    health: HealthBook

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What to look at to know how the installation is, beside the repository."""
        database = Probe("database", self.database.ping, self.database.address)
        return database, *self.surrounding.probes


@asynccontextmanager
async def open_crossfade(
    settings: Settings, database_url: str, processes: Processes, places: Places
) -> AsyncIterator[Crossfade]:
    """An open Crossfade; neither database nor cluster need answer yet."""
    clock = SystemClock()
    repository = await _repository(settings, places)
    async with (
        Database.open(database_url) as database,
        _surrounding(settings, places, processes, database, repository) as around,
    ):
        yield Crossfade(
            ports=Ports(
                installation=installation(settings),
                work=database.work,
                chain=database.chain,
                repository=repository,
                mesh=around.mesh,
                metrics=around.metrics,
                events=database.events,
                clock=clock,
                stages=around.stages,
                cluster=around.cluster,
            ),
            views=database.views,
            database=database,
            repository=repository,
            surrounding=around,
            health=HealthBook(clock.now),
        )


def installation(settings: Settings) -> Installation:
    """Who and where we are."""
    in_cluster = settings.kubeconfig is not None
    return Installation(
        cluster=settings.cluster,
        holder=settings.holder,
        actor=settings.actor,
        branch=settings.git_branch,
        prefix=settings.git_prefix,
        mesh=TargetKind.CLUSTER if in_cluster else TargetKind.ENVOY,
        delivery=settings.delivery,
        heals=settings.drift == "heal",
        releases=in_cluster and settings.delivery is Delivery.APPLY,
    )


@asynccontextmanager
async def _surrounding(
    settings: Settings,
    places: Places,
    processes: Processes,
    database: Database,
    repository: GitRepository,
) -> AsyncIterator[Embedded | OnCluster]:
    if settings.kubeconfig is None:
        yield embedded(settings, places, processes, database)
        return
    async with on_cluster(settings, repository) as found:
        yield found


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
