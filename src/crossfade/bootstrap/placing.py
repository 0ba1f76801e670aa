"""Tells the mesh where the versions of local services listen, as soon as that changes."""

from crossfade.adapters.db.database import Database
from crossfade.adapters.envoy.mesh import EmbeddedMesh
from crossfade.application.work import Event
from crossfade.domain.errors import DatabaseUnavailableError
from crossfade.domain.names import ServiceKey


class Placing:
    """Remembers which services have moved until the next look at them."""

    def __init__(self, database: Database, mesh: EmbeddedMesh, cluster: str) -> None:
        self._database = database
        self._mesh = mesh
        self._cluster = cluster
        self._moved: set[str] = set()
        self._lost_track = False

    def heard(self, event: Event) -> bool:
        """Take in an event; whether it means that services may have moved."""
        if event.type == "local":
            self._moved.add(event.id)
        elif event.type == "gap":
            self._lost_track = True
        return event.type in ("local", "gap")

    async def look(self) -> None:
        """One pass of a loop: those that have moved; all, where none is named or track was lost."""
        moved, self._moved = self._moved, set()
        everything, self._lost_track = self._lost_track or not moved, False
        try:
            await (self._place_all() if everything else self._place(moved))
        except DatabaseUnavailableError:
            self._lost_track = True
            raise

    async def _place_all(self) -> None:
        async with self._database.work() as work:
            self._mesh.place(await work.local_services.all())

    async def _place(self, services: set[str]) -> None:
        async with self._database.work() as work:
            for service in services:
                namespace, _, name = service.partition("/")
                found = await work.local_services.get(ServiceKey(self._cluster, namespace, name))
                self._mesh.place([] if found is None else [found])
