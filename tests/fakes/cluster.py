"""A cluster in memory, as it is heard: tests start pods, claim hosts and put things in the way."""

from collections.abc import Mapping

from crossfade.domain.around import (
    Around,
    Backing,
    Claim,
    DiscoveredService,
    DiscoveredVersion,
    Obstacle,
)
from crossfade.domain.errors import UnavailableError
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey

Labels = tuple[tuple[str, str], ...]


class FakeCluster:
    """Services whose pods carry a version label; at first there are none."""

    def __init__(self) -> None:
        self._pods: dict[ServiceKey, dict[Labels, Backing]] = {}
        self._claims: list[Claim] = []
        self._obstacles: dict[ServiceKey, list[Obstacle]] = {}
        self._touched: set[ServiceKey] = set()
        self._deaf: str | None = None
        self._prunes: str | None = None

    def around(self, intent: Intent) -> Around:
        """What stands around a rule."""
        self._need_ears()
        pods = self._pods.get(intent.key, {})
        hosts = {*intent.hosts, *intent.key.hosts, intent.key.service}
        return Around(
            backing={arm.name: _behind(dict(arm.labels), pods) for arm in intent.versions},
            claims=tuple(
                claim
                for claim in self._claims
                if claim.host in hosts and claim.gateway in intent.gateways
            ),
            obstacles=tuple(self._obstacles.get(intent.key, ())),
        )

    def services(self) -> tuple[DiscoveredService, ...]:
        """Every service, by name."""
        self._need_ears()
        return tuple(_discovered(key, pods) for key, pods in sorted(self._pods.items()))

    def pruned(self, key: ServiceKey) -> str | None:
        """Why a service's objects cannot stay when its rule is released."""
        self._need_ears()
        return self._prunes

    def prune(self, reason: str) -> None:
        """From now on somebody takes away what Git does not hold."""
        self._prunes = reason

    def changed(self) -> frozenset[ServiceKey]:
        """Services whose routing objects changed since this was last asked."""
        changed, self._touched = frozenset(self._touched), set()
        return changed

    def run(self, key: ServiceKey, version: str, *, ready: int, known: int | None = None) -> None:
        """From now on so many pods of a version are there."""
        labels = (("version", version),)
        pods = self._pods.setdefault(key, {})
        pods[labels] = Backing(ready, ready if known is None else known)

    def expose(self, key: ServiceKey) -> None:
        """A service, whatever stands behind it."""
        self._pods.setdefault(key, {})

    def claim(self, host: str, owner: str, gateway: str = "mesh") -> None:
        """Somebody else's object routes a host."""
        self._claims.append(Claim(host, gateway, owner))

    def obstruct(self, key: ServiceKey, obstacle: Obstacle) -> None:
        """Something is in the way of every rule for a service."""
        self._obstacles.setdefault(key, []).append(obstacle)

    def touch(self, key: ServiceKey) -> None:
        """Somebody changes the routing objects of a service."""
        self._touched.add(key)

    def go_deaf(self, cause: str) -> None:
        """Nothing was heard from the cluster yet."""
        self._deaf = cause

    def hear(self) -> None:
        """All of it is heard again."""
        self._deaf = None

    def _need_ears(self) -> None:
        if self._deaf is not None:
            raise UnavailableError(self._deaf)


def _behind(labels: Mapping[str, str], pods: Mapping[Labels, Backing]) -> Backing:
    """The pods that carry all of the labels."""
    chosen = [found for own, found in pods.items() if labels.items() <= dict(own).items()]
    return Backing(sum(one.ready for one in chosen), sum(one.known for one in chosen))


def _discovered(key: ServiceKey, pods: Mapping[Labels, Backing]) -> DiscoveredService:
    versions = (
        DiscoveredVersion(dict(labels)["version"], labels, found)
        for labels, found in sorted(pods.items())
    )
    return DiscoveredService(key, tuple(versions), (80,))
