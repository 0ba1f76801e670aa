"""Everything below Crossfade: a cluster with Istio, Argo CD on a repository, and Prometheus."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.api import Api
from tests.cluster.argocd import ArgoCD
from tests.cluster.control_plane import ControlPlane
from tests.cluster.gateway import Gateway
from tests.cluster.istio import Istiod
from tests.cluster.prometheus import Prometheus
from tests.cluster.rig import Programs
from tests.cluster.samples import NAME
from tests.cluster.stack.ground import NAMESPACE, Ground
from tests.cluster.stack.metrics import measuring
from tests.cluster.stack.repository import Repository
from tests.cluster.stack.wishes import Wishes

from crossfade.adapters.processes.children import Child, Children

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Chain:
    """What runs, and where it is found."""

    plane: ControlPlane
    istiod: Istiod
    gateway: Gateway
    repository: Repository
    argocd: ArgoCD
    prometheus: Prometheus
    account: Path  # Crossfade's kubeconfig

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
        ground = Ground(wishes, found, plane, api, children)
        say("starting istiod, the gateway and the sample service")
        istiod, gateway = await ground.mesh()
        ports = await ground.samples()
        say("starting Argo CD")
        repository, keeper = await ground.gitops()
        exits.callback(shutil.rmtree, keeper.sockets, ignore_errors=True)
        say("starting Prometheus")
        prometheus = await measuring(folder / "prometheus", NAME, NAMESPACE, ports, wishes.port)
        exits.push_async_callback(prometheus.stop)
        account = await ground.account()
        yield Chain(plane, istiod, gateway, repository, keeper, prometheus, account)
