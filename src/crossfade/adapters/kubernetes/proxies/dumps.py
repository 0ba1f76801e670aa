"""What istiod's pages about one proxy show of a rule."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from crossfade.adapters.kubernetes.proxies.expectation import Expectation
from crossfade.adapters.kubernetes.proxies.meaning import Json, Routing, bearing, routing
from crossfade.adapters.kubernetes.proxies.statuses import push_number
from crossfade.domain.names import ServiceKey

_VERSION: Final = re.compile(rb'"versionInfo":\s*"([^"]+)"')
_SCOPE_VERSION: Final = re.compile(rb'"version":\s*"([^"]+/[0-9]+)"')


@dataclass(frozen=True, slots=True)
class View:
    """What istiod means to send to one proxy, as of one push."""

    push: int
    domains: frozenset[str] = frozenset()  # under which the rule's routes are found
    difference: str | None = None

    @property
    def carries(self) -> bool:
        """Whether any route of the rule is among it."""
        return bool(self.domains)

    @property
    def shows(self) -> bool:
        """Whether it is what the rule asks for."""
        return self.carries and self.difference is None


@dataclass(frozen=True, slots=True)
class SidecarScope:
    """Which push a proxy's scope is of, and whether the rule's service is in it."""

    push: int
    knows_service: bool


def view_of(dump: bytes, expected: Expectation) -> View:
    """What istiod's dump for a proxy shows of a rule; ValueError where it cannot be read."""
    version = _VERSION.search(dump)
    if version is None:
        raise ValueError("a dump without a version")
    push = push_number(version[1].decode())
    if f'{expected.mark}"'.encode() not in dump:
        return View(push)
    configs = orjson.loads(dump)["configs"]
    hosts = list(_carrying(_in_routes(configs), expected)) or list(
        _carrying(_in_listeners(configs), expected)
    )
    domains = frozenset(domain for host in hosts for domain in host["domains"])
    return View(push, domains, _difference(hosts, configs, expected) if hosts else None)


def scope_of(content: bytes, key: ServiceKey) -> SidecarScope:
    """What the page of a proxy's scope says; ValueError where it cannot be read."""
    version = _SCOPE_VERSION.search(content)
    if version is None:
        raise ValueError("a scope without a version")
    known = f'"{key.service}.{key.namespace}.svc.'.encode() in content
    return SidecarScope(push_number(version[1].decode()), known)


def _carrying(hosts: Iterable[Json], expected: Expectation) -> Iterator[Json]:
    """The virtual hosts that hold routes of the rule."""
    return (host for host in hosts if any(_ours(host, expected)))


def _in_routes(configs: Iterable[Json]) -> Iterator[Json]:
    for config in configs:
        for dynamic in config.get("dynamicRouteConfigs", ()):
            yield from dynamic["routeConfig"].get("virtualHosts", ())


def _in_listeners(configs: Iterable[Json]) -> Iterator[Json]:
    """The virtual hosts of a waypoint, whose listeners hold their routes themselves."""
    for config in configs:
        yield from _inside(config.get("dynamicListeners", []))


def _inside(message: object) -> Iterator[Json]:
    match message:
        case Mapping():
            yield from message.get("virtualHosts", ())
            for value in message.values():
                yield from _inside(value)
        case list():
            for value in message:
                yield from _inside(value)


def _ours(host: Json, expected: Expectation) -> Iterator[Json]:
    """The routes that istiod made of the rule."""
    for route in host.get("routes", ()):
        told = route.get("metadata", {}).get("filterMetadata", {}).get("istio", {})
        if told.get("config", "").endswith(expected.mark):
            yield route


def _difference(hosts: list[Json], configs: Iterable[Json], expected: Expectation) -> str | None:
    """The first thing in which a dump is not what the rule asks for, in words."""

    def version_of(cluster: str) -> str:
        return _subset(cluster, expected.key) or cluster

    for host in hosts:
        found = tuple(
            expected.recognized(routing(route, version_of)) for route in _ours(host, expected)
        )
        if difference := _routing_difference(found, expected.routings):
            return difference
    return _cluster_difference(hosts, configs, expected)


def _subset(cluster: str, key: ServiceKey) -> str | None:
    """The version that a cluster of istiod's is, if it is one of the service's."""
    parts = cluster.split("|")
    if len(parts) != len(("outbound", "port", "subset", "host")):
        return None
    return parts[2] if parts[3].startswith(f"{key.service}.{key.namespace}.") else None


def _routing_difference(found: tuple[Routing, ...], wanted: tuple[Routing, ...]) -> str | None:
    if [one.name for one in found] != [one.name for one in wanted]:
        return f"the routes {', '.join(one.name or '(unnamed)' for one in found)}"
    for here, there in zip(found, wanted, strict=True):
        if here.shares != there.shares:
            return f"route {here.name} with {_shares_text(here)}"
        if here != there:
            return f"route {here.name} with other conditions or policies"
    return None


def _shares_text(one: Routing) -> str:
    return ", ".join(f"{name} {float(100 * share):.4g}%" for name, share in one.shares)


def _cluster_difference(
    hosts: list[Json], configs: Iterable[Json], expected: Expectation
) -> str | None:
    """What is missing or different among the service's clusters."""
    clusters = dict(_clusters(configs, expected.key))
    for name in _named(hosts, expected):
        if name not in clusters:
            return f"no cluster {name}"
    for name, cluster in clusters.items():
        wanted = expected.bearings.get(_subset(name, expected.key) or "")
        if wanted is not None and bearing(cluster) != wanted:
            return f"cluster {name} with other limits or outlier detection"
    return None


def _clusters(configs: Iterable[Json], key: ServiceKey) -> Iterator[tuple[str, Json]]:
    for config in configs:
        for dynamic in config.get("dynamicActiveClusters", ()):
            cluster = dynamic["cluster"]
            if _subset(cluster.get("name", ""), key):
                yield cluster["name"], cluster


def _named(hosts: list[Json], expected: Expectation) -> Iterator[str]:
    """The clusters that the rule's routes send requests to."""
    for host in hosts:
        for route in _ours(host, expected):
            action = route.get("route", {})
            if "cluster" in action:
                yield action["cluster"]
            yield from (
                arm["name"] for arm in action.get("weightedClusters", {}).get("clusters", ())
            )
            yield from (it["cluster"] for it in action.get("requestMirrorPolicies", ()))
