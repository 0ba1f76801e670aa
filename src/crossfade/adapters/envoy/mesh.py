"""The embedded mesh: rules become true in the Envoy of this machine, and are proven there."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.ads import AdsServer
from crossfade.adapters.envoy.bundles import bundle
from crossfade.adapters.envoy.catalogue import Bundle, Catalogue
from crossfade.adapters.envoy.readback import read_back
from crossfade.adapters.envoy.resources import Kind, Name
from crossfade.adapters.envoy.stream import Answer, Refusal
from crossfade.application.ports import Observed
from crossfade.domain.addresses import LocalService
from crossfade.domain.errors import OutrunError, RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision

log = structlog.get_logger()

PATIENCE_S = 5.0
NOT_CONNECTED = "Envoy is not connected."

Endpoints = Callable[[ServiceKey], Awaitable[LocalService | None]]


@dataclass(frozen=True, slots=True)
class _Refused:
    generation: int
    reason: str


class EmbeddedMesh:
    """Divides traffic in the local Envoy. Only the process that serves Envoy may write."""

    def __init__(
        self, admin: Admin, endpoints: Endpoints, *, patience_s: float = PATIENCE_S
    ) -> None:
        self._admin = admin
        self._endpoints = endpoints
        self._patience_s = patience_s
        self._services: dict[ServiceKey, LocalService] = {}
        self._highest: dict[ServiceKey, int] = {}
        self._refusals: dict[ServiceKey, _Refused] = {}
        self._leaving: dict[ServiceKey, frozenset[Name]] = {}
        self._catalogue = Catalogue()
        self._ads = AdsServer(self._catalogue.resources, self._on_answer)

    @property
    def held(self) -> bool:
        """Whether this process may write to the mesh now: it serves Envoy."""
        return self._ads.serving

    @property
    def connected(self) -> int:
        """How many Envoys are connected now."""
        return len(self._ads.streams)

    def load(self, revisions: Iterable[Revision], services: Iterable[LocalService]) -> None:
        """Know what was true before, and nothing else, so that an Envoy which connects gets it."""
        for known in self._catalogue:
            self._catalogue.drop(known.key)
        self._leaving.clear()
        self._refusals.clear()
        self.place(services)
        for revision in revisions:
            self._load(revision)

    async def start(self, socket: Path) -> None:
        """Let Envoys connect."""
        await self._ads.start(socket)

    async def stop(self) -> None:
        """Let go of Envoy; it keeps routing by what it holds."""
        await self._ads.stop()

    def place(self, services: Iterable[LocalService]) -> None:
        """From now on the versions of these services listen at these addresses."""
        for service in services:
            if self._services.get(service.key) != service:
                self._services[service.key] = service
                self._ads.touch(self._catalogue.rebuild(service.key, self._bundle))

    async def observe(self, key: ServiceKey) -> Observed | None:
        """What Envoy routes a service by now, read back from it."""
        return await read_back(self._admin, key)

    async def apply(self, revision: Revision) -> None:
        """Give the revision to Envoy; what it holds already stays untouched."""
        key = revision.key
        self._stop_outrun(key, revision.generation)
        await self._ensure_addresses(revision)
        self._stop_outrun(key, revision.generation)  # somebody may have been faster meanwhile
        held = self._catalogue.get(key)
        if held is not None and held.generation == revision.generation:
            return
        touched = self._catalogue.put(self._bundle(revision))
        self._highest[key] = revision.generation
        self._refusals.pop(key, None)
        self._ads.touch(touched)

    async def effective(self, revision: Revision) -> str:
        """Proof in words that every connected Envoy has taken the revision, once they have."""
        return await self._in_time(lambda: self._proof(revision))

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Take the service's routes away from Envoy; proof in words."""
        if not remove:
            raise RefusedError(f"The local Envoy cannot go on routing {key} without its rule.")
        self._stop_outrun(key, generation)
        self._highest[key] = generation
        self._refusals.pop(key, None)
        left = self._catalogue.drop(key) | {Name(Kind.ROUTE, str(key))}
        self._leaving[key] = self._leaving.get(key, frozenset()) | left
        self._ads.touch(left)
        return await self._in_time(lambda: self._absence(key))

    def _load(self, revision: Revision) -> None:
        self._highest[revision.key] = revision.generation
        try:
            self._catalogue.put(self._bundle(revision))
        except RefusedError as error:
            self._note_refusal(revision, str(error))
        else:
            self._catalogue.take(revision.key)

    def _bundle(self, revision: Revision) -> Bundle:
        service = self._services.get(revision.key)
        return bundle(revision, service.addresses if service else _nowhere)

    async def _ensure_addresses(self, revision: Revision) -> None:
        if self._unplaced(revision) and (service := await self._endpoints(revision.key)):
            self.place([service])
        if unplaced := self._unplaced(revision):
            raise RefusedError(_how_to_place(revision.key, unplaced))

    def _unplaced(self, revision: Revision) -> tuple[str, ...]:
        service = self._services.get(revision.key)
        receivers = revision.intent.receivers
        return tuple(name for name in receivers if not (service and service.addresses(name)))

    def _stop_outrun(self, key: ServiceKey, generation: int) -> None:
        if (highest := self._highest.get(key, 0)) > generation:
            raise OutrunError(highest)

    async def _in_time(self, look: Callable[[], str | None]) -> str:
        try:
            async with asyncio.timeout(self._patience_s):
                while (proof := look()) is None:
                    await self._ads.change()
                return proof
        except TimeoutError:
            raise UnavailableError(f"Envoy did not answer within {self._patience_s:g} s.") from None

    def _proof(self, revision: Revision) -> str | None:
        key, generation = revision.key, revision.generation
        self._stop_outrun(key, generation)
        self._need_connection()
        refused = self._refusals.get(key)
        if refused and refused.generation == generation:
            raise RefusedError(refused.reason)
        held = self._catalogue.get(key)
        if held is None or held.generation < generation:
            raise UnavailableError(f"Revision {generation} of {key} is not applied yet.")
        if not self._taken(held):
            return None
        return f"{self._everyone()} acknowledged generation {generation}"

    def _absence(self, key: ServiceKey) -> str | None:
        self._need_connection()
        left = self._leaving.get(key, frozenset())
        # A host may have gone over to another rule, which is no reason to wait for it.
        if not self._ads.unknown(name for name in left if self._catalogue.owner(name) is None):
            return None
        self._leaving.pop(key, None)
        return f"{self._everyone()} acknowledged that {key} is gone"

    def _need_connection(self) -> None:
        if not self.connected:
            raise UnavailableError(NOT_CONNECTED)

    def _everyone(self) -> str:
        return f"{self.connected} of {self.connected} proxies"

    def _taken(self, held: Bundle) -> bool:
        return all(self._ads.holders(part) == self.connected for part in held.resources)

    def _on_answer(self, answer: Answer) -> None:
        for key in {self._catalogue.owner(name) for name in answer.taken}:
            held = self._catalogue.get(key) if key else None
            if held is not None and self._taken(held):
                self._catalogue.take(held.key)
                self._refusals.pop(held.key, None)
        for refusal in answer.refused:
            self._on_refusal(refusal)

    def _on_refusal(self, refusal: Refusal) -> None:
        key = self._catalogue.owner(refusal.resource.name)
        held = self._catalogue.get(key) if key else None
        if held is None or refusal.resource not in held.resources:
            return  # it was about something older than what is desired now
        reason = f"Envoy refused the {refusal.resource.name}: {refusal.reason}"
        self._note_refusal(held.revision, reason)
        self._ads.touch(self._catalogue.revert(held.key))

    def _note_refusal(self, revision: Revision, reason: str) -> None:
        self._refusals[revision.key] = _Refused(revision.generation, reason)
        service, generation = str(revision.key), revision.generation
        log.warning("envoy_refused", service=service, generation=generation, reason=reason)


def _nowhere(_version: str) -> tuple[str, ...]:
    return ()


def _how_to_place(key: ServiceKey, versions: tuple[str, ...]) -> str:
    options = " ".join(f"--version {version}=127.0.0.1:PORT" for version in versions)
    return (
        f"No address is known for {', '.join(versions)} of {key}. "
        f"Tell it with: crossfade local add {key} {options}"
    )
