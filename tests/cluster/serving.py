"""Crossfade itself, serving a namespace of the tests' cluster, started as its users start it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cluster.rig import Rig
from tests.cluster.samples import NAME
from tests.cluster.waiting import LOOPBACK
from tests.e2e.product import Product, until

Versions = Mapping[str, float]


@contextmanager
def serving(
    rig: Rig, namespace: str, database_url: str, folder: Path, **settings: str
) -> Iterator[Product]:
    """A Crossfade that is ready, and has heard the cluster; settings add to the usual ones."""
    usual = {
        "DATABASE_URL": database_url,
        "CROSSFADE_KUBECONFIG": str(rig.kubeconfig),
        "CROSSFADE_NAMESPACES": namespace,
        "CROSSFADE_ISTIOD": rig.istiod.url,
        "CROSSFADE_ENTRANCE_URL": f"http://{LOOPBACK}:{rig.gateway.port}",
    }
    folder.mkdir(parents=True, exist_ok=True)
    product = Product(folder, **{**usual, **settings})
    try:
        product.start("serve")
        product.ready()
        yield product
    finally:
        product.end()


def a_rule(
    product: Product, namespace: str, gateway: str, service: str = NAME, **weights: float
) -> str:
    """The id of a new rule for a service, reached through a gateway and in the mesh."""
    body = {
        "namespace": namespace,
        "serviceName": service,
        "gateways": [gateway, "mesh"],
        "hosts": [service, f"{service}.{namespace}.svc.cluster.local"],
        "versions": versions(**weights),
    }
    answer = product.api.post("/api/rules", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def versions(**weights: float) -> list[dict[str, Any]]:
    """The versions of a rule with their weights, as the API takes them."""
    return [{"name": name, "weight": weight} for name, weight in weights.items()]


def resplit(product: Product, rule_id: str, **weights: float) -> None:
    """Draft another split, perhaps of other versions."""
    rule = product.api.get(f"/api/rules/{rule_id}").json()
    body = {**rule, "versions": versions(**weights)}
    for old in ("version1Name", "version2Name", "version1Weight", "version2Weight"):
        body.pop(old, None)
    headers = {"If-Match": f'"{rule["edition"]}"'}
    answer = product.api.put(f"/api/rules/{rule_id}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text


def shift(product: Product, rule_id: str, **weights: float) -> dict[str, Any]:
    """Draft and deploy another split; the operation, which has ended effective."""
    resplit(product, rule_id, **weights)
    return effective(product, product.deploy(rule_id))


def effective(product: Product, operation: Mapping[str, Any]) -> dict[str, Any]:
    """The operation as it ended; AssertionError with its words where not effective."""
    ended = until(lambda: _ended(product, str(operation["id"])), "an operation that ended")
    assert ended["state"] == "effective", ended
    return ended


def _ended(product: Product, operation_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] = product.api.get(f"/api/operations/{operation_id}").json()
    return None if found["state"] == "running" else found
