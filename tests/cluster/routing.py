"""Leads a gateway's clusters to loopback, where Kubernetes knows no endpoints to be."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.cluster.istio import ROOT
from tests.cluster.waiting import LOOPBACK

PORT = 80


def routed_to(
    service: str, namespace: str, ports: Mapping[str, Sequence[int]]
) -> Mapping[str, Any]:
    """An EnvoyFilter by which each version's cluster is found at these ports.

    Routes and weights stay istiod's own; for the clusters as istiod makes them, look at a service
    without this.
    """
    patches = [
        patch
        for version, found in ports.items()
        for patch in _patches(f"outbound|{PORT}|{version}|{service}.{namespace}", found)
    ]
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": {"name": f"{service}.{namespace}", "namespace": ROOT},
        "spec": {"configPatches": patches},
    }


def _patches(cluster: str, ports: Sequence[int]) -> list[Mapping[str, Any]]:
    name = f"{cluster}.svc.cluster.local"
    known = {"context": "GATEWAY", "cluster": {"name": name}}
    return [
        {"applyTo": "CLUSTER", "match": known, "patch": {"operation": "REMOVE"}},
        {
            "applyTo": "CLUSTER",
            "match": {"context": "GATEWAY"},
            "patch": {"operation": "ADD", "value": _cluster(name, ports)},
        },
    ]


def _cluster(name: str, ports: Sequence[int]) -> Mapping[str, Any]:
    endpoints = [{"endpoint": {"address": _address(port)}} for port in ports]
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }


def _address(port: int) -> Mapping[str, Any]:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}
