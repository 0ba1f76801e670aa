"""From the API to real traffic: Crossfade, API server, istiod, Envoy and the sample service."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.background import Background
from tests.cluster.rig import Rig
from tests.cluster.samples import SampleService
from tests.cluster.serving import a_rule, effective, serving, shift
from tests.e2e.product import Product
from tests.integration.envoy_traffic import Reply, bodies
from tests.integration.test_envoy_split import plausible

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

REQUESTS = 5_000
SPLITS: tuple[Mapping[str, float], ...] = (
    {"v1": 50, "v2": 50},
    {"v1": 99.9, "v2": 0.1},
    {"v1": 33.33, "v2": 33.33, "v3": 33.34},
)


@pytest.fixture
def product(
    rig: Rig, sample: SampleService, database_url: str, tmp_path: Path
) -> Iterator[Product]:
    with serving(rig, sample.namespace, database_url, tmp_path / "crossfade") as up:
        yield up


def versions(replies: Counter[Reply]) -> Counter[str]:
    """How often each version of the sample service answered; whatever else came is a failure."""
    found: Counter[str] = Counter()
    for body, count in bodies(replies).items():
        found[json.loads(body)["version"]] += count
    return found


async def divides(rig: Rig, sample: SampleService, split: Mapping[str, float]) -> None:
    """Assert that real traffic lies within the 99.99% interval of a split."""
    counted = versions(await rig.gateway.caller.calls(REQUESTS, sample.host))
    assert counted.total() == REQUESTS
    assert set(counted) <= set(split), counted
    for name, weight in split.items():
        assert plausible(counted[name], REQUESTS, weight / 100), (split, counted)


async def test_splits_three_versions_and_a_rollback_reach_real_traffic(
    rig: Rig, background: Background, sample: SampleService, product: Product
) -> None:
    await sample.add("v3")
    await sample.route(v3=await background.do(rig.backends.ports("v3")))
    rule = a_rule(product, sample.namespace, rig.gateway.reference, v1=80, v2=20)
    effective(product, product.deploy(rule))
    await divides(rig, sample, {"v1": 80, "v2": 20})

    for split in SPLITS:
        shift(product, rule, **split)
        await divides(rig, sample, split)

    answer = product.api.post(f"/api/rules/{rule}/rollback", json={}, headers={"Prefer": "wait=10"})
    operation = effective(product, answer.json())
    await divides(rig, sample, {"v1": 99.9, "v2": 0.1})
    assert proof(operation) == "1 of 1 proxies acknowledged generation 5 (1 istiod)"


def proof(operation: Mapping[str, Any]) -> str:
    """How it is known that the proxies obey."""
    return next(s["detail"] for s in operation["stages"] if s["name"] == "effective")


async def test_no_request_fails_while_the_weights_change_50_times(
    rig: Rig, sample: SampleService, product: Product
) -> None:
    rule = a_rule(product, sample.namespace, rig.gateway.reference, v1=100, v2=0)
    effective(product, product.deploy(rule))

    async with rig.gateway.caller.load(sample.host) as replies:
        for turn in range(1, 51):
            await asyncio.to_thread(shift, product, rule, v1=100 - turn, v2=turn)

    counted = versions(replies)
    assert set(counted) == {"v1", "v2"}
    assert counted.total() > 1_000
