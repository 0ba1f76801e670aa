"""A revision as the resources that Envoy must hold so that it is true."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

# Protobuf finds a message inside another by its type only once its module is loaded.
import envoy.extensions.filters.http.fault.v3.fault_pb2
import envoy.extensions.upstreams.http.v3.http_protocol_options_pb2  # noqa: F401
from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.config.route.v3.scoped_route_pb2 import ScopedRouteConfiguration
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from crossfade.adapters.envoy.catalogue import Bundle
from crossfade.adapters.envoy.resources import Kind, Name, Resource
from crossfade.domain.errors import RefusedError
from crossfade.domain.revision import Revision, TargetKind
from crossfade.manifests.envoy import cluster, cluster_name, route_configuration, scope_keys
from crossfade.manifests.render import RENDERER, clusters_of, route_configuration_of

Addresses = Callable[[str], tuple[str, ...]]  # version → host:port, none where it is unknown

_MESSAGES: Final[Mapping[Kind, type[Message]]] = {
    Kind.CLUSTER: Cluster,
    Kind.SCOPE: ScopedRouteConfiguration,
    Kind.ROUTE: RouteConfiguration,
}


def bundle(revision: Revision, addresses: Addresses) -> Bundle:
    """Everything that Envoy must hold for a revision, with its versions at these addresses."""
    return Bundle(revision, (*_clusters(revision, addresses), *_scopes(revision), _route(revision)))


def route_version(revision: Revision) -> str:
    """The version under which Envoy holds a revision's routes: its generation and its digest."""
    return f"{revision.generation}:{revision.document(TargetKind.ENVOY).digest}"


def generation_of(version: str) -> int | None:
    """The generation in a version of routes."""
    generation = version.partition(":")[0]
    return int(generation) if generation.isdecimal() else None


def _clusters(revision: Revision, addresses: Addresses) -> tuple[Resource, ...]:
    """A cluster for every version, also for those without traffic: so does the document say."""
    names = [version.name for version in revision.intent.versions]
    documents = _cluster_documents(revision, {name: addresses(name) for name in names})
    return tuple(
        _resource(Kind.CLUSTER, cluster_name(revision.key, name), documents[name]) for name in names
    )


def _cluster_documents(
    revision: Revision, placed: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, object]]:
    if _rendered_as_now(revision):
        return {name: cluster(revision.intent, name, placed[name]) for name in placed}
    return clusters_of(revision.document(TargetKind.ENVOY), placed)


def _route_document(revision: Revision) -> dict[str, object]:
    if _rendered_as_now(revision):
        return route_configuration(revision.intent, revision.generation)
    return route_configuration_of(revision.document(TargetKind.ENVOY))


def _rendered_as_now(revision: Revision) -> bool:
    """Whether rendering again gives the kept document: it is ten times faster than reading it."""
    return revision.renderer == RENDERER


def _scopes(revision: Revision) -> tuple[Resource, ...]:
    """One scope a host, named after it: a host that moves to another rule moves in one piece."""
    intent = revision.intent
    return tuple(
        _resource(
            Kind.SCOPE,
            host,
            {
                "name": host,
                "route_configuration_name": str(intent.key),
                "key": {"fragments": [{"string_key": host}]},
            },
        )
        for host in scope_keys(intent.key, intent.hosts)
    )


def _route(revision: Revision) -> Resource:
    routes = _parsed(Kind.ROUTE, _route_document(revision))
    _count_cohorts_by_version(routes)
    name = Name(Kind.ROUTE, str(revision.key))
    return Resource(name, route_version(revision), _bytes(routes))


def _count_cohorts_by_version(routes: RouteConfiguration) -> None:
    """Put the version into the statistics' names: cohorts move from version to version."""
    for host in routes.virtual_hosts:
        for route in host.routes:
            if route.stat_prefix:
                version = route.route.cluster.rpartition("/")[2]
                route.stat_prefix = f"{route.stat_prefix}.{version}"


def _resource(kind: Kind, name: str, document: dict[str, object]) -> Resource:
    body = _bytes(_parsed(kind, document))
    return Resource(Name(kind, name), hashlib.sha256(body).hexdigest()[:16], body)


def _parsed(kind: Kind, document: dict[str, object]) -> Message:
    try:
        return ParseDict(document, _MESSAGES[kind]())
    except ParseError as error:
        raise RefusedError(f"Envoy's {kind.name.lower()} cannot be written: {error}") from error


def _bytes(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)
