"""Our eyes and hands beside Argo CD: what the product puts together for one cluster."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.api import Api
from tests.cluster.applications import KeptApplication
from tests.cluster.argocd import NAMESPACE
from tests.cluster.gitops.history import History
from tests.cluster.gitops.repository import Repository, a_revision
from tests.cluster.waiting import until

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.kubernetes.argocd import ArgoCd
from crossfade.adapters.kubernetes.connection import Connection, connected
from crossfade.adapters.kubernetes.covering import Covering
from crossfade.adapters.kubernetes.fenced import FencedMesh
from crossfade.adapters.kubernetes.mesh import KubernetesMesh
from crossfade.adapters.kubernetes.objects import Kind, VirtualService
from crossfade.adapters.kubernetes.patience import PATIENCE_S, Patience
from crossfade.adapters.kubernetes.sight import Sight
from crossfade.adapters.kubernetes.surroundings import KubernetesSurroundings
from crossfade.adapters.kubernetes.synced import SyncedMesh, Witnesses
from crossfade.application.ports import Mesh
from crossfade.domain.delivery import Delivery
from crossfade.domain.errors import UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision
from crossfade.manifests.argocd import Destination, application_manifest
from crossfade.manifests.argocd_application import ApplicationName, read_application

CLUSTER = "test"
PROOF = "1 of 1 proxies carry"


async def proof(revision: Revision) -> str:
    """What proxies would say; how they are asked is not what is tested here."""
    return f"{PROOF} generation {revision.generation}"


@dataclass
class Site:
    """Our side of it: what we see of the cluster and of Argo CD."""

    connection: Connection
    sight: Sight
    argocd: ArgoCd
    surroundings: KubernetesSurroundings
    repository: Repository

    def ready(self, key: ServiceKey) -> bool:
        """Whether v1 and v2 of the service are seen to be ready."""
        intent = a_revision(key, 1, v1=5_000, v2=5_000).intent
        return all(one.ready for one in self.surroundings.around(intent).backing.values())

    def mesh(self, *, named: bool = True, patience_s: float = PATIENCE_S) -> SyncedMesh:
        """The git-only mesh, which knows the Application or does not."""
        witnesses = Witnesses(self.surroundings, proof, self.repository.contains)
        argocd = self.argocd if named else None
        patience = Patience(patience_s)
        return SyncedMesh(self.connection, self.sight, witnesses, argocd, patience)

    def direct(self, patience_s: float = 20.0) -> FencedMesh:
        """The mesh that we write ourselves, beside Argo CD."""
        mesh = KubernetesMesh(self.connection, self.sight, self.surroundings, proof)
        in_git = self.repository.holds
        return FencedMesh(mesh, self.covering(), self.argocd, in_git, Patience(patience_s))

    def covering(self, delivery: Delivery = Delivery.APPLY, *, named: bool = True) -> Covering:
        """What Argo CD would do to a rule."""
        argocd = self.argocd if named else None
        return Covering(self.sight, self.repository.place, delivery, argocd)

    def history(self, key: ServiceKey) -> "History":
        """Every state of the service's VirtualService from now on."""
        told = History()

        def note(kind: Kind) -> None:
            found = self.sight.find(VirtualService, key.namespace, key.service)
            if kind is VirtualService:
                told.note(found)

        self.sight.on_change(note)
        return told


@asynccontextmanager
async def watching(
    kubeconfig: Path, namespace: str, name: ApplicationName, repository: Repository
) -> AsyncIterator[Site]:
    """A site that follows the cluster from now on."""
    async with connected(str(kubeconfig)) as connection:
        clock = SystemClock()
        sight = Sight(connection, [namespace], CLUSTER, clock)
        argocd = ArgoCd(connection, name, clock)
        surroundings = KubernetesSurroundings(sight, CLUSTER)
        following = [asyncio.create_task(it) for it in (sight.keep(), argocd.keep())]
        try:
            yield Site(connection, sight, argocd, surroundings, repository)
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)


async def application(
    api: Api, repository: Repository, namespace: str, delivery: Delivery = Delivery.GIT_ONLY
) -> KeptApplication:
    """The Application as we write it, named for the test's namespace."""
    manifest = application_manifest(
        ApplicationName(NAMESPACE, namespace), repository.place, Destination(namespace), delivery
    )
    return await KeptApplication.create(api, manifest)


async def until_seen(kept: KeptApplication, commit: str | None) -> None:
    """Come back when Argo CD has synced the commit, nudged again where it lost a nudge."""
    await kept.until_synced(commit, nudged=True)


async def released(mesh: Mesh, key: ServiceKey, generation: int, *, remove: bool) -> str:
    """What a release comes to, tried again through whatever passes, as the worker does."""
    told: list[str] = []

    async def is_done() -> bool:
        with suppress(UnavailableError):
            told.append(await mesh.release(key, generation, remove=remove))
        return bool(told)

    await until(is_done, 30)
    return told[0]


async def until_compared(kept: KeptApplication, commit: str | None) -> None:
    """Come back when Argo CD has compared the cluster with the commit, however that came out."""
    await kept.until(lambda status: status.get("sync", {}).get("revision") == commit, nudged=True)


async def until_at_rest(api: Api, kept: KeptApplication) -> None:
    """Come back when no sync is under way that would yet write something."""

    async def is_at_rest() -> bool:
        found = await api.get(kept.manifest)
        return found is not None and not read_application(found).syncing

    await until(is_at_rest)
