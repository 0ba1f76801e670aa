"""The cluster of the tests is a real one, and leaves nothing behind."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from tests.cluster.api import Api
from tests.cluster.rig import Rig
from tests.cluster.samples import SampleService
from tests.cluster.waiting import until
from tests.integration.envoy_traffic import Reply

pytestmark = pytest.mark.cluster

REQUESTS = 2_000
SPREAD = 5 * (0.8 * 0.2 / REQUESTS) ** 0.5  # five standard deviations


def destination_rule(sample: SampleService, *versions: str) -> Mapping[str, Any]:
    subsets = [{"name": version, "labels": {"version": version}} for version in versions]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": sample.name, "namespace": sample.namespace},
        "spec": {"host": sample.name, "subsets": subsets},
    }


def virtual_service(sample: SampleService, gateway: str, **weights: int) -> Mapping[str, Any]:
    route = [
        {"destination": {"host": sample.name, "subset": version}, "weight": weight}
        for version, weight in weights.items()
    ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": sample.name, "namespace": sample.namespace},
        "spec": {"hosts": [sample.name], "gateways": [gateway, "mesh"], "http": [{"route": route}]},
    }


def versions(replies: Counter[Reply]) -> Counter[str]:
    """How often each version answered."""
    counted: Counter[str] = Counter()
    for reply, number in replies.items():
        assert reply.status == 200, reply
        counted[json.loads(reply.body)["version"]] += number
    return counted


async def test_weights_in_the_cluster_divide_the_traffic_at_the_gateway(
    rig: Rig, api: Api, sample: SampleService
) -> None:
    await api.apply(destination_rule(sample, "v1", "v2"))
    await api.apply(virtual_service(sample, rig.gateway.reference, v1=80, v2=20))

    async def routed() -> bool:
        return (await rig.gateway.caller.call(sample.host)).status == 200

    await until(routed)

    counted = versions(await rig.gateway.caller.calls(REQUESTS, sample.host))

    assert counted["v1"] / REQUESTS == pytest.approx(0.8, abs=SPREAD)
