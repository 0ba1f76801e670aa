"""The Kubernetes mesh before a real API server, with every call of it counted."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.cluster.api import MERGE, Api, Manifest, path_of
from tests.cluster.calls import Call
from tests.cluster.samples import SampleService
from tests.cluster.waiting import until
from tests.cluster.weather import Weather
from tests.fakes.clock import NOON
from tests.fakes.proxies import FakeProxies

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.kubernetes.connection import Connection, connected
from crossfade.adapters.kubernetes.mesh import KubernetesMesh
from crossfade.adapters.kubernetes.objects import DestinationRule, Kind, VirtualService, version
from crossfade.adapters.kubernetes.sight import Sight
from crossfade.adapters.kubernetes.surroundings import KubernetesSurroundings
from crossfade.domain.around import Backing
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind
from crossfade.manifests.render import RENDERER, documents

CLUSTER = "local"
SERVICE = "checkout"
EDITOR = "kubectl-edit"
KINDS = ("DestinationRule", "VirtualService")
WATCHED: tuple[Kind, ...] = (DestinationRule, VirtualService)


@dataclass
class Stand:
    """A mesh, what it watches, the proxy that counts its calls, and a service to divide."""

    api: Api
    weather: Weather
    sight: Sight
    mesh: KubernetesMesh
    proxies: FakeProxies
    service: SampleService
    connection: Connection
    surroundings: KubernetesSurroundings

    @property
    def key(self) -> ServiceKey:
        """The service."""
        return ServiceKey(CLUSTER, self.service.namespace, self.service.name)

    def intent(self, **weights: int) -> Intent:
        """The service divided so, in hundredths of a percent."""
        return Intent(self.key, tuple(Version(name, weight) for name, weight in weights.items()))

    def split(self, generation: int, **weights: int) -> Revision:
        """A revision that divides the service so."""
        return revision_of(self.intent(**weights), generation)

    async def deploy(self, revision: Revision) -> str:
        """Apply the revision and prove it."""
        await self.mesh.apply(revision)
        return await self.mesh.effective(revision)

    def without_proof(self) -> KubernetesMesh:
        """A mesh that nobody tells what the proxies hold."""
        return KubernetesMesh(self.connection, self.sight, self.surroundings)

    async def live(self, kind: str) -> dict[str, Any] | None:
        """An object of the service as the API server holds it."""
        found = await self.api.get(named(kind, self.key))
        return dict(found) if found is not None else None

    async def present(self, kind: str) -> dict[str, Any]:
        """The same, where it must be there."""
        found = await self.live(kind)
        assert found is not None, f"there is no {kind} {self.key}"
        return found

    async def edit(self, kind: str, changes: Manifest) -> None:
        """Change an object as a person with kubectl does."""
        answer = await self.api.client.patch(
            path_of(named(kind, self.key)),
            params={"fieldManager": EDITOR},
            json=dict(changes),
            headers={"Content-Type": MERGE},
        )
        assert answer.is_success, answer.text

    async def versions(self) -> dict[str, str | None]:
        """The state of both objects, as the API server names it."""
        found = {kind: await self.live(kind) for kind in KINDS}
        return {kind: version(one) if one else None for kind, one in found.items()}

    async def in_step(self) -> None:
        """Come back when what is watched is what the API server holds."""

        async def same() -> bool:
            now = await self.versions()
            return all(self._heard(kind) == now[kind.__name__] for kind in WATCHED)

        await until(same)

    async def until_backed(self, intent: Intent, ready: int = 1) -> None:
        """Come back when at least so many endpoints of each version are seen."""

        async def seen() -> bool:
            return all(one.ready >= ready for one in self.backing(intent).values())

        await until(seen)

    async def until_ready(self, name: str, ready: int) -> None:
        """Come back when exactly so many endpoints of a version are seen."""
        intent = self.intent(**{name: 10_000})

        async def seen() -> bool:
            return self.backing(intent)[name].ready == ready

        await until(seen)

    async def until_hindered(self, intent: Intent) -> None:
        """Come back when something of somebody else's is seen that stands in the way."""

        async def seen() -> bool:
            around = self.surroundings.around(intent)
            return bool(around.claims or around.obstacles)

        await until(seen)

    def backing(self, intent: Intent) -> Mapping[str, Backing]:
        """What is seen behind the versions."""
        return self.surroundings.around(intent).backing

    async def serve(self, intent: Intent) -> None:
        """Let the service have ready pods for each version of the intent, and see them."""
        self.service.labels = {arm.name: dict(arm.labels) for arm in intent.versions}
        for arm in intent.versions:
            if arm.name not in self.service.pods:
                await self.service.add(arm.name)
        await self.until_backed(intent)

    @property
    def writes(self) -> list[str]:
        """What was written, in order: the verb and the kind."""
        return [f"{one.verb} {one.resource}" for one in self.weather.writes]

    @property
    def calls(self) -> list[Call]:
        """All calls, watches and what comes before them aside."""
        return [one for one in self.weather.calls if one.verb not in ("watch", "list")]

    def forget_calls(self) -> None:
        """Count from now on."""
        self.weather.calls.clear()

    def _heard(self, kind: Kind) -> str | None:
        found = self.sight.find(kind, self.key.namespace, self.key.service)
        return version(found) if found else None


