"""What Envoy is given, piece by piece: clusters, route configurations, and the hosts' scopes."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of resources, by the type that Envoy calls them."""

    CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    SCOPE = "type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration"
    ROUTE = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"


@dataclass(frozen=True, slots=True)
class Name:
    """Which resource is meant."""

    kind: Kind
    text: str

    def __str__(self) -> str:
        return f"{_WORDS[self.kind]} {self.text}"


_WORDS = {Kind.CLUSTER: "cluster", Kind.SCOPE: "host", Kind.ROUTE: "route"}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as Envoy gets it. A changed body always comes with a changed version."""

    name: Name
    version: str
    body: bytes
