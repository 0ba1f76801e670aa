"""What a proxy is sent or holds, out of the configuration dumps of istiod and of Envoy."""

from collections.abc import Iterator
from typing import Any

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.health_check_pb2 import HealthStatus
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment
from envoy.config.route.v3.route_components_pb2 import Route
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.http.fault.v3 import fault_pb2
from envoy.extensions.retry.host.previous_hosts.v3 import previous_hosts_pb2
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2
from google.protobuf.json_format import ParseDict

ROUTES = "envoy.config.route.v3.RouteConfiguration"
CLUSTERS = "envoy.config.cluster.v3.Cluster"
ENDPOINTS = "envoy.config.endpoint.v3.ClusterLoadAssignment"
# Routes and clusters hold messages of these kinds; whoever reads them must know the kinds.
KNOWN = (fault_pb2, previous_hosts_pb2, http_protocol_options_pb2)


def routes(document: object, host: str) -> list[Route]:
    """The routes for requests to the host, in their order."""
    tables = [ParseDict(one, RouteConfiguration()) for one in _of_kind(document, ROUTES)]
    return [
        route
        for table in tables
        for virtual_host in table.virtual_hosts
        if virtual_host.name.partition(":")[0] == host
        for route in virtual_host.routes
    ]


def clusters(document: object, host: str) -> dict[str, Cluster]:
    """The clusters of the host's versions, by version."""
    found = [ParseDict(one, Cluster()) for one in _of_kind(document, CLUSTERS)]
    names = {one.name: one for one in found if one.name.endswith(f"|{host}")}
    versions = {name.split("|")[2]: one for name, one in names.items()}
    return {version: one for version, one in versions.items() if version}


def endpoints(document: object, host: str) -> dict[str, set[str]]:
    """The addresses that traffic to the host's versions may go to, by version."""
    found = [ParseDict(one, ClusterLoadAssignment()) for one in _of_kind(document, ENDPOINTS)]
    versions = {one.cluster_name.split("|")[2]: one for one in found if _is_of(one, host)}
    return {version: _addresses(one) for version, one in versions.items() if version}


def _is_of(assignment: ClusterLoadAssignment, host: str) -> bool:
    return str(assignment.cluster_name).endswith(f"|{host}")


def _addresses(assignment: ClusterLoadAssignment) -> set[str]:
    return {
        one.endpoint.address.socket_address.address
        for locality in assignment.endpoints
        for one in locality.lb_endpoints
        if one.health_status in (HealthStatus.UNKNOWN, HealthStatus.HEALTHY)
    }


def _of_kind(document: object, kind: str) -> Iterator[dict[str, Any]]:
    """The messages of a kind, without the name of their kind, wherever they stand."""
    match document:
        case {"@type": str(found), **rest} if found.endswith(f"/{kind}"):
            yield {str(name): value for name, value in rest.items()}
        case dict():
            for one in document.values():
                yield from _of_kind(one, kind)
        case list():
            for one in document:
                yield from _of_kind(one, kind)
