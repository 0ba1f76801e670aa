"""istiod's pages, made of our own documents."""

import json
from typing import Any

from crossfade.adapters.kubernetes.proxies.meaning import as_json
from crossfade.adapters.kubernetes.proxies.statuses import SIDECAR
from crossfade.domain.intent import Intent
from crossfade.manifests.envoy import cluster_policy, route_configuration

UUID = "899675ad-57b1-4a5a-9f64-c11757cc2233"
HOST = "checkout.shop.svc.cluster.local"
OWNER = "/apis/networking.istio.io/v1/namespaces/shop/virtual-service/checkout"
ENVOY = "type.googleapis.com/envoy.config"
TYPES = {
    "clusters": f"{ENVOY}.cluster.v3.Cluster",
    "listeners": f"{ENVOY}.listener.v3.Listener",
    "routes": f"{ENVOY}.route.v3.RouteConfiguration",
}


def version(push: int) -> str:
    return f"2026-11-24T10:04:28Z/{push}"


def nonce(push: int) -> str:
    return version(push) + UUID if push >= 0 else ""


def status(name: str, kind: str = SIDECAR, **pushes: tuple[int, int]) -> dict[str, Any]:
    """What one proxy was sent and has acknowledged, by kind, as pushes; -1 for nothing."""
    answers = {
        TYPES[part]: {"sent": nonce(sent), "acked": nonce(acked)}
        for part, (sent, acked) in pushes.items()
    }
    return {"proxy": name, "proxy_type": kind, "resources": answers}


def dump(intent: Intent, push: int, *, in_listeners: bool = False) -> bytes:
    """What a proxy that carries the intent's routes would be sent."""
    ours = as_json(route_configuration(intent, generation=1))
    for route in ours["virtualHosts"][0]["routes"]:
        route["metadata"] = {"filterMetadata": {"istio": {"config": OWNER}}}
    ours["virtualHosts"][0]["domains"] = [HOST]
    clusters = [{"cluster": as_json(cluster_policy(intent, arm.name))} for arm in intent.versions]
    routes: dict[str, Any] = {"dynamicRouteConfigs": [{"routeConfig": ours}]}
    if in_listeners:
        routes = {"dynamicListeners": [{"activeState": {"listener": [{"routeConfig": ours}]}}]}
    configs = [{"versionInfo": version(push), "dynamicActiveClusters": clusters}, routes]
    text = json.dumps({"configs": configs})
    for arm in intent.versions:
        text = text.replace(f'"shop/checkout/{arm.name}"', f'"outbound|80|{arm.name}|{HOST}"')
    return text.encode()


def nothing(push: int) -> bytes:
    """What a proxy that carries none of the rule's routes would be sent."""
    return json.dumps({"configs": [{"versionInfo": version(push)}]}).encode()
