"""What a rule asks of the proxies, in the form in which what they are sent is compared with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from crossfade.adapters.kubernetes.proxies.meaning import (
    Bearing,
    Json,
    Retrying,
    Routing,
    as_json,
    bearing,
    retrying,
    routing,
    until_all_is_caught,
)
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.manifests.envoy import cluster_policy, route_configuration

# What istiod lets a proxy do by itself has grown over its versions; this much is in all of them.
_USUAL: Final = retrying(2, None, "connect-failure,refused-stream,unavailable,cancelled")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What every proxy that carries a rule's routes should hold, in all that a rule can say."""

    key: ServiceKey
    routings: tuple[Routing, ...]
    bearings: Mapping[str, Bearing]  # by version
    usual: Retrying | None  # what the mesh does where a rule says nothing of retries

    @property
    def mark(self) -> str:
        """What istiod writes beside each route that it made of the rule's VirtualService."""
        return f"/namespaces/{self.key.namespace}/virtual-service/{self.key.service}"

    def recognized(self, one: Routing) -> Routing:
        """The route, its retries said in one way where they are the mesh's own."""
        found, usual = one.retries, self.usual
        if found is None or usual is None:
            return one
        alike = (found.attempts, found.per_try_ms) == (usual.attempts, usual.per_try_ms)
        return replace(one, retries=usual) if alike and found.reasons >= usual.reasons else one


def expectation_of(intent: Intent, mesh: Json) -> Expectation:
    """What an intent asks of the proxies in a mesh with these settings.

    It is read from what we would tell an Envoy ourselves: one rule means the same in every mesh.
    """
    ours = as_json(route_configuration(intent, generation=0))
    usual = _usual(mesh.get("defaultHttpRetryPolicy"))
    routings = [routing(route, _version_of_ours) for route in ours["virtualHosts"][0]["routes"]]
    if intent.policies.retries is None:
        routings = [replace(one, retries=usual) for one in routings]
    clusters = {arm.name: as_json(cluster_policy(intent, arm.name)) for arm in intent.versions}
    bearings = {name: bearing(cluster) for name, cluster in clusters.items()}
    expected = Expectation(intent.key, until_all_is_caught(routings), bearings, usual)
    return replace(expected, routings=tuple(map(expected.recognized, expected.routings)))


def _version_of_ours(cluster: str) -> str:
    return cluster.rpartition("/")[2]


def _usual(policy: Json | None) -> Retrying | None:
    """How the mesh repeats requests by itself; None where it was told not to."""
    if policy is None:
        return _USUAL
    if policy.get("attempts", 0) <= 0:
        return None
    stated = retrying(policy["attempts"], policy.get("perTryTimeout"), policy.get("retryOn", ""))
    return stated if stated.reasons else replace(stated, reasons=_USUAL.reasons)
