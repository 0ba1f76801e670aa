"""The local Envoy, for as long as this process is the one that serves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crossfade.adapters.db.database import Database
from crossfade.adapters.envoy.mesh import EmbeddedMesh
from crossfade.adapters.envoy.proxy import Places, Proxy
from crossfade.adapters.processes.healing import kept_running
from crossfade.application.processes import StartError
from crossfade.domain.errors import UnavailableError
from crossfade.domain.revision import TargetKind
from crossfade.domain.target import Presence

LEASE = "envoy"


class EnvoyKeeper:
    """Feeds Envoy from the database, and starts it again whenever it dies."""

    def __init__(
        self, database: Database, mesh: EmbeddedMesh, proxy: Proxy, places: Places, holder: str
    ) -> None:
        self._database = database
        self._mesh = mesh
        self._proxy = proxy
        self._places = places
        self._holder = holder

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Envoy, routing by what was confirmed before; UnavailableError where it cannot start."""
        await self._load()
        await self._mesh.start(self._places.ads)
        try:
            child = await self._proxy.start()
            async with kept_running(child, self._proxy.start):
                await self._proxy.ready(child)
                yield
        except StartError as error:
            raise UnavailableError(str(error)) from error
        finally:
            await self._mesh.stop()

    async def health(self) -> str:
        """How Envoy is, in words; UnavailableError where it does not answer."""
        if not self._mesh.held:
            return await self._elsewhere()
        await self._proxy.ask()
        return f"Envoy answers, {self._mesh.connected} connected"

    async def _elsewhere(self) -> str:
        async with self._database.work() as work:
            holder = await work.leases.holder(LEASE)
        if holder is None or holder == self._holder:
            raise UnavailableError("Nobody serves Envoy yet.")
        return f"Envoy is served by {holder}"

    async def _load(self) -> None:
        async with self._database.work() as work:
            confirmed = await work.targets.confirmed(TargetKind.ENVOY)
            services = await work.local_services.all()
        present = (pair for pair in confirmed if pair[0].presence is Presence.PRESENT)
        self._mesh.load((revision for _, revision in present), services)
