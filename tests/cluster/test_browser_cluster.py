"""A person before the dashboard of a Crossfade that stands on a real cluster with Istio."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.cluster import namespaces
from tests.cluster.api import Api
from tests.cluster.background import Background
from tests.cluster.rig import Rig
from tests.cluster.samples import NAME, SampleService
from tests.cluster.serving import a_rule, effective, serving
from tests.conftest import administer, sibling
from tests.e2e.browser import grave_faults
from tests.e2e.dashboard import Dashboard
from tests.e2e.product import Product, until

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.browser,
    pytest.mark.timeout(240),
    # The browser's driver keeps the loop of its thread: the database has to be there before.
    pytest.mark.usefixtures("template"),
]

VERSIONS = ("v1", "v2")
REPLICAS = 2
STRANGER = "jane"
# How many there are depends on who else has a proxy here just now.
PROVEN = re.compile(r"(\d+) of \1 proxies acknowledged generation 1 ")


@dataclass(frozen=True, slots=True)
class Market:
    """The sample service in a namespace, and a Crossfade that works there."""

    background: Background
    api: Api
    sample: SampleService
    gateway: str
    product: Product

    def rule(self) -> str:
        """The id of the sample service's live rule, at least 80/20 of two versions."""
        found = self.product.api.get("/api/rules").json()["items"]
        if found:
            return str(found[0]["id"])
        rule_id = a_rule(self.product, self.sample.namespace, self.gateway, v1=80, v2=20)
        effective(self.product, self.product.deploy(rule_id))
        return rule_id

    def ready(self, version: str, pods: int) -> None:
        """So many of a version's pods are ready from now on, as Crossfade has heard."""
        self.background.run(self.sample.set_ready(version, pods))
        until(lambda: self._backed(version) == pods, f"{pods} ready pods of {version}")

    def meddle(self) -> None:
        """Somebody gives nearly everything to the second version, by hand."""
        metadata = {"name": NAME, "namespace": self.sample.namespace}
        kind = {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService"}
        found = self.background.run(self.api.get({**kind, "metadata": metadata}))
        assert found is not None
        shifted = {**kind, "metadata": metadata, "spec": _shifted(found["spec"])}
        self.background.run(self.api.apply(shifted, manager=STRANGER))

    def _backed(self, version: str) -> int:
        (service,) = self.product.api.get("/api/services").json()["items"]
        return next(int(one["ready"]) for one in service["versions"] if one["name"] == version)


def _shifted(spec: Any) -> Any:  # noqa: ANN401  # as Kubernetes has it
    shifted = deepcopy(spec)
    first, second = shifted["http"][-1]["route"]
    first["weight"], second["weight"] = 1, 99
    return shifted


@pytest.fixture(scope="module")
def market(
    rig: Rig,
    background: Background,
    postgres_url: str,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Market]:
    with ExitStack() as exits:
        api = exits.enter_context(background.held(Api.opened(rig.kubeconfig)))
        namespace = exits.enter_context(background.held(namespaces.fresh(api, "market")))
        sample = SampleService(api, namespace)
        background.run(sample.create(*VERSIONS, replicas=REPLICAS))
        ports = {name: background.run(rig.backends.ports(name, REPLICAS)) for name in VERSIONS}
        background.run(sample.route(**ports))
        background.run(administer(postgres_url, f"CREATE DATABASE market TEMPLATE {template}"))
        url = sibling(postgres_url, "market")
        folder = tmp_path_factory.mktemp("market")
        product = exits.enter_context(serving(rig, namespace, url, folder))
        yield Market(background, api, sample, rig.gateway.reference, product)


@pytest.fixture
def dashboard(market: Market, page: Page) -> Dashboard:
    page.emulate_media(reduced_motion="reduce")  # what fades in has no contrast yet
    return Dashboard(page, market.product)


def test_a_service_is_picked_and_its_deploy_proven(market: Market, dashboard: Dashboard) -> None:
    dashboard.open()
    found = f"1 service was found in {market.sample.namespace}"
    expect(dashboard.page.get_by_text(found)).to_be_visible()
    dashboard.press("Create a rule")

    form = dashboard.form
    form.get_by_role("combobox", name="Service").press_sequentially(f"{market.sample.namespace}/d")
    choice = form.get_by_role("option").filter(has_text=NAME)
    expect(choice).to_contain_text("v1 2 of 2 ready")
    choice.click()
    expect(form.get_by_label("Namespace")).to_have_value(market.sample.namespace)
    expect(form.get_by_text("2 of 2 pods ready")).to_have_count(2)
    form.get_by_role("button", name="Even").click()
    form.get_by_text("testers, mirror").click()
    form.get_by_label("Gateways").fill(f"mesh, {market.gateway}")
    dashboard.preview()
    expect(form.get_by_role("region", name="Git and Cluster document")).to_be_visible()
    assert grave_faults(dashboard.page) == []
    dashboard.deploy()

    expect(dashboard.track).to_contain_text(PROVEN)
    dashboard.press("Details")
    expect(dashboard.track).to_contain_text("Applied to the cluster")
    expect(dashboard.section("Live split").get_by_text("2 of 2 pods ready")).to_have_count(2)
    assert grave_faults(dashboard.page) == []


def test_a_strangers_hand_is_named_beside_database_and_git_and_undone(
    market: Market, dashboard: Dashboard
) -> None:
    rule_id = market.rule()
    market.meddle()

    dashboard.open_rule(rule_id)
    card = dashboard.section("Drift")
    expect(card).to_contain_text("Database as deployed")
    expect(card).to_contain_text("Git as deployed")
    expect(card).to_contain_text("Cluster differs")
    expect(card).to_contain_text(STRANGER)
    assert grave_faults(dashboard.page) == []
    dashboard.press("Restore")
    dashboard.question.get_by_role("button", name="Restore revision").click()

    expect(card).to_have_count(0)
    expect(dashboard.state("live")).to_be_visible()


def test_a_version_without_ready_pods_is_refused_where_it_can_be_mended(
    market: Market, dashboard: Dashboard
) -> None:
    rule_id = market.rule()
    market.ready("v2", 0)

    dashboard.open_rule(rule_id, edit=rule_id)
    expect(dashboard.form.get_by_text("0 of 2 pods ready")).to_be_visible()
    dashboard.weigh("v2", "30")
    dashboard.preview()
    refusal = dashboard.form.get_by_text("has 0 of 2 endpoints ready")
    expect(refusal).to_be_visible()
    expect(dashboard.form.get_by_role("button", name="Deploy")).to_be_disabled()
    dashboard.form.get_by_role("button", name="Go to the field").click()

    expect(dashboard.form.get_by_label("Name of version 2")).to_be_focused()
    expect(refusal).to_be_visible()
    assert grave_faults(dashboard.page) == []
    market.ready("v2", REPLICAS)
    dashboard.preview()
    expect(dashboard.form.get_by_role("button", name="Deploy")).to_be_enabled()


def test_everything_that_is_connected_is_shown_with_its_address(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.connection.get_by_role("button").click()

    connections = dashboard.form.get_by_role("list", name="Connections")
    for name in ("Kubernetes", "Istio", "Git", "PostgreSQL"):
        expect(connections.get_by_text(name, exact=True)).to_be_visible()
    expect(connections).to_contain_text("https://127.0.0.1:")
    assert grave_faults(dashboard.page) == []
