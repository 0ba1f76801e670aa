"""The surroundings of one machine: an Envoy of our own in front of local addresses."""

from dataclasses import dataclass

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.db.database import Database
from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.binary import envoy_binary
from crossfade.adapters.envoy.bootstrap import Entrance
from crossfade.adapters.envoy.mesh import EmbeddedMesh, Endpoints
from crossfade.adapters.envoy.metrics import EnvoyMetrics
from crossfade.adapters.envoy.proxy import Proxy
from crossfade.application.health import Probe
from crossfade.application.processes import Processes
from crossfade.bootstrap.envoy import EnvoyKeeper
from crossfade.bootstrap.places import Places
from crossfade.bootstrap.placing import Placing
from crossfade.domain.addresses import LocalService
from crossfade.domain.names import ServiceKey
from crossfade.settings import Settings


@dataclass(frozen=True, slots=True)
class Embedded:
    """The local Envoy, and what keeps it fed, placed and measured."""

    mesh: EmbeddedMesh
    metrics: EnvoyMetrics
    envoy: EnvoyKeeper
    placing: Placing

    @property
    def stages(self) -> None:
        """There are none: this process writes to the mesh itself."""

    @property
    def cluster(self) -> None:
        """There is none: versions are addresses on this machine."""

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What this surrounding stands on."""
        return (Probe("envoy", self.envoy.health),)


def embedded(
    settings: Settings, places: Places, processes: Processes, database: Database
) -> Embedded:
    """The surroundings, not yet serving."""
    admin = Admin(places.envoy.admin)
    proxy = Proxy(envoy_binary(), places.envoy, entrance(settings), processes)
    mesh = EmbeddedMesh(admin, _endpoints(database))
    return Embedded(
        mesh=mesh,
        metrics=EnvoyMetrics(admin, SystemClock()),
        envoy=EnvoyKeeper(database, mesh, proxy, places.envoy, settings.holder),
        placing=Placing(database, mesh, settings.cluster),
    )


def entrance(settings: Settings) -> Entrance:
    """Where the mesh lets traffic in."""
    return Entrance(settings.entrance_host, settings.entrance_port)


def _endpoints(database: Database) -> Endpoints:
    async def endpoints(key: ServiceKey) -> LocalService | None:
        async with database.work() as work:
            return await work.local_services.get(key)

    return endpoints
