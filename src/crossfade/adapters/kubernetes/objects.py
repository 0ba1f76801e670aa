"""The kinds of objects that are read and written in a cluster, and what their metadata says."""

from collections.abc import Mapping
from typing import Any

from lightkube.core.resource import api_info
from lightkube.generic_resource import GenericNamespacedResource, create_api_info

Object = Mapping[str, Any]  # as the API server sent it
Kind = type[GenericNamespacedResource]


class VirtualService(GenericNamespacedResource):
    """Where Istio sends the requests of some hosts."""

    _api_info = create_api_info("networking.istio.io", "v1", "VirtualService", "virtualservices")


class DestinationRule(GenericNamespacedResource):
    """Which pods make up each version of a host, and how much they bear."""

    _api_info = create_api_info("networking.istio.io", "v1", "DestinationRule", "destinationrules")


class Application(GenericNamespacedResource):
    """What Argo CD keeps in step with a folder of a Git repository."""

    _api_info = create_api_info("argoproj.io", "v1alpha1", "Application", "applications")


# Lightkube's own classes for these refuse what API servers do send: null in place of a list.
class Service(GenericNamespacedResource):
    """A name for whatever pods answer to it."""

    _api_info = create_api_info("", "v1", "Service", "services")


class EndpointSlice(GenericNamespacedResource):
    """Addresses behind a Service, and whether they are ready."""

    _api_info = create_api_info("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")


class Pod(GenericNamespacedResource):
    """One running copy of a program."""

    _api_info = create_api_info("", "v1", "Pod", "pods")


def plural(kind: Kind) -> str:
    """The kind's name in rights and addresses: virtualservices."""
    return str(api_info(kind).plural)


def path(kind: Kind, namespace: str, name: str | None = None) -> str:
    """Where the kind, or one object of it, lives below the API server's address."""
    resource = api_info(kind).resource
    root = "apis" if resource.group else "api"
    found = f"{root}/{resource.api_version}/namespaces/{namespace}/{plural(kind)}"
    return f"{found}/{name}" if name else found


def title(found: Object) -> str:
    """How a person would look the object up: VirtualService shop/checkout."""
    metadata = _metadata(found)
    return f"{found.get('kind', 'object')} {metadata.get('namespace')}/{name(found)}"


def name(found: Object) -> str:
    """The object's name."""
    return str(_metadata(found).get("name", ""))


def version(found: Object) -> str:
    """The state of the object, as the API server names it: its resourceVersion."""
    return str(_metadata(found).get("resourceVersion", ""))


def labels(found: Object) -> Mapping[str, str]:
    """The object's labels."""
    return _metadata(found).get("labels") or {}


def annotations(found: Object) -> Mapping[str, str]:
    """The object's annotations."""
    return _metadata(found).get("annotations") or {}


def spec(found: Object) -> Object:
    """What is wanted of the object."""
    return found.get("spec") or {}


def being_deleted(found: Object) -> bool:
    """Whether the object is being deleted."""
    return bool(_metadata(found).get("deletionTimestamp"))


def _metadata(found: Object) -> Object:
    return found.get("metadata") or {}


def without_bulk(found: Object) -> Object:
    """The object without what only its writers need, which is most of a Pod."""
    kept = ("name", "namespace", "labels", "resourceVersion", "deletionTimestamp")
    metadata = {key: value for key, value in _metadata(found).items() if key in kept}
    rest = {} if found.get("kind") == "Pod" else found
    return {
        "apiVersion": found.get("apiVersion"),
        "kind": found.get("kind"),
        **rest,
        "metadata": metadata,
    }
