"""Hosts that other people's VirtualServices already route where a rule would route them too.

Istio does not merge two VirtualServices of one host: which of them wins is chance to a user.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from crossfade.domain.around import Claim
from crossfade.domain.intent import MESH_GATEWAY, Intent
from crossfade.manifests.hosts import full_name, overlap
from crossfade.manifests.reading import Manifest, text_at, texts_at


@dataclass(frozen=True, slots=True)
class _Place:
    """A host on a gateway: as it is written, and as Istio resolves it."""

    host: str
    resolved: str
    gateway: str


def claims(intent: Intent, others: Iterable[Manifest]) -> tuple[Claim, ...]:
    """Every host of the rule that a VirtualService other than the rule's own routes already."""
    namespace, service = intent.key.namespace, intent.key.service
    hosts = intent.hosts or (service,)
    own = tuple(_places(hosts, intent.gateways, namespace))
    found = (
        Claim(ours.host, ours.gateway, f"VirtualService {_name_of(other)}")
        for other in others
        if _name_of(other) != f"{namespace}/{service}"
        for ours, theirs in product(own, _claimed(other))
        if ours.gateway == theirs.gateway and overlap(ours.resolved, theirs.resolved)
    )
    return tuple(dict.fromkeys(found))


def _claimed(virtual_service: Manifest) -> tuple[_Place, ...]:
    hosts = texts_at(virtual_service, "spec", "hosts")
    # Without hosts it is a part that another one delegates to, and claims nothing itself.
    gateways = texts_at(virtual_service, "spec", "gateways") or (MESH_GATEWAY,)
    return tuple(_places(hosts, gateways, text_at(virtual_service, "metadata", "namespace")))


def _places(hosts: Iterable[str], gateways: Iterable[str], namespace: str) -> Iterator[_Place]:
    for host, gateway in product(hosts, gateways):
        resolved = _gateway(gateway, namespace)
        in_mesh = resolved == MESH_GATEWAY
        yield _Place(host, full_name(host, namespace, in_mesh=in_mesh), resolved)


def _gateway(name: str, namespace: str) -> str:
    """A gateway's namespace and name, read as Istio reads it; the mesh is no object."""
    if name == MESH_GATEWAY:
        return name
    place, slash, short = name.partition("/")
    if slash:
        return f"{namespace if place == '.' else place}/{short}"
    if "." not in name:
        return f"{namespace}/{name}"
    short, place, *_ = name.split(".")  # an old way to write it: gateway.namespace.svc…
    return f"{place}/{short}"


def _name_of(live: Manifest) -> str:
    return f"{text_at(live, 'metadata', 'namespace')}/{text_at(live, 'metadata', 'name')}"
