"""All that is watched in our namespaces, as one picture in memory."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from crossfade.adapters.kubernetes.connection import Connection
from crossfade.adapters.kubernetes.objects import (
    DestinationRule,
    EndpointSlice,
    Kind,
    Object,
    Pod,
    Service,
    VirtualService,
    without_bulk,
)
from crossfade.adapters.kubernetes.watching import SILENCE_S, Scope, Watched, whole
from crossfade.application.ports import Clock
from crossfade.domain.errors import InvalidRuleError, RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey

ROUTING: Final = (VirtualService, DestinationRule)
BACKING: Final = (Service, EndpointSlice, Pod)
KINDS: Final[tuple[Kind, ...]] = (*ROUTING, *BACKING)

Listener = Callable[[Kind], None]


class Sight:
    """The objects of five kinds in the namespaces that we work in. Reading asks nobody."""

    def __init__(
        self,
        connection: Connection,
        namespaces: Sequence[str],
        cluster: str,
        clock: Clock,
        *,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.namespaces = tuple(dict.fromkeys(namespaces))
        self._cluster = cluster
        self._changed: set[ServiceKey] = set()
        self._listeners: list[Listener] = []
        self._next = asyncio.Event()
        self._watched = {
            (kind, namespace): Watched(
                connection,
                Scope(kind, namespace, kept=whole if kind in ROUTING else without_bulk),
                clock,
                self._on_change,
                silence_s=silence_s,
            )
            for namespace in self.namespaces
            for kind in KINDS
        }

    async def keep(self) -> None:
        """Follow the API server until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for watched in self._watched.values():
                tasks.create_task(watched.keep())

    def watched(self, kind: Kind, namespace: str) -> Watched:
        """One kind in one namespace; RefusedError where the namespace is not ours."""
        if found := self._watched.get((kind, namespace)):
            return found
        ours = ", ".join(self.namespaces)
        raise RefusedError(f"Namespace {namespace} is not among those that we work in: {ours}.")

    def objects(self, kind: Kind, namespace: str) -> Mapping[str, Object]:
        """The objects by name, as they were last heard; UnavailableError until they were."""
        watched = self.watched(kind, namespace)
        if not watched.heard:
            raise UnavailableError(str(watched.trouble))
        return watched.objects

    def find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """One object, as it was last heard; UnavailableError until its kind was."""
        return self.objects(kind, namespace).get(name)

    @property
    def synced(self) -> bool:
        """Whether all of it follows the API server now."""
        return self.trouble is None

    @property
    def trouble(self) -> str | None:
        """Why not all of it follows the API server: one cause, and how many there are more."""
        causes = sorted({watched.trouble for watched in self._watched.values() if watched.trouble})
        if not causes:
            return None
        return causes[0] if len(causes) == 1 else f"{causes[0]} ({len(causes) - 1} more like it)"

    @property
    def health(self) -> str:
        """What is watched, or what is missing, in a sentence."""
        count, named = len(self.namespaces), ", ".join(self.namespaces)
        places = f"namespace {named}" if count == 1 else f"{count} namespaces"
        return self.trouble or f"{len(KINDS)} kinds in {places} are watched."

    def changed(self) -> frozenset[ServiceKey]:
        """Services whose VirtualService or DestinationRule changed since this was last asked."""
        changed, self._changed = frozenset(self._changed), set()
        return changed

    def on_change(self, listener: Listener) -> None:
        """Call the listener with the kind, whenever an object or the sight of it changed."""
        self._listeners.append(listener)

    async def until(self, holds: Callable[[], bool], patience_s: float) -> bool:
        """Whether it holds, looked at again with every change, as long as patience lasts."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not holds():
                    await self._next.wait()
        return holds()

    def _on_change(self, scope: Scope, name: str | None) -> None:
        if name is not None and scope.kind in ROUTING:
            with suppress(InvalidRuleError):  # no service can have this name
                self._changed.add(ServiceKey(self._cluster, scope.namespace, name))
        passed, self._next = self._next, asyncio.Event()
        passed.set()
        for listener in self._listeners:
            listener(scope.kind)
