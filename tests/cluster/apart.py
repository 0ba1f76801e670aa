"""A control plane apart from the cluster of all tests: it may be killed, hung and changed."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import crds, namespaces
from tests.cluster.api import Api
from tests.cluster.background import Background
from tests.cluster.control_plane import ControlPlane
from tests.cluster.rig import CRDS, Programs
from tests.cluster.weather import Weather

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.kubernetes.connection import Connection, connected
from crossfade.adapters.kubernetes.sight import Sight

CLUSTER = "test"


@dataclass(frozen=True, slots=True)
class Apart:
    """An API server of our own, weather before it, and a way through that to it."""

    plane: ControlPlane
    background: Background
    programs: Programs
    api: Api
    namespace: str
    weather: Weather
    connection: Connection

    async def kill(self) -> None:
        """End the API server at once."""
        await self.background.do(self.plane.kill_api())

    async def restart(self) -> None:
        """The API server again, at the same address."""
        await self.background.do(self.plane.start_api())
        await self.define_kinds()  # ready, it may not serve them yet

    def hang(self) -> None:
        """Let the API server answer nothing, without refusing anything."""
        self.plane.signal_api(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on where it was."""
        self.plane.signal_api(signal.SIGCONT)

    async def define_kinds(self) -> None:
        """Make Istio's kinds known, as they were."""
        await crds.install(self.api, self.programs[CRDS])

    @asynccontextmanager
    async def sight(self, *, silence_s: float = 90.0) -> AsyncIterator[Sight]:
        """Sight of our namespace, through the weather, from when it is whole."""
        sight = Sight(
            self.connection, [self.namespace], CLUSTER, SystemClock(), silence_s=silence_s
        )
        async with kept(sight):
            assert await sight.until(lambda: sight.synced, 20), sight.health
            yield sight


@asynccontextmanager
async def kept(sight: Sight) -> AsyncIterator[None]:
    """Let it follow the API server within the block."""
    keeping = asyncio.create_task(sight.keep())
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def started(folder: Path, programs: Programs) -> ControlPlane:
    """A control plane that knows Istio's kinds."""
    plane = await ControlPlane.start(folder, programs)
    async with Api.opened(plane.kubeconfig) as api:
        await crds.install(api, programs[CRDS])
    return plane


@asynccontextmanager
async def standing_before(
    plane: ControlPlane, background: Background, programs: Programs, folder: Path
) -> AsyncIterator[Apart]:
    """Fair weather before the control plane, a new namespace in it, and a way there."""
    async with (
        Api.opened(plane.kubeconfig) as api,
        namespaces.fresh(api) as namespace,
        Weather.before(plane.kubeconfig, folder) as weather,
        connected(str(weather.kubeconfig)) as connection,
    ):
        yield Apart(plane, background, programs, api, namespace, weather, connection)
