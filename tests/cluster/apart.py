"""A control plane apart from the cluster of all tests: it may be killed, hung and changed."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
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
RBAC = "rbac.authorization.k8s.io"

Rights = Sequence[tuple[str, str]]  # API groups, and resources parted by spaces

READING: Rights = (
    ("", "services pods"),
    ("discovery.k8s.io", "endpointslices"),
    ("networking.istio.io", "virtualservices destinationrules"),
)


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

    async def restart(self, *options: str) -> None:
        """The API server again, at the same address, with these further flags."""
        await self.background.do(self.plane.start_api(options))
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

    async def give(self, rights: Rights, names: Sequence[str] = ()) -> None:
        """Let the account "crossfade" have these rights to read in our namespace, and no others."""
        metadata = {"name": "crossfade", "namespace": self.namespace}
        object_ = {"apiVersion": f"{RBAC}/v1", "metadata": metadata}
        rules = [
            {
                "apiGroups": [group],
                "resources": resources.split(),
                "verbs": ["get", "list", "watch"],
                "resourceNames": list(names),
            }
            for group, resources in rights
        ]
        role = {"apiGroup": RBAC, "kind": "Role", "name": "crossfade"}
        subjects = [{"kind": "ServiceAccount", **metadata}]
        await self.api.apply({**object_, "kind": "Role", "rules": rules})
        await self.api.apply(
            {**object_, "kind": "RoleBinding", "subjects": subjects, "roleRef": role}
        )

    @asynccontextmanager
    async def as_account(self) -> AsyncIterator["Apart"]:
        """The same for the account "crossfade", which has the rights that it was given."""
        user = self.plane.kubeconfig_of_account(self.namespace, "crossfade")
        async with (
            Weather.before(user, self.plane.folder / self.namespace) as weather,
            connected(str(weather.kubeconfig)) as connection,
        ):
            yield replace(self, weather=weather, connection=connection)

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
