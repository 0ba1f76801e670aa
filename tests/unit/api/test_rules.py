"""Rules through the API: list, make, read, edit, remove."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from tests.fakes.work import FakeWork
from tests.fakes.world import World
from tests.unit.api.conftest import Site, client_of, made, pointers, problem

BODY = {
    "serviceName": "shop",
    "versions": [{"name": "v1", "weight": 66.67}, {"name": "v2", "weight": 33.33}],
}


async def test_a_new_rule_is_a_draft_with_an_address_and_an_edition(site: Site) -> None:
    answer = await site.client.post("/api/rules", json=BODY)

    assert answer.status_code == 201
    rule = answer.json()
    assert answer.headers["location"] == f"/api/rules/{rule['id']}"
    assert answer.headers["etag"] == '"1"'
    assert rule["state"] == "draft"
    assert [arm["weight"] for arm in rule["versions"]] == [66.67, 33.33]
    assert (rule["version1Name"], rule["version1Weight"]) == ("v1", 66.67)


async def test_a_rule_that_was_read_can_be_sent_back(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    rule = (await site.client.get(f"/api/rules/{rule_id}")).json()

    answer = await site.client.put(f"/api/rules/{rule_id}", json=rule, headers={"If-Match": '"1"'})

    assert answer.status_code == 200
    assert answer.json() == rule


async def test_a_second_rule_for_a_service_names_the_first(site: Site) -> None:
    rule_id = await site.draft(v1=100)
    answer = await site.client.post("/api/rules", json=BODY)
    assert problem(answer, 409, "rule-exists")["ruleId"] == rule_id


async def test_an_edit_grows_the_edition(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    answer = await site.client.put(f"/api/rules/{rule_id}", json=BODY, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json()["versions"][0]["weight"] == 66.67


async def test_the_second_of_two_editors_sees_both_sides(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    path, seen = f"/api/rules/{rule_id}", {"If-Match": '"1"'}
    await site.client.put(path, json=BODY, headers=seen)

    answer = await site.client.put(path, json={**BODY, "hosts": ["a.b"]}, headers=seen)

    found = problem(answer, 412, "stale-edition")
    assert found["yours"] == 1
    assert found["current"]["edition"] == 2
    assert found["current"]["hosts"] == []


async def test_an_edit_must_say_which_edition_it_saw(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    answer = await site.client.put(f"/api/rules/{rule_id}", json=BODY)
    problem(answer, 428, "if-match-missing")


async def test_any_edition_will_do_where_the_caller_says_so(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    answer = await site.client.put(f"/api/rules/{rule_id}", json=BODY, headers={"If-Match": "*"})
    assert answer.status_code == 200


@pytest.mark.parametrize("tag", ['W/"1"', "1", '"one"', '"1", "2"', '""'])
async def test_an_edition_that_is_none_is_refused(site: Site, tag: str) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    answer = await site.client.put(f"/api/rules/{rule_id}", json=BODY, headers={"If-Match": tag})
    (fault,) = problem(answer, 422, "invalid-request")["errors"]
    assert fault["parameter"] == "If-Match"


async def test_a_rule_stays_with_its_service(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    body = {**BODY, "serviceName": "bank"}
    answer = await site.client.put(f"/api/rules/{rule_id}", json=body, headers={"If-Match": "*"})
    problem(answer, 409, "conflict")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/rules/nobody"),
        ("PUT", "/api/rules/nobody"),
        ("DELETE", "/api/rules/nobody"),
        ("GET", "/api/rules/nobody/preview"),
        ("GET", "/api/rules/nobody/drift"),
        ("GET", "/api/rules/nobody/metrics"),
        ("GET", "/api/rules/nobody/revisions"),
        ("GET", "/api/rules/nobody/revisions/1"),
        ("POST", "/api/rules/nobody/rollback"),
        ("POST", "/api/rules/nobody/repair"),
        ("POST", "/api/deploy-rule/nobody"),
    ],
)
async def test_nobody_has_no_rule(site: Site, method: str, path: str) -> None:
    body = BODY if method == "PUT" else None
    answer = await site.client.request(method, path, json=body, headers={"If-Match": "*"})
    problem(answer, 404, "rule-not-found")


async def test_the_list_is_not_sent_twice(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    first = await site.client.get("/api/rules")
    known = {"If-None-Match": first.headers["etag"]}

    again = await site.client.get("/api/rules", headers=known)
    assert (again.status_code, again.content) == (304, b"")

    await site.client.put(f"/api/rules/{rule_id}", json=BODY, headers={"If-Match": "*"})
    assert (await site.client.get("/api/rules", headers=known)).status_code == 200


async def test_the_list_obeys_its_filters(site: Site) -> None:
    for name in ("cart", "checkout", "search"):
        await site.client.post("/api/rules", json={**BODY, "serviceName": name})

    page = (await site.client.get("/api/rules", params={"q": "c", "limit": 2})).json()
    rest = await site.client.get("/api/rules", params={"q": "c", "cursor": page["next"]})

    assert [row["serviceName"] for row in page["items"]] == ["cart", "checkout"]
    assert [row["serviceName"] for row in rest.json()["items"]] == ["search"]
    assert (page["total"], page["counts"]) == (3, {"draft": 3})
    exact = await site.client.get("/api/rules", params={"service": "cart"})
    assert [row["serviceName"] for row in exact.json()["items"]] == ["cart"]
    none = await site.client.get("/api/rules", params={"state": "live"})
    assert none.json()["items"] == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"limit": "501"}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"state": "happy"}, "state"),
        ({"q": "x" * 254}, "q"),
    ],
)
async def test_a_parameter_out_of_bounds_is_named(
    site: Site, query: dict[str, str], parameter: str
) -> None:
    answer = await site.client.get("/api/rules", params=query)
    (fault,) = problem(answer, 422, "invalid-request")["errors"]
    assert fault["parameter"] == parameter
    assert fault["detail"].startswith("expected ")


async def test_every_wrong_parameter_is_named(site: Site) -> None:
    answer = await site.client.get("/api/rules", params={"limit": "0", "state": "happy"})
    found = problem(answer, 422, "invalid-request")
    assert [part["parameter"] for part in found["errors"]] == ["state", "limit"]


async def test_a_draft_is_gone_at_once(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    answer = await site.client.delete(f"/api/rules/{rule_id}", headers={"If-Match": '"1"'})
    assert answer.status_code == 204
    problem(await site.client.get(f"/api/rules/{rule_id}"), 404, "rule-not-found")


async def test_a_live_rule_is_listed_until_every_target_has_let_go(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    headers = {"If-Match": '"1"', "Prefer": "wait=0"}

    answer = await site.client.delete(
        f"/api/rules/{rule_id}", headers=headers, params={"reason": "the shop closes"}
    )

    assert answer.status_code == 202
    assert (answer.json()["kind"], answer.json()["reason"]) == ("remove", "the shop closes")
    assert (await site.client.get(f"/api/rules/{rule_id}")).status_code == 200
    await site.api.pursuits.drain(5)
    await site.world.settle()
    problem(await site.client.get(f"/api/rules/{rule_id}"), 404, "rule-not-found")
    operation = await site.client.get(answer.headers["location"])
    assert operation.json()["state"] == "effective"


async def test_the_embedded_mesh_cannot_release(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    answer = await site.client.delete(
        f"/api/rules/{rule_id}", headers={"If-Match": "*"}, params={"mode": "release"}
    )
    problem(answer, 409, "unsupported-mode")


async def test_a_removal_must_say_which_edition_it_saw(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    problem(await site.client.delete(f"/api/rules/{rule_id}"), 428, "if-match-missing")
    stale = await site.client.delete(f"/api/rules/{rule_id}", headers={"If-Match": '"7"'})
    assert problem(stale, 412, "stale-edition")["current"]["id"] == rule_id


async def test_every_fault_of_a_rule_is_named_with_its_pointer(site: Site) -> None:
    body = {
        "serviceName": "Shop!",
        "versions": [{"name": "v1", "weight": 50}, {"name": "-", "weight": 20}],
        "mirror": {"version": "v9"},
    }
    found = problem(await site.client.post("/api/rules", json=body), 422, "invalid-request")
    assert {"/serviceName", "/versions/1/name"} <= set(pointers(found))


async def test_a_failing_commit_is_no_success() -> None:
    world = World()

    @asynccontextmanager
    async def cut_at_commit() -> AsyncIterator[FakeWork]:
        async with world.database.work() as work:
            yield work
            world.database.up = False

    world.ports = replace(world.ports, work=cut_at_commit)
    async with client_of(made(world)[0].app) as client:
        answer = await client.post("/api/rules", json=BODY)
        problem(answer, 503, "database-unavailable")
        assert answer.headers["retry-after"] == "1"
        world.database.up = True
        assert (await client.get("/api/rules")).json()["items"] == []