def named(kind: str, key: ServiceKey) -> Manifest:
    """Enough of a manifest to find the object."""
    metadata = {"name": key.service, "namespace": key.namespace}
    return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata}


def revision_of(intent: Intent, generation: int) -> Revision:
    """The revision of an intent, with its real documents."""
    return Revision(
        rule_id="a-rule",
        generation=generation,
        intent=intent,
        renderer=RENDERER,
        documents=documents(intent, generation, mesh=TargetKind.CLUSTER),
        author="alice",
        created_at=NOON,
    )


def doctored(revision: Revision, text: str, other: str) -> Revision:
    """The revision with other text in its documents."""
    recorded = tuple(
        replace(document, content=document.content.replace(text, other))
        for document in revision.documents
    )
    return replace(revision, documents=recorded)


def picture_of(revision: Revision) -> Picture:
    """What is to be seen of it."""
    return Picture(revision.generation, revision.document(TargetKind.CLUSTER).digest)


@asynccontextmanager
async def standing(
    kubeconfig: Path, api: Api, namespace: str, folder: Path
) -> AsyncIterator[Stand]:
    """A mesh for the checkout of a namespace, whose versions v1 to v3 have two ready pods each."""
    service = SampleService(api, namespace, SERVICE)
    await service.create("v1", "v2", "v3", replicas=2)
    async with another(kubeconfig, service, folder) as stand:
        yield stand


@asynccontextmanager
async def another(kubeconfig: Path, service: SampleService, folder: Path) -> AsyncIterator[Stand]:
    """One more mesh for a service that is there: with eyes, memory and a connection of its own."""
    folder.mkdir(exist_ok=True)
    async with AsyncExitStack() as exits:
        weather = await exits.enter_async_context(Weather.before(kubeconfig, folder))
        connection = await exits.enter_async_context(connected(str(weather.kubeconfig)))
        sight = Sight(connection, [service.namespace], CLUSTER, SystemClock())
        await exits.enter_async_context(_kept(sight))
        proxies = FakeProxies()
        surroundings = KubernetesSurroundings(sight, CLUSTER)
        mesh = KubernetesMesh(connection, sight, surroundings, proxies.proof)
        yield Stand(service.api, weather, sight, mesh, proxies, service, connection, surroundings)


@asynccontextmanager
async def _kept(sight: Sight) -> AsyncIterator[None]:
    keeping = asyncio.create_task(sight.keep())

    async def synced() -> bool:
        return sight.synced

    try:
        await until(synced)
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
