"""What istiod makes of each golden rule is what the rule says, and what our own Envoy would do."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.route.v3.route_components_pb2 import Route
from google.protobuf.json_format import ParseDict
from tests.cluster import config_dump
from tests.cluster.api import Api
from tests.cluster.background import Background
from tests.cluster.namespaces import fresh
from tests.cluster.rig import Rig
from tests.cluster.routes import WHOLE, Bearing, Meaning, bearing, meaning, weights
from tests.cluster.samples import SampleService
from tests.cluster.sidecar import Sidecar
from tests.cluster.waiting import last_seen
from tests.golden.rules import FOLDERS, intent_in

from crossfade.domain.intent import MESH_GATEWAY, Intent
from crossfade.domain.revision import TargetKind
from crossfade.manifests.render import documents

pytestmark = pytest.mark.cluster

GENERATION = 7
# What Istio does by itself where a rule says nothing of retries.
ISTIOS_OWN_RETRIES = {
    "retryOn": "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes",
    "numRetries": 2,
}


@dataclass(frozen=True)
class Given:
    """What a proxy is given for one rule."""

    routes: list[Meaning]
    versions: Mapping[str, Bearing]


@dataclass(frozen=True)
class Applied:
    """A golden rule in the cluster."""

    intent: Intent
    host: str

    def wanted(self) -> Given:
        """What our own document for an Envoy says, but for Istio's habit of retrying."""
        document = yaml.safe_load(_rendered(self.intent, TargetKind.ENVOY))
        [virtual_host] = document["route_configuration"]["virtual_hosts"]
        routes = [meaning(ParseDict(one, Route())) for one in virtual_host["routes"]]
        if self.intent.policies.retries is None:
            routes = [replace(one, retries=ISTIOS_OWN_RETRIES) for one in routes]
        clusters = document["clusters"].items()
        return Given(routes, {name: bearing(ParseDict(it, Cluster())) for name, it in clusters})

    def given(self, document: object) -> Given:
        """What a configuration dump says."""
        routes = config_dump.routes(document, self.host)
        clusters = config_dump.clusters(document, self.host).items()
        return Given([meaning(one) for one in routes], {name: bearing(it) for name, it in clusters})


@asynccontextmanager
async def _applied(rig: Rig, folder: Path) -> AsyncIterator[Applied]:
    """The rule as we render it, for all proxies of the mesh and for the gateway."""
    written = intent_in(folder)
    async with Api.opened(rig.kubeconfig) as api, fresh(api) as namespace:
        key = replace(written.key, namespace=namespace)
        intent = replace(written, key=key, gateways=(MESH_GATEWAY, rig.gateway.reference))
        labels = {version.name: dict(version.labels) for version in intent.versions}
        service = SampleService(api, namespace, name=key.service, labels=labels)
        await service.create(*labels)
        await api.apply_all(_manifests(intent), manager="crossfade")
        yield Applied(intent, service.host)


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def applied(request: pytest.FixtureRequest, rig: Rig, background: Background) -> Iterator[Applied]:
    """A golden rule in the cluster."""
    with background.held(_applied(rig, request.param)) as rule:
        yield rule


@pytest.mark.parametrize("proxy", ["sidecar", "gateway"])
async def test_istiod_gives_proxies_what_the_rule_says(
    rig: Rig, sidecar: Sidecar, applied: Applied, proxy: str
) -> None:
    name = sidecar.proxy_id if proxy == "sidecar" else rig.gateway.proxy_id

    async def given() -> Given:
        return applied.given(await rig.istiod.page("config_dump", proxyID=name))

    wanted = applied.wanted()
    assert await last_seen(given, wanted) == wanted


async def test_the_gateway_holds_what_the_rule_says(rig: Rig, applied: Applied) -> None:
    async def held() -> Given:
        return applied.given(await rig.gateway.held())

    wanted = applied.wanted()
    assert await last_seen(held, wanted) == wanted


async def test_shares_arrive_to_the_hundredth_of_a_percent(rig: Rig, applied: Applied) -> None:
    receivers: Mapping[str, float] = {
        arm.name: arm.weight for arm in applied.intent.versions if arm.weight
    }
    finer = any(weight % 100 for weight in receivers.values())

    async def route() -> Route | None:
        found = config_dump.routes(await rig.gateway.held(), applied.host)
        return found[-1] if found else None

    async def shares() -> Mapping[str, float]:
        last = await route()
        return meaning(last).shares if last else {}

    assert await last_seen(shares, receivers) == receivers
    last = await route()
    assert last is not None
    if len(applied.intent.versions) == 1:
        assert weights(last) == []
    else:
        assert sum(weights(last)) == (WHOLE if finer else 100)


def _manifests(intent: Intent) -> list[Mapping[str, Any]]:
    content = _rendered(intent, TargetKind.CLUSTER)
    return list(yaml.safe_load_all(content))


def _rendered(intent: Intent, mesh: TargetKind) -> str:
    found = documents(intent, GENERATION, mesh=mesh)
    return next(one.content for one in found if one.target is mesh)
