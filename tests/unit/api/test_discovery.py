"""Services of a cluster, the pods of a rule's versions, and how a cluster's rule is shown."""

import pytest
from tests.fakes.cluster import FakeCluster
from tests.fakes.world import ALICE, SHOP, a_world_in_a_cluster, split
from tests.unit.api.conftest import Site, opened, pointers, problem

from crossfade.application.rules import create_rule
from crossfade.domain.around import Obstacle
from crossfade.domain.delivery import Delivery
from crossfade.domain.names import ServiceKey

CART = ServiceKey("local", "market", "cart")
UNHEARD = "The cluster has not been heard yet: its API server does not answer"


def cluster_of(site: Site) -> FakeCluster:
    """The cluster that a site stands in."""
    assert site.world.cluster is not None
    return site.world.cluster


async def test_services_of_the_cluster_are_listed_with_their_pods_and_rules(
    clustered: Site,
) -> None:
    rule_id = await clustered.draft(v1=100)
    cluster_of(clustered).run(SHOP, "v2", ready=1, known=2)
    cluster_of(clustered).expose(CART)
    found = (await clustered.client.get("/api/services")).json()["items"]
    shop, cart = found
    assert (shop["namespace"], shop["serviceName"], shop["ruleId"]) == ("default", "shop", rule_id)
    assert shop["versions"] == [
        {"name": "v1", "addresses": [], "labels": {"version": "v1"}, "ready": 2, "known": 2},
        {"name": "v2", "addresses": [], "labels": {"version": "v2"}, "ready": 1, "known": 2},
    ]
    assert cart == {
        **{"namespace": "market", "serviceName": "cart", "versions": [], "ruleId": None}
    }


async def test_a_list_that_did_not_change_is_not_sent_again(clustered: Site) -> None:
    cluster_of(clustered).expose(CART)
    first = await clustered.client.get("/api/services")
    known = {"If-None-Match": first.headers["etag"]}
    assert (await clustered.client.get("/api/services", headers=known)).status_code == 304
    cluster_of(clustered).run(CART, "v1", ready=1)
    assert (await clustered.client.get("/api/services", headers=known)).status_code == 200


async def test_a_cluster_that_was_not_heard_yet_says_so(clustered: Site) -> None:
    rule_id = await clustered.draft(v1=100)
    cluster_of(clustered).go_deaf(UNHEARD)
    for path in ("/api/services", f"/api/rules/{rule_id}/backing"):
        answer = await clustered.client.get(path)
        assert problem(answer, 503, "unavailable")["detail"] == UNHEARD
        assert answer.headers["retry-after"] == "1"


async def test_pods_are_counted_for_each_version_drafted_or_live(clustered: Site) -> None:
    rule = await clustered.world.draft(v1=80, v2=20)
    await clustered.world.deploy(rule)
    await clustered.world.edit(rule, v1=50, v3=50)
    cluster_of(clustered).run(SHOP, "v2", ready=0, known=3)
    found = (await clustered.client.get(f"/api/rules/{rule.id}/backing")).json()["items"]
    counted = {one["name"]: (one["ready"], one["known"]) for one in found}
    assert counted == {"v1": (2, 2), "v2": (0, 3), "v3": (0, 0)}


async def test_where_versions_are_addresses_there_are_no_pods(site: Site) -> None:
    rule_id = await site.draft(v1=100)
    assert (await site.client.get(f"/api/rules/{rule_id}/backing")).json() == {"items": []}
    (version,) = (await site.client.get("/api/services")).json()["items"][0]["versions"]
    assert (version["labels"], version["ready"], version["known"]) == ({}, None, None)


async def test_in_a_cluster_a_service_has_no_addresses_to_be_told(clustered: Site) -> None:
    body = {"versions": {"v1": ["127.0.0.1:9001"]}}
    answer = await clustered.client.put("/api/local/default/shop", json=body)
    assert "Versions are pods" in problem(answer, 409, "unsupported-mode")["detail"]


@pytest.mark.parametrize(
    ("delivery", "expected"), [(Delivery.APPLY, "cluster"), (Delivery.GIT_ONLY, "git-only")]
)
async def test_an_installation_says_how_its_mesh_is_reached(
    delivery: Delivery, expected: str
) -> None:
    async with opened(a_world_in_a_cluster(delivery)) as site:
        assert (await site.client.get("/api/me")).json()["surrounding"] == expected


async def test_a_deployed_rule_tells_its_proof(clustered: Site) -> None:
    rule_id = await clustered.live(v1=100)
    git, cluster = (await clustered.client.get(f"/api/rules/{rule_id}")).json()["targets"]
    assert (git["kind"], cluster["kind"]) == ("git", "cluster")
    assert cluster["proof"].startswith("1 of 1 proxies acknowledged")
    (row,) = (await clustered.client.get("/api/rules")).json()["items"]
    assert row["targets"][1]["proof"] == cluster["proof"]


async def test_drift_is_told_of_database_git_and_cluster(clustered: Site) -> None:
    rule_id = await clustered.live(v1=100)
    found = (await clustered.client.get(f"/api/rules/{rule_id}/drift")).json()["targets"]
    assert [one["target"] for one in found] == ["database", "git", "cluster"]


async def test_a_gate_of_the_cluster_names_the_place_to_mend(clustered: Site) -> None:
    rule = await create_rule(clustered.world.ports, split(v1=80, v2=20), ALICE)
    cluster_of(clustered).run(SHOP, "v1", ready=2)
    cluster_of(clustered).run(SHOP, "v2", ready=0, known=2)
    cluster_of(clustered).claim("shop", "VirtualService default/other")
    cluster_of(clustered).obstruct(SHOP, Obstacle("not-ours", "somebody else's", "/serviceName"))
    preview = (await clustered.client.get(f"/api/rules/{rule.id}/preview")).json()
    blockers = {
        found["code"]: (found["pointer"], found["message"])
        for found in preview["findings"]
        if found["severity"] == "blocker"
    }
    assert set(blockers) == {"no-endpoints", "host-claimed", "not-ours"}
    pointer, message = blockers["no-endpoints"]
    assert pointer == "/versions/1"
    assert "v2 of shop has 0 of 2 endpoints ready" in message
    refused = await clustered.client.post(f"/api/deploy-rule/{rule.id}")
    assert "/versions/1" in pointers(problem(refused, 422, "deploy-blocked"))
