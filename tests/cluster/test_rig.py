"""The cluster of the tests is a real one."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.cluster import config_dump
from tests.cluster.api import Api
from tests.cluster.background import Background
from tests.cluster.gateway import Gateway
from tests.cluster.istio import Istiod
from tests.cluster.rig import Rig
from tests.cluster.routes import meaning
from tests.cluster.samples import SampleService
from tests.cluster.waiting import last_seen, until
from tests.integration.envoy_traffic import Reply

from crossfade.adapters.processes.children import Children

pytestmark = pytest.mark.cluster

REQUESTS = 2_000
SPREAD = 5 * (0.8 * 0.2 / REQUESTS) ** 0.5  # five standard deviations
RULES = "/apis/networking.istio.io/v1/namespaces/{}/virtualservices"
TO_READ_RULES = {
    "apiGroups": ["networking.istio.io"],
    "resources": ["virtualservices"],
    "verbs": ["list"],
}


def destination_rule(sample: SampleService, *versions: str) -> Mapping[str, Any]:
    subsets = [{"name": version, "labels": {"version": version}} for version in versions]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": sample.name, "namespace": sample.namespace},
        "spec": {"host": sample.name, "subsets": subsets},
    }


def virtual_service(sample: SampleService, *gateways: str, **weights: int) -> Mapping[str, Any]:
    route = [
        {"destination": {"host": sample.name, "subset": version}, "weight": weight}
        for version, weight in weights.items()
    ]
    http = [{"name": "weighted", "route": route}]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": sample.name, "namespace": sample.namespace},
        "spec": {"hosts": [sample.name], "gateways": [*gateways, "mesh"], "http": http},
    }


def role(namespace: str, account: str) -> list[Mapping[str, Any]]:
    metadata = {"name": account, "namespace": namespace}
    group = "rbac.authorization.k8s.io"
    binding = {
        "roleRef": {"apiGroup": group, "kind": "Role", "name": account},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    }
    version = {"apiVersion": f"{group}/v1", "metadata": metadata}
    return [
        {**version, "kind": "Role", "rules": [TO_READ_RULES]},
        {**version, "kind": "RoleBinding", **binding},
    ]


def versions(replies: Counter[Reply]) -> Counter[str]:
    """How often each version answered."""
    counted: Counter[str] = Counter()
    for reply, number in replies.items():
        assert reply.status == 200, reply
        counted[json.loads(reply.body)["version"]] += number
    return counted


@pytest.fixture
async def split(rig: Rig, api: Api, sample: SampleService) -> SampleService:
    """The sample service, 80 % to v1 and 20 % to v2 at the gateway."""
    await api.apply(destination_rule(sample, "v1", "v2"))
    await api.apply(virtual_service(sample, rig.gateway.reference, v1=80, v2=20))

    async def routed() -> bool:
        return (await rig.gateway.caller.call(sample.host)).status == 200

    await until(routed)
    return sample


async def shares(istiod: Istiod, proxy_id: str, host: str) -> Mapping[str, float]:
    """How istiod divides the requests to a host, for one proxy."""
    found = config_dump.routes(await istiod.page("config_dump", proxyID=proxy_id), host)
    return meaning(found[0]).shares if found else {}


async def test_weights_in_the_cluster_divide_the_traffic_at_the_gateway(
    rig: Rig, split: SampleService
) -> None:
    counted = versions(await rig.gateway.caller.calls(REQUESTS, split.host))

    assert counted["v1"] / REQUESTS == pytest.approx(0.8, abs=SPREAD)
    assert counted.total() == REQUESTS


async def test_a_version_comes_and_goes(
    rig: Rig, api: Api, background: Background, split: SampleService
) -> None:
    await split.add("v3")
    await split.route(v3=await background.do(rig.backends.ports("v3")))
    await api.apply(destination_rule(split, "v1", "v2", "v3"))
    await api.apply(virtual_service(split, rig.gateway.reference, v3=100))

    async def answered() -> set[str]:
        return set(versions(await rig.gateway.caller.calls(20, split.host)))

    assert await last_seen(answered, {"v3"}) == {"v3"}

    await api.apply(virtual_service(split, rig.gateway.reference, v1=100))
    assert await last_seen(answered, {"v1"}) == {"v1"}
    await split.remove("v3")
    assert set(split.pods) == {"v1", "v2"}
    assert await answered() == {"v1"}


async def test_istiod_sends_the_endpoints_that_are_ready_and_no_others(
    rig: Rig, api: Api, namespace: str
) -> None:
    service = SampleService(api, namespace, name="checkout")
    await service.create("v1", "v2", replicas=2)
    await api.apply(destination_rule(service, "v1", "v2"))

    async def endpoints() -> dict[str, set[str]]:
        page = await rig.istiod.page(
            "config_dump", proxyID=rig.gateway.proxy_id, include_eds="true"
        )
        return config_dump.endpoints(page, service.host)

    addresses = {name: {pod.address for pod in pods} for name, pods in service.pods.items()}
    assert await last_seen(endpoints, addresses) == addresses

    await service.set_ready("v2", 1)

    fewer = {**addresses, "v2": {service.pods["v2"][0].address}}
    assert await last_seen(endpoints, fewer) == fewer


async def test_a_proxy_that_is_stopped_acknowledges_nothing(
    rig: Rig, api: Api, split: SampleService
) -> None:
    async def acknowledged() -> bool:
        page = await rig.istiod.page("syncz")
        [state] = [one for one in page if one["proxy"] == rig.gateway.proxy_id]
        return bool(state["route_sent"] == state["route_acked"])

    assert await last_seen(acknowledged, wanted=True)
    with rig.gateway.stopped():
        await api.apply(virtual_service(split, rig.gateway.reference, v1=50, v2=50))
        assert not await last_seen(acknowledged, wanted=False)
    assert await last_seen(acknowledged, wanted=True)


async def test_two_istiods_feed_a_proxy_each(
    rig: Rig, api: Api, split: SampleService, tmp_path: Path
) -> None:
    wanted: Mapping[str, float] = {"v1": 8_000, "v2": 2_000}
    async with Children(tmp_path / "run") as children:
        program = rig.programs["pilot-discovery"]
        other = await Istiod.start(tmp_path, program, rig.kubeconfig, children, "istiod-2")
        gateway = await Gateway.start(tmp_path, other, api, children, "gateway-2")
        references = (rig.gateway.reference, gateway.reference)
        await api.apply(virtual_service(split, *references, v1=80, v2=20))
        for istiod, proxy in ((rig.istiod, rig.gateway), (other, gateway)):
            given = partial(shares, istiod, proxy.proxy_id, split.host)
            assert await last_seen(given, wanted) == wanted

        async def answered() -> int:
            return (await gateway.caller.call(split.host)).status

        assert await last_seen(answered, 200) == 200
        await api.delete(gateway.manifest)


async def test_an_account_may_do_what_its_role_says_and_nothing_else(
    rig: Rig, api: Api, namespace: str
) -> None:
    if rig.plane is None:
        pytest.skip("it takes an API server of our own")
    async with Api.opened(rig.plane.kubeconfig_of_account(namespace, "reader")) as reader:
        before = await reader.client.get(RULES.format(namespace))
        await api.apply_all(role(namespace, "reader"))

        async def status() -> int:
            return (await reader.client.get(RULES.format(namespace))).status_code

        assert before.status_code == 403
        assert await last_seen(status, 200) == 200
        assert (await reader.client.get(RULES.format("default"))).status_code == 403
