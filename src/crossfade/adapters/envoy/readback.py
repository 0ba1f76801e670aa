"""What Envoy really routes a service by, read back from it, in the form of our documents."""

import asyncio
import json
from collections.abc import Mapping
from typing import Final

from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.bundles import generation_of
from crossfade.application.ports import Observed
from crossfade.domain.names import ServiceKey
from crossfade.manifests.canonical import canonical_yaml, picture

PANIC: Final = "healthy_panic_threshold"

Dumped = dict[str, object]


async def read_back(admin: Admin, key: ServiceKey) -> Observed | None:
    """The picture that Envoy holds for a service, digested from what it holds."""
    routes, clusters = await asyncio.gather(
        _dump(admin, "dynamic_route_configs", f"^{key}$"),
        _dump(admin, "dynamic_active_clusters", f"^{key}/.*$"),
    )
    if not routes:
        return None
    document = {
        "generation": generation_of(str(routes[0]["version_info"])),
        "route_configuration": _routes(routes[0]),
        "clusters": dict(_cluster(cluster) for cluster in clusters),
    }
    text = canonical_yaml([document])
    return Observed(picture(text), text)


async def _dump(admin: Admin, resource: str, name: str) -> list[Dumped]:
    """What Envoy has of one kind, by a pattern of names."""
    query = {"resource": resource, "name_regex": name}
    dumped: dict[str, list[Dumped]] = json.loads(await admin.get("/config_dump", query))
    return dumped.get("configs", [])


def _routes(dumped: Dumped) -> Dumped:
    routes = _without(dumped["route_config"], "@type")
    for host in _listed(routes, "virtual_hosts"):
        for route in _listed(host, "routes"):
            if "stat_prefix" in route:
                route["stat_prefix"] = route["name"]  # it was sent with the version after it
    return routes


def _cluster(dumped: Dumped) -> tuple[str, Dumped]:
    cluster = _without(dumped["cluster"], "@type", "load_assignment")
    balancing = cluster.get("common_lb_config")
    if isinstance(balancing, dict) and balancing.get(PANIC) == {}:
        balancing[PANIC] = {"value": 0}  # protobuf leaves out a zero that our documents say
    return str(cluster["name"]).rpartition("/")[2], cluster


def _without(message: object, *names: str) -> Dumped:
    if not isinstance(message, Mapping):
        raise TypeError(f"expected a message in Envoy's dump, found {message!r}")
    return {name: value for name, value in message.items() if name not in names}


def _listed(message: Dumped, name: str) -> list[Dumped]:
    found = message.get(name, [])
    return found if isinstance(found, list) else []
