"""A namespace for one test, gone with all that is in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex

from tests.cluster.api import Api, Manifest
from tests.cluster.istio import ROOT

HELD = (
    "/apis/networking.istio.io/v1/namespaces/{}/virtualservices",
    "/apis/networking.istio.io/v1/namespaces/{}/destinationrules",
    "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices",
    "/api/v1/namespaces/{}/pods",
    "/api/v1/namespaces/{}/services",
)
FILTERS = f"/apis/networking.istio.io/v1alpha3/namespaces/{ROOT}/envoyfilters"


@asynccontextmanager
async def fresh(api: Api, prefix: str = "test") -> AsyncIterator[str]:
    """The name of a namespace that nobody used before."""
    name = f"{prefix}-{token_hex(4)}"
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    await api.apply(manifest)
    try:
        yield name
    finally:
        await _end(api, manifest)


async def _end(api: Api, manifest: Manifest) -> None:
    """Delete it, and do what a controller manager would do, as there is none."""
    name = manifest["metadata"]["name"]
    await asyncio.gather(*(api.client.delete(path.format(name)) for path in HELD))
    await _end_filters(api, name)
    await api.delete(manifest)
    finalized = {**manifest, "spec": {"finalizers": []}}
    await api.client.put(f"/api/v1/namespaces/{name}/finalize", json=finalized)


async def _end_filters(api: Api, name: str) -> None:
    found = (await api.client.get(FILTERS)).json().get("items", ())
    for one in (item["metadata"]["name"] for item in found):
        if one.endswith(f".{name}"):
            await api.client.delete(f"{FILTERS}/{one}")
