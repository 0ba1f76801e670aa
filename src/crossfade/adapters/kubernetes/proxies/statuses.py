"""What istiod has sent each connected proxy, and what the proxy has acknowledged of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crossfade.domain.intent import MESH_GATEWAY, Intent

SIDECAR: Final = "sidecar"
ROUTER: Final = "router"
WAYPOINT: Final = "waypoint"

_TYPES: Final = {
    "cluster": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    "listener": "type.googleapis.com/envoy.config.listener.v3.Listener",
    "route": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
}
_UNIQUE_PART: Final = 36  # a UUID ends every nonce
NONE: Final = -1  # before every push

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delivered:
    """The last answer of one kind: the nonces it was sent and acknowledged under."""

    sent: str = ""
    acknowledged: str = ""
    refusal: str = ""

    @property
    def push(self) -> int:
        """The push that it was sent in."""
        return _push_of_nonce(self.sent)

    @property
    def settled(self) -> bool:
        """Whether nothing sent is still unanswered, or was refused."""
        return self.sent == self.acknowledged

    def acknowledges(self, push: int) -> bool:
        """Whether what was acknowledged is as new as a push."""
        return _push_of_nonce(self.acknowledged) >= push


@dataclass(frozen=True, slots=True)
class Proxy:
    """One connected proxy."""

    id: str
    kind: str
    clusters: Delivered
    listeners: Delivered
    routes: Delivered

    @property
    def settled(self) -> bool:
        """Whether it has answered all that it was sent."""
        return self.clusters.settled and self.routes.settled

    @property
    def arriving(self) -> bool:
        """Whether it is still getting its first configuration, so that its routes may come yet."""
        return not self.routes.sent and bool(self.clusters.sent) and not self.listeners.settled

    @property
    def refusal(self) -> str:
        """Why it refused what it was sent; empty where it did not."""
        return self.routes.refusal or self.clusters.refusal

    def acknowledges(self, push: int) -> bool:
        """Whether it holds all that istiod knew for it at a push.

        One connection's answers leave istiod in order, clusters before routes: where routes of
        that push are there, its clusters were sent, so they are there as soon as none is open.
        """
        held = self.clusters.settled or self.clusters.acknowledges(push)
        return held and self.routes.acknowledges(push)


@dataclass(frozen=True, slots=True)
class Roll:
    """All proxies of one istiod at one moment: those that may carry a rule's routes, named."""

    at: float
    proxies: tuple[Proxy, ...]
    names: tuple[str, ...]  # of all
    newest: int  # the newest push that any proxy was sent something of
    sent: int  # changes whenever anything is sent to anybody

    def tells_apart(self, proxy: Proxy) -> bool:
        """Whether istiod would find this very proxy: it takes any connection whose name holds
        what it is asked for, and connections are named after proxies."""
        return sum(f"{proxy.id}-" in f"{name}-" for name in self.names) == 1


def roll(statuses: Sequence[Json], intent: Intent, at: float) -> Roll:
    """The roll in istiod's statuses; ValueError where they cannot be read."""
    everybody = [_proxy(status) for status in statuses]
    kinds = _kinds(intent)
    named = (proxy for proxy in everybody if proxy.kind in kinds)
    pushes = (max(proxy.clusters.push, proxy.routes.push) for proxy in everybody)
    return Roll(
        at=at,
        proxies=tuple(proxy for proxy in named if proxy.routes.sent or proxy.arriving),
        names=tuple(proxy.id for proxy in everybody),
        newest=max(pushes, default=NONE),
        sent=hash(frozenset(_sent(everybody))),
    )


def push_number(version: str) -> int:
    """The number of a push, by which one istiod counts; ValueError for anything else."""
    return int(version.rpartition("/")[2])


def _kinds(intent: Intent) -> frozenset[str]:
    """The kinds of proxies that read a rule's gateways; an old istiod names no kind."""
    inside = {SIDECAR, WAYPOINT} if MESH_GATEWAY in intent.gateways else set()
    outside = {ROUTER} if set(intent.gateways) - {MESH_GATEWAY} else set()
    return frozenset({"", *inside, *outside})


def _sent(proxies: Iterable[Proxy]) -> Iterable[tuple[str, ...]]:
    return ((it.id, it.clusters.sent, it.listeners.sent, it.routes.sent) for it in proxies)


def _proxy(status: Json) -> Proxy:
    clusters, listeners, routes = (_delivered(status, kind) for kind in _TYPES)
    kind = status.get("proxy_type", "")
    # A waypoint gets its routes inside its listeners.
    carried = listeners if kind == WAYPOINT else routes
    return Proxy(str(status["proxy"]), kind, clusters, listeners, carried)


def _delivered(status: Json, kind: str) -> Delivered:
    """One kind's nonces, preferably from where they are read at one moment."""
    together = status.get("resources", {}).get(_TYPES[kind])
    if together is None:
        return Delivered(status.get(f"{kind}_sent", ""), status.get(f"{kind}_acked", ""))
    return Delivered(
        together.get("sent", ""), together.get("acked", ""), together.get("lastError", "")
    )


def _push_of_nonce(nonce: str) -> int:
    return push_number(nonce[:-_UNIQUE_PART]) if nonce else NONE
