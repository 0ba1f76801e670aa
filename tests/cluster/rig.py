"""All of a cluster that the tests stand on: control plane, istiod, gateway and sample service."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import binaries, crds, istio
from tests.cluster.api import Api
from tests.cluster.backends import Backends
from tests.cluster.building import Say
from tests.cluster.control_plane import ControlPlane
from tests.cluster.environment import Environment
from tests.cluster.gateway import Gateway
from tests.cluster.istio import Istiod
from tests.cluster.toolchain import ARGOCD, ISTIO, KUBERNETES

from crossfade.adapters.processes.children import Child, Children

Programs = Mapping[str, Path]
CRDS = "istio-crds.yaml"


@dataclass(frozen=True, slots=True)
class Rig:
    """A running cluster; `plane` is None where it is somebody else's."""

    folder: Path
    programs: Programs
    kubeconfig: Path
    plane: ControlPlane | None
    children: Children
    istiod: Istiod
    gateway: Gateway
    backends: Backends

    @property
    def parts(self) -> tuple[Child, ...]:
        """The programs whose words explain a failure."""
        own = (self.plane.etcd, self.plane.api) if self.plane else ()
        return (*own, self.istiod.child, self.gateway.child)


def programs(environment: Environment, say: Say) -> Programs:
    """All that it takes; NotBuiltError where something is missing."""
    control_plane = () if environment.kubeconfig else (KUBERNETES,)
    chains = (*control_plane, ISTIO, ARGOCD)
    return {
        name: it for one in chains for name, it in binaries.found(one, environment, say).items()
    }


@asynccontextmanager
async def running(
    folder: Path, found: Programs, kubeconfig: Path | None, say: Say
) -> AsyncIterator[Rig]:
    """A rig in the folder; on the cluster of the kubeconfig where there is one, else on its own."""
    since = time.monotonic()

    def tell(what: str) -> None:
        say(f"{what} after {time.monotonic() - since:.1f} s")

    async with AsyncExitStack() as exits:
        plane = None
        if kubeconfig is None:
            plane = await ControlPlane.start(folder, found)
            exits.push_async_callback(plane.stop)
            kubeconfig = plane.kubeconfig
            tell("API server ready")
        api = await exits.enter_async_context(Api.opened(kubeconfig))
        if plane is None:
            exits.push_async_callback(istio.leave, api)
        else:
            await crds.install(api, found[CRDS])
        await istio.prepare(api)
        tell("Istio's kinds known")
        children = await exits.enter_async_context(Children(folder / "run-istio"))
        istiod = await Istiod.start(folder, found["pilot-discovery"], kubeconfig, children)
        gateway = await Gateway.start(folder, istiod, api, children)
        tell("istiod and gateway ready")
        backends = Backends(folder, children)
        yield Rig(folder, found, kubeconfig, plane, children, istiod, gateway, backends)
