"""The surroundings of a Kubernetes cluster with Istio, reached through its API server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.git.repository import GitRepository
from crossfade.adapters.kubernetes.argocd import ArgoCd
from crossfade.adapters.kubernetes.connection import Connection, connected
from crossfade.adapters.kubernetes.covering import Covering
from crossfade.adapters.kubernetes.fenced import FencedMesh
from crossfade.adapters.kubernetes.istiod import IstiodView
from crossfade.adapters.kubernetes.mesh import KubernetesMesh
from crossfade.adapters.kubernetes.patience import Patience
from crossfade.adapters.kubernetes.proof import nobody_tells
from crossfade.adapters.kubernetes.sight import Sight
from crossfade.adapters.kubernetes.surroundings import KubernetesSurroundings
from crossfade.adapters.kubernetes.synced import SyncedMesh, Witnesses
from crossfade.adapters.prometheus.api import PrometheusApi
from crossfade.adapters.prometheus.dialects import DIALECTS
from crossfade.adapters.prometheus.metrics import PrometheusMetrics
from crossfade.application.health import Probe
from crossfade.application.ports import Mesh, MetricSource, Stages
from crossfade.application.processes import StartError
from crossfade.bootstrap.unmeasured import Unmeasured
from crossfade.domain.delivery import Delivery
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.manifests.argocd import Place
from crossfade.manifests.argocd_application import application_name
from crossfade.manifests.render import path_of
from crossfade.settings import Settings


@dataclass(frozen=True, slots=True)
class OnCluster:
    """A cluster that is watched, and what stands beside it."""

    mesh: Mesh
    stages: Stages | None
    metrics: MetricSource
    cluster: KubernetesSurroundings
    sight: Sight
    argocd: ArgoCd | None
    probes: tuple[Probe, ...]

    async def keep(self) -> None:
        """Follow the cluster until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.sight.keep())
            if self.argocd is not None:
                tasks.create_task(self.argocd.keep())

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call the listener whenever an object changed that traffic goes by."""
        self.sight.on_change(lambda _kind: listener())


@asynccontextmanager
async def on_cluster(settings: Settings, repository: GitRepository) -> AsyncIterator[OnCluster]:
    """The surroundings, not yet watched; StartError where the settings cannot be used."""
    async with AsyncExitStack() as stack:
        try:
            reached = connected(settings.kubeconfig or "", settings.kube_context)
            connection = await stack.enter_async_context(reached)
            metrics, probes = await stack.enter_async_context(_measured(settings))
            found = _joined(settings, repository, connection, metrics, probes)
        except (ValueError, RefusedError) as error:
            raise StartError(f"The cluster settings cannot be used: {error}") from error
        yield found


def _joined(
    settings: Settings,
    repository: GitRepository,
    connection: Connection,
    metrics: MetricSource,
    probes: tuple[Probe, ...],
) -> OnCluster:
    sight = Sight(connection, settings.namespaces, settings.cluster, SystemClock())
    argocd = _argocd(settings, connection)
    view = _istiod(settings)
    proof = view.proof if view else nobody_tells
    place = Place(repository.url or "", settings.git_branch, settings.git_prefix)
    covering = Covering(sight, place, settings.delivery, argocd)
    cluster = KubernetesSurroundings(sight, settings.cluster, covering.obstacles, covering.pruned)
    mesh: Mesh
    stages: Stages | None = None
    if settings.delivery is Delivery.GIT_ONLY:
        witnesses = Witnesses(cluster, proof, repository.contains)
        mesh = stages = SyncedMesh(connection, sight, witnesses, argocd)
    else:
        written = KubernetesMesh(connection, sight, cluster, proof)
        mesh = _fenced(settings, written, covering, argocd, repository)
    return OnCluster(
        mesh=mesh,
        stages=stages,
        metrics=metrics,
        cluster=cluster,
        sight=sight,
        argocd=argocd,
        probes=(
            *_cluster_probes(settings, connection, sight),
            *(_argocd_probes(argocd) if argocd else ()),
            *(_istiod_probes(settings, view) if view else ()),
            *probes,
        ),
    )


def _fenced(
    settings: Settings,
    mesh: KubernetesMesh,
    covering: Covering,
    argocd: ArgoCd | None,
    repository: GitRepository,
) -> Mesh:
    if argocd is None:
        return mesh

    async def in_git(key: ServiceKey) -> bool:
        return await repository.read(path_of(key, settings.git_prefix)) is not None

    return FencedMesh(mesh, covering, argocd, in_git, Patience())


def _argocd(settings: Settings, connection: Connection) -> ArgoCd | None:
    if settings.argocd_application is None:
        return None
    return ArgoCd(connection, application_name(settings.argocd_application), SystemClock())


def _istiod(settings: Settings) -> IstiodView | None:
    if not settings.istiod:
        return None
    return IstiodView(settings.istiod, token=settings.istiod_token_file)


@asynccontextmanager
async def _measured(settings: Settings) -> AsyncIterator[tuple[MetricSource, tuple[Probe, ...]]]:
    if settings.prometheus_url is None:
        yield Unmeasured(), ()
        return
    api = PrometheusApi(
        settings.prometheus_url.get_secret_value(), token_file=settings.prometheus_token_file
    )
    metrics = PrometheusMetrics(api, DIALECTS[settings.prometheus_metrics], SystemClock())
    async with aclosing(metrics):
        yield metrics, (Probe("prometheus", metrics.health, api.address),)


def _cluster_probes(settings: Settings, connection: Connection, sight: Sight) -> tuple[Probe, ...]:
    async def ask() -> str:
        if (trouble := sight.trouble) is not None:
            raise UnavailableError(trouble)
        return sight.health

    async def context() -> str:
        return f"context {settings.kube_context or 'as it says'}"

    return (
        Probe("kubeconfig", context, settings.kubeconfig),
        Probe("kubernetes", ask, connection.address),
    )


def _argocd_probes(argocd: ArgoCd) -> tuple[Probe, ...]:
    async def ask() -> str:
        _ = argocd.application  # UnavailableError until it was heard
        if argocd.trouble is not None or argocd.unanswered:
            raise UnavailableError(argocd.health)
        return argocd.health

    return (Probe("argocd", ask, str(argocd.name)),)


def _istiod_probes(settings: Settings, view: IstiodView) -> tuple[Probe, ...]:
    return (Probe("istiod", view.health, ", ".join(settings.istiod)),)
