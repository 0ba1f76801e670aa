"""Rules written straight into the cluster, and who is asked whether its proxies obey."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.cluster import config_dump
from tests.cluster.api import Api
from tests.cluster.gateway import Gateway
from tests.cluster.mesh_stand import revision_of
from tests.cluster.routes import Bearing, bearing, meaning
from tests.cluster.samples import SampleService
from tests.cluster.sidecar import Sidecar

from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision
from crossfade.manifests.istio import destination_rule, virtual_service

CLUSTER = "local"
WHOLE = 10_000

Shares = Mapping[str, float]


@dataclass
class Written:
    """The rule of one service as it is in the cluster, generation by generation."""

    api: Api
    service: SampleService
    gateways: tuple[str, ...]
    generation: int = 0
    bears: object = None  # the spec of the DestinationRule

    def intent(self, **weights: int) -> Intent:
        """The service divided so, in hundredths of a percent."""
        key = ServiceKey(CLUSTER, self.service.namespace, self.service.name)
        versions = tuple(Version(name, weight) for name, weight in weights.items())
        return Intent(key, versions, gateways=self.gateways)

    async def split(self, **weights: int) -> Revision:
        """Divide the service so."""
        return await self.write(self.intent(**weights))

    async def write(self, intent: Intent) -> Revision:
        """Write an intent as its next generation; a DestinationRule only where it changes."""
        self.generation += 1
        rule = destination_rule(intent, self.generation)
        if rule["spec"] != self.bears:
            await self.api.apply(rule)
            self.bears = rule["spec"]
        await self.api.apply(virtual_service(intent, self.generation))
        return revision_of(intent, self.generation)

    async def held_by(self, proxy: Gateway | Sidecar) -> Shares:
        """How the proxy itself says that it divides the requests."""
        found = config_dump.routes(await proxy.held(), self.service.host)
        return meaning(found[-1]).shares if found else {}

    async def borne_by(self, gateway: Gateway) -> dict[str, Bearing]:
        """What the proxy itself says that each version bears."""
        found = config_dump.clusters(await gateway.held(), self.service.host)
        return {version: bearing(cluster) for version, cluster in found.items()}


def shares(revision: Revision) -> Shares:
    """How a revision divides the requests, as a proxy would say it."""
    weights = revision.intent.split.weights
    return {name: float(weight) for name, weight in weights if weight}
