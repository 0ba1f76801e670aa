"""Everything below Crossfade: a cluster with Istio, Argo CD on a repository, and Prometheus."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tests.cluster import argocd, crds, istio
from tests.cluster.api import Api
from tests.cluster.applications import KeptApplication
from tests.cluster.argocd import ArgoCD
from tests.cluster.backends import Backends
from tests.cluster.control_plane import ControlPlane
from tests.cluster.gateway import Gateway
from tests.cluster.istio import Istiod
from tests.cluster.prometheus import Prometheus
from tests.cluster.rig import CRDS, Programs
from tests.cluster.samples import NAME, SampleService
from tests.cluster.stack.metrics import Ports, measuring
from tests.cluster.stack.repository import Repository
from tests.cluster.stack.wishes import Wishes

from crossfade.adapters.processes.children import Child, Children
from crossfade.manifests.argocd import Destination, application_manifest
from crossfade.manifests.argocd_application import ApplicationName

NAMESPACE = "default"
VERSIONS = ("v1", "v2")
REPLICAS = 2
APPLICATION = ApplicationName(argocd.NAMESPACE, "crossfade")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Chain:
    """What runs, and where it is found."""

    plane: ControlPlane
    istiod: Istiod
    gateway: Gateway
    argocd: ArgoCD
    repository: Repository
    prometheus: Prometheus

    @property
    def parts(self) -> tuple[Child, ...]:
        """The programs without which the rest is worth little."""
        own = (self.plane.etcd, self.plane.api, self.istiod.child, self.gateway.child)
        return (*own, self.argocd.controller, self.prometheus.child)


@asynccontextmanager
async def linked(wishes: Wishes, found: Programs, say: Say) -> AsyncIterator[Chain]:
    """The chain, up until the block ends."""
    folder = wishes.folder
    async with AsyncExitStack() as exits:
        say("starting the API server")
        plane = await ControlPlane.start(folder, found)
        exits.push_async_callback(plane.stop)
        api = await exits.enter_async_context(Api.opened(plane.kubeconfig))
        children = await exits.enter_async_context(Children(folder / "run-mesh"))
        say("starting istiod, the gateway and the sample service")
        await crds.install(api, found[CRDS])
        await istio.prepare(api)
        istiod = await Istiod.start(folder, found["pilot-discovery"], plane.kubeconfig, children)
        gateway = await Gateway.start(folder, istiod, api, children, port=wishes.entrance_port)
        ports = await _samples(api, Backends(folder, children))
        say("starting Argo CD")
        await argocd.prepare(api, found)
        repository = Repository.made(folder / "gitops.git")
        keeper = await ArgoCD.start(folder / "argocd", found, plane.kubeconfig, children)
        await KeptApplication.create(api, _application(wishes, repository))
        say("starting Prometheus")
        prometheus = await measuring(folder / "prometheus", NAME, NAMESPACE, ports, wishes.port)
        exits.push_async_callback(prometheus.stop)
        yield Chain(plane, istiod, gateway, keeper, repository, prometheus)


async def _samples(api: Api, backends: Backends) -> Ports:
    """The sample service behind the gateway; where its replicas listen."""
    service = SampleService(api, NAMESPACE)
    await service.create(*VERSIONS, replicas=REPLICAS)
    ports = {version: await backends.ports(version, REPLICAS) for version in VERSIONS}
    await service.route(**ports)
    return ports


def _application(wishes: Wishes, repository: Repository) -> dict[str, object]:
    destination = Destination(NAMESPACE)
    return application_manifest(APPLICATION, repository.place, destination, wishes.delivery)
