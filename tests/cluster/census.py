"""Everything that a cluster holds, as digests, so that what changed in it can be told."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from tests.cluster.api import Api

# What the cluster's own clockwork writes all the time.
RESTLESS = {"leases", "events"}
LEADER = "control-plane.alpha.kubernetes.io/leader"
PASSING = ("managedFields", "resourceVersion", "generation")


async def census(api: Api) -> dict[str, str]:
    """The digest of each object by its address, without its status and its bookkeeping."""
    found: dict[str, str] = {}
    async for path in _collections(api):
        answer = await api.client.get(path)
        answer.raise_for_status()
        for item in answer.json()["items"]:
            metadata = item["metadata"]
            if LEADER in metadata.get("annotations", ()):
                continue
            place = "/".join((path, metadata.get("namespace", ""), metadata["name"]))
            found[place] = _digest(item)
    return found


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    """The addresses of what came, went or changed."""
    return {place for place in {**before, **after} if before.get(place) != after.get(place)}


async def _collections(api: Api) -> AsyncIterator[str]:
    """The address of every kind that can be listed, each under the version it is served by."""
    roots = ["/api/v1"]
    groups = (await api.client.get("/apis")).json()["groups"]
    roots += [f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups]
    for root in roots:
        for resource in (await api.client.get(root)).json()["resources"]:
            if "list" in resource["verbs"] and resource["name"] not in RESTLESS:
                yield f"{root}/{resource['name']}"


def _digest(item: Mapping[str, Any]) -> str:
    metadata = {name: value for name, value in item["metadata"].items() if name not in PASSING}
    kept = {**item, "metadata": metadata}
    kept.pop("status", None)
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
