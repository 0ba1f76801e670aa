"""What the API shows beside the rules themselves."""

import pytest
from tests.fakes.demo_load import FakeLoad
from tests.fakes.world import SHOP, World
from tests.unit.api.conftest import Site, client_of, made, pointers, problem

from crossfade.domain.plan import Picture


async def test_revisions_tell_what_each_changed(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    await site.world.deploy(await site.world.edit(await site.world.rule(rule_id), v1=50, v2=50))
    path = f"/api/rules/{rule_id}/revisions"

    page = (await site.client.get(path, params={"limit": 1})).json()
    rest = (await site.client.get(path, params={"before": page["next"]})).json()

    assert [one["summary"] for one in page["items"]] == ["v1 80% → 50%, v2 20% → 50%"]
    assert [one["generation"] for one in rest["items"]] == [1]
    assert page["items"][0]["operation"]["state"] == "effective"


async def test_one_revision_brings_its_documents(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    found = (await site.client.get(f"/api/rules/{rule_id}/revisions/1")).json()
    assert [document["target"] for document in found["documents"]] == ["git", "envoy"]
    missing = await site.client.get(f"/api/rules/{rule_id}/revisions/2")
    problem(missing, 404, "revision-not-found")
    wrong = await site.client.get(f"/api/rules/{rule_id}/revisions/0")
    problem(wrong, 422, "invalid-request")


async def test_drift_is_shown_side_by_side(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    site.world.mesh.tamper(SHOP, Picture(None, "theirs"), "by hand")

    found = (await site.client.get(f"/api/rules/{rule_id}/drift")).json()

    differs = {column["target"]: column["differs"] for column in found["targets"]}
    assert differs == {"database": False, "git": False, "envoy": True}
    assert found["targets"][2]["document"] == "by hand"


async def test_a_target_that_cannot_be_asked_says_so(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    site.world.mesh.disconnect()
    found = (await site.client.get(f"/api/rules/{rule_id}/drift")).json()
    assert found["targets"][2]["error"] == "Envoy is not connected."


async def test_a_preview_shows_what_a_deploy_would_change(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    await site.world.edit(await site.world.rule(rule_id), v1=60, v2=40)

    found = (await site.client.get(f"/api/rules/{rule_id}/preview")).json()

    assert found["summary"] == "20% more of shop goes to v2"
    assert found["edition"] == 2
    assert found["changes"] is True
    assert [one["target"] for one in found["documents"]] == ["git", "envoy"]
    assert found["documents"][0]["current"] != found["documents"][0]["proposed"]


async def test_a_preview_of_a_body_keeps_nothing(site: Site) -> None:
    versions = [{"name": "v1", "weight": 100}]
    body = {"serviceName": "shop", "versions": versions}
    found = (await site.client.post("/api/preview", json=body)).json()
    assert found["edition"] is None
    assert (await site.client.get("/api/rules")).json()["total"] == 0


async def test_a_preview_of_an_edit_may_leave_the_namespace_to_the_rule(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    body = {"id": rule_id, "serviceName": "shop", "versions": [{"name": "v1", "weight": 100}]}
    found = (await site.client.post("/api/preview", json=body)).json()
    assert found["edition"] == 1
    missing = await site.client.post("/api/preview", json={**body, "id": "nobody"})
    problem(missing, 404, "rule-not-found")


async def test_no_data_is_not_zero(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    found = (await site.client.get(f"/api/rules/{rule_id}/metrics?window=10")).json()
    assert (found["windowS"], found["rate"]) == (1, None)
    assert found["reason"] == "Envoy's admin cannot be reached."
    assert [version["name"] for version in found["versions"]] == ["v1", "v2"]


async def test_samples_of_many_rules_leave_out_those_that_are_gone(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    found = (await site.client.get("/api/samples", params={"id": [rule_id, "gone"]})).json()
    assert list(found["items"]) == [rule_id]


@pytest.mark.parametrize("query", ["", "&".join(["id=x"] * 101), "id=x&window=61"])
async def test_samples_are_asked_for_within_bounds(site: Site, query: str) -> None:
    problem(await site.client.get(f"/api/samples?{query}"), 422, "invalid-request")


async def test_services_on_this_machine_come_and_go(site: Site) -> None:
    path = "/api/local/default/shop"
    body = {"versions": {"v1": ["127.0.0.1:9001"]}}
    put = await site.client.put(path, json=body)
    assert put.json() == {"namespace": "default", "serviceName": "shop", **body}
    (listed,) = (await site.client.get("/api/services")).json()["items"]
    (version,) = listed["versions"]
    assert (version["name"], version["addresses"]) == ("v1", ["127.0.0.1:9001"])
    assert (await site.client.delete(path)).status_code == 204
    problem(await site.client.delete(path), 404, "service-not-found")


async def test_addresses_that_a_live_rule_uses_stay(site: Site) -> None:
    await site.live(v1=80, v2=20)
    path = "/api/local/default/shop"
    problem(await site.client.delete(path), 409, "endpoints-in-use")
    less = await site.client.put(path, json={"versions": {"v1": ["127.0.0.1:9001"]}})
    problem(less, 409, "endpoints-in-use")


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/api/local/default/Shop", {"versions": {}}, "/serviceName"),
        ("/api/local/default/shop", {"versions": {"v1": "9001"}}, "/versions/v1"),
        ("/api/local/default/shop", {"versions": {"v1": ["nowhere"]}}, "/versions/v1/0"),
        ("/api/local/default/shop", {"versions": {"V 1": ["127.0.0.1:1"]}}, "/versions/V 1"),
    ],
)
async def test_a_wrong_service_is_named(
    site: Site, path: str, body: dict[str, object], pointer: str
) -> None:
    answer = await site.client.put(path, json=body)
    assert pointers(problem(answer, 422, "invalid-request")) == [pointer]


async def test_the_audit_tells_who_did_what(site: Site) -> None:
    await site.live(v1=80, v2=20)
    page = (await site.client.get("/api/audit", params={"limit": 2})).json()
    assert [entry["action"] for entry in page["items"]] == ["deploy.effective", "deploy.requested"]
    older = (await site.client.get("/api/audit", params={"before": page["next"]})).json()
    assert [entry["action"] for entry in older["items"]] == ["rule.created"]
    recent = {"since": "2026-03-01T13:00:00+00:00"}
    assert (await site.client.get("/api/audit", params=recent)).json()["items"] == []


@pytest.mark.parametrize("since", ["yesterday", "2026-03-01T13:00:00", "0001-01-01T00:00:00+14:00"])
async def test_a_moment_must_be_one(site: Site, since: str) -> None:
    answer = await site.client.get("/api/audit", params={"since": since})
    (fault,) = problem(answer, 422, "invalid-request")["errors"]
    assert fault["parameter"] == "since"


async def test_the_chain_is_verified(site: Site) -> None:
    await site.live(v1=80, v2=20)
    found = (await site.client.get("/api/audit/verify")).json()
    assert (found["ok"], found["entries"], found["commitsChecked"]) == (True, 3, 1)


async def test_me_is_the_user_of_this_machine(site: Site) -> None:
    found = (await site.client.get("/api/me")).json()
    assert (found["name"], found["surrounding"]) == ("alice", "embedded")
    assert found["demoLoad"]["available"] is False


async def test_no_load_where_there_are_no_samples(site: Site) -> None:
    problem(await site.client.put("/api/demo-load", json={"running": True}), 404, "not-found")


async def test_the_demo_load_is_switched_on_and_off() -> None:
    api, _ = made(World(), demo_load=FakeLoad())
    async with client_of(api.app) as client:
        on = await client.put("/api/demo-load", json={"running": True, "rate": 20})
        assert (on.json()["running"], on.json()["rate"]) == (True, 20)
        assert (await client.get("/api/me")).json()["demoLoad"] == {
            "available": True,
            "running": True,
            "rate": 20,
        }
        off = await client.put("/api/demo-load", json={"running": False})
        assert off.json()["running"] is False
        wrong = await client.put("/api/demo-load", json={"running": True, "rate": 1000})
        assert pointers(problem(wrong, 422, "invalid-request")) == ["/rate"]
