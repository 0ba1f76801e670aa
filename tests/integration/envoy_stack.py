"""A real Envoy with real backends behind it, for as long as a test lasts."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.fakes.clock import NOON
from tests.integration.envoy_traffic import Backend, Caller

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.binary import envoy_binary
from crossfade.adapters.envoy.bootstrap import Entrance
from crossfade.adapters.envoy.mesh import EmbeddedMesh
from crossfade.adapters.envoy.metrics import EnvoyMetrics
from crossfade.adapters.envoy.proxy import Places, Proxy
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.folders import runtime_folder
from crossfade.application.processes import ChildProcess
from crossfade.domain.addresses import LocalService
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision
from crossfade.manifests.render import RENDERER, documents

SHOP = ServiceKey("local", "default", "shop")
HOST = "shop.default"
HAPPENS_WITHIN_S = 10.0
OTHER_RENDERER = 0  # its documents are taken as they were recorded


@dataclass
class Stack:
    """The parts of a running mesh."""

    mesh: EmbeddedMesh
    admin: Admin
    metrics: EnvoyMetrics
    proxy: Proxy
    places: Places
    child: ChildProcess
    backends: dict[str, Backend]
    caller: Caller

    async def deploy(self, revision: Revision) -> str:
        """Apply the revision and wait for its proof."""
        await self.mesh.apply(revision)
        return await self.mesh.effective(revision)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def placed(backends: dict[str, Backend], key: ServiceKey = SHOP) -> LocalService:
    """The backends as the versions of a local service."""
    return LocalService(key, tuple((name, (one.address,)) for name, one in backends.items()))


def picture(intent: Intent, generation: int) -> Revision:
    """The revision of an intent, with its real documents."""
    return Revision(
        rule_id="a-rule",
        generation=generation,
        intent=intent,
        renderer=RENDERER,
        documents=documents(intent, generation),
        author="alice",
        created_at=NOON,
    )


def split(generation: int, **weights: int) -> Revision:
    """A revision of the shop that divides its traffic so, in hundredths of a percent."""
    versions = tuple(Version(name, weight) for name, weight in weights.items())
    return picture(Intent(SHOP, versions), generation)


def doctored(revision: Revision, text: str, other: str) -> Revision:
    """The revision, recorded by another renderer with other text in its documents."""
    recorded = tuple(
        replace(document, content=document.content.replace(text, other))
        for document in revision.documents
    )
    return replace(revision, documents=recorded, renderer=OTHER_RENDERER)


async def until(
    true: Callable[[], bool | Awaitable[bool]], within_s: float = HAPPENS_WITHIN_S
) -> None:
    """Return as soon as something is true; TimeoutError where it does not become so."""
    async with asyncio.timeout(within_s):
        while True:
            answer = true()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(folder: Path, patience_s: float = 5.0) -> AsyncIterator[Stack]:
    """A mesh that serves an Envoy with three backends of the shop, v1 to v3."""
    sockets = runtime_folder(folder)
    places = Places(sockets, folder)
    backends = {name: Backend(name) for name in ("v1", "v2", "v3")}
    async with contextlib.AsyncExitStack() as exits:
        exits.callback(shutil.rmtree, sockets)
        for backend in backends.values():
            await exits.enter_async_context(backend.serving())

        async def endpoints(key: ServiceKey) -> LocalService | None:
            return placed(backends) if key == SHOP else None

        admin = Admin(places.admin)
        mesh = EmbeddedMesh(admin, endpoints, patience_s=patience_s)
        await mesh.start(places.ads)
        exits.push_async_callback(mesh.stop)
        children = await exits.enter_async_context(Children(folder / "run"))
        entrance = Entrance(port=free_port())
        proxy = Proxy(envoy_binary(), places, entrance, children)
        child = await proxy.start()
        await proxy.ready(child)
        metrics = EnvoyMetrics(admin, SystemClock())
        caller = Caller(entrance.port)
        yield Stack(mesh, admin, metrics, proxy, places, child, backends, caller)
