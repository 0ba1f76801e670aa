"""An API server, and what is built on it part by part."""

from dataclasses import dataclass
from pathlib import Path

from tests.cluster import argocd, crds, istio
from tests.cluster.api import Api
from tests.cluster.applications import KeptApplication
from tests.cluster.argocd import ArgoCD
from tests.cluster.backends import Backends
from tests.cluster.control_plane import ControlPlane
from tests.cluster.gateway import Gateway
from tests.cluster.gitops import shipped_rights
from tests.cluster.istio import Istiod
from tests.cluster.rig import CRDS, Programs
from tests.cluster.samples import SampleService
from tests.cluster.stack.metrics import Ports
from tests.cluster.stack.repository import Repository
from tests.cluster.stack.wishes import Wishes

from crossfade.adapters.processes.children import Children
from crossfade.manifests.argocd import Destination, application_manifest
from crossfade.manifests.argocd_application import ApplicationName

NAMESPACE = "default"
VERSIONS = ("v1", "v2")
REPLICAS = 2
APPLICATION = ApplicationName(argocd.NAMESPACE, "crossfade")


@dataclass(frozen=True, slots=True)
class Ground:
    """A running API server, and all that it takes to build on it."""

    wishes: Wishes
    found: Programs
    plane: ControlPlane
    api: Api
    children: Children

    @property
    def folder(self) -> Path:
        """Where everything is kept."""
        return self.wishes.folder

    async def mesh(self) -> tuple[Istiod, Gateway]:
        """Istio, with a gateway at the entrance."""
        await crds.install(self.api, self.found[CRDS])
        await istio.prepare(self.api)
        program, kubeconfig = self.found["pilot-discovery"], self.plane.kubeconfig
        istiod = await Istiod.start(self.folder, program, kubeconfig, self.children)
        port = self.wishes.entrance_port
        return istiod, await Gateway.start(self.folder, istiod, self.api, self.children, port=port)

    async def samples(self) -> Ports:
        """The sample service behind the gateway; where its replicas listen."""
        backends, service = Backends(self.folder, self.children), SampleService(self.api, NAMESPACE)
        await service.create(*VERSIONS, replicas=REPLICAS)
        ports = {version: await backends.ports(version, REPLICAS) for version in VERSIONS}
        await service.route(**ports)
        return ports

    async def gitops(self) -> tuple[Repository, ArgoCD]:
        """Argo CD, which keeps the rules of a repository in the cluster."""
        await argocd.prepare(self.api, self.found)
        repository = Repository.made(self.folder / "gitops.git")
        place, destination = repository.place, Destination(NAMESPACE)
        manifest = application_manifest(APPLICATION, place, destination, self.wishes.delivery)
        folder, kubeconfig = self.folder / "argocd", self.plane.kubeconfig
        keeper = await ArgoCD.start(folder, self.found, kubeconfig, self.children)
        await KeptApplication.create(self.api, manifest)
        return repository, keeper

    async def account(self) -> Path:
        """The kubeconfig of Crossfade, with the rights that we ship and no others."""
        for folder in ("managed-namespace", "delete"):
            await shipped_rights.give(self.api, folder, NAMESPACE)
        place, name = APPLICATION.namespace, APPLICATION.name
        await shipped_rights.give(self.api, "argocd", place, application=name)
        return self.plane.kubeconfig_of_account(*shipped_rights.ACCOUNT)
