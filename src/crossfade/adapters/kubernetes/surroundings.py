"""What stands around a rule in its cluster, from what is watched there."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from crossfade.adapters.kubernetes.discovery import (
    API_SERVER,
    Endpoint,
    backing,
    discovered,
    endpoints,
)
from crossfade.adapters.kubernetes.fencing import foreign
from crossfade.adapters.kubernetes.objects import (
    DestinationRule,
    EndpointSlice,
    Kind,
    Object,
    Pod,
    Service,
    VirtualService,
)
from crossfade.adapters.kubernetes.sight import ROUTING, Sight
from crossfade.domain.around import Around, DiscoveredService, Obstacle
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.manifests.claims import claims
from crossfade.manifests.rivals import rivals

NOT_OURS: Final = "object-not-ours"
NOT_WATCHED: Final = "namespace-not-watched"

Obstacles = Callable[[Intent], Iterable[Obstacle]]
Pruned = Callable[[ServiceKey], str | None]


def _none(_: Intent) -> Iterable[Obstacle]:
    return ()


def _by_nobody(_: ServiceKey) -> None:
    return None


class KubernetesSurroundings:
    """The cluster that we watch. Nothing here asks over the network."""

    def __init__(
        self, sight: Sight, cluster: str, more: Obstacles = _none, pruned: Pruned = _by_nobody
    ) -> None:
        self._sight = sight
        self._cluster = cluster
        self._more = more
        self._pruned = pruned

    def around(self, intent: Intent) -> Around:
        """What stands around a rule; UnavailableError until all of it was heard once."""
        namespace = intent.key.namespace
        if namespace not in self._sight.namespaces:
            return Around(obstacles=(_not_watched(namespace, self._sight.namespaces),))
        behind = self._behind(namespace, intent.key.service)
        return Around(
            backing={arm.name: backing(behind, arm.labels) for arm in intent.versions},
            claims=claims(intent, self._all(VirtualService)),
            obstacles=(
                *self._foreign(intent.key),
                *rivals(intent, self._all(DestinationRule)),
                *self._more(intent),
            ),
        )

    def services(self) -> Sequence[DiscoveredService]:
        """Every service in our namespaces, by name; UnavailableError until all were heard."""
        return tuple(
            discovered(
                ServiceKey(self._cluster, namespace, name), service, self._behind(namespace, name)
            )
            for namespace in sorted(self._sight.namespaces)
            for name, service in sorted(self._sight.objects(Service, namespace).items())
            if (namespace, name) != API_SERVER
        )

    def pruned(self, key: ServiceKey) -> str | None:
        """Why a service's objects cannot stay when its rule is released; None where they can."""
        return self._pruned(key)

    def changed(self) -> frozenset[ServiceKey]:
        """Services whose routing objects changed since this was last asked."""
        return self._sight.changed()

    def _all(self, kind: Kind) -> Iterator[Object]:
        for namespace in self._sight.namespaces:
            yield from self._sight.objects(kind, namespace).values()

    def _behind(self, namespace: str, service: str) -> tuple[Endpoint, ...]:
        slices = self._sight.objects(EndpointSlice, namespace).values()
        return endpoints(service, slices, self._sight.objects(Pod, namespace))

    def _foreign(self, key: ServiceKey) -> Iterator[Obstacle]:
        for kind in ROUTING:
            found = self._sight.find(kind, key.namespace, key.service)
            if found is not None and (reason := foreign(found)):
                yield Obstacle(NOT_OURS, reason)


def _not_watched(namespace: str, watched: Iterable[str]) -> Obstacle:
    names = ", ".join(watched)
    return Obstacle(
        NOT_WATCHED,
        f"Crossfade does not work in namespace {namespace}, only in {names}.",
        "/namespace",
    )
