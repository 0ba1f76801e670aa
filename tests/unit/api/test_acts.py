"""Acts on live traffic through the API, and the operations that they answer."""

import asyncio

import pytest
from tests.fakes.world import SHOP
from tests.unit.api.conftest import Site, client_of, pointers, problem


async def until_recorded(site: Site) -> None:
    """Return when an operation is kept."""
    async with site.world.database.events.subscribe() as events, asyncio.timeout(10):
        if site.world.database.kept.operations:
            return
        async for event in events:
            if event.type == "operation":
                return


async def test_a_deploy_answers_its_operation_at_the_end(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)

    answer = await site.client.post(f"/api/deploy-rule/{rule_id}", json={"reason": "Friday"})

    operation = answer.json()
    assert answer.status_code == 200
    assert (operation["state"], operation["reason"]) == ("effective", "Friday")
    stages = {stage["name"]: stage["state"] for stage in operation["stages"]}
    assert stages == {
        "saved": "done",
        "committed": "pending",
        "applied": "done",
        "effective": "done",
    }


async def test_a_deploy_needs_no_body(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    assert (await site.client.post(f"/api/deploy-rule/{rule_id}")).status_code == 200


async def test_a_deploy_that_still_goes_says_where_to_look(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.mesh.disconnect()
    headers = {"Prefer": "wait=0"}

    answer = await site.client.post(f"/api/deploy-rule/{rule_id}", headers=headers)

    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=0"
    assert answer.headers["location"] == f"/api/operations/{answer.json()['id']}"
    assert answer.json()["state"] == "running"


async def test_a_deploy_waits_no_longer_than_it_may(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.mesh.disconnect()
    answer = await site.client.post(f"/api/deploy-rule/{rule_id}", headers={"Prefer": "wait=1"})
    assert answer.status_code == 202
    cause = {stage["name"]: stage for stage in answer.json()["stages"]}["applied"]
    assert (cause["state"], cause["detail"]) == ("waiting", "Envoy is not connected.")


async def test_a_wait_ends_when_another_process_ends_the_operation(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.mesh.held = False
    headers = {"Prefer": "wait=30"}
    asked = asyncio.create_task(site.client.post(f"/api/deploy-rule/{rule_id}", headers=headers))
    await until_recorded(site)

    site.world.mesh.held = True
    await site.world.settle()

    answer = await asked
    assert (answer.status_code, answer.json()["state"]) == (200, "effective")


async def test_a_wait_ends_with_the_act_that_supersedes_it_though_the_proof_is_still_sought(
    site: Site,
) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.mesh.answering.clear()
    path = f"/api/deploy-rule/{rule_id}"
    asked = asyncio.create_task(site.client.post(path, headers={"Prefer": "wait=30"}))
    await until_recorded(site)
    await site.world.edit(await site.world.rule(rule_id), v1=50, v2=50)

    await site.client.post(path, headers={"Prefer": "wait=0"})

    async with asyncio.timeout(5):
        answer = await asked
    assert (answer.status_code, answer.json()["state"]) == (200, "superseded")
    site.world.mesh.answering.set()


async def test_a_wait_survives_lost_words(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.mesh.held = False
    headers = {"Prefer": "wait=30"}
    asked = asyncio.create_task(site.client.post(f"/api/deploy-rule/{rule_id}", headers=headers))
    await until_recorded(site)
    tell, site.world.database.events.tell = site.world.database.events.tell, lambda _: None

    site.world.mesh.held = True
    await site.world.settle()
    site.world.database.events.tell = tell
    site.world.database.events.lose_connection()

    assert (await asked).json()["state"] == "effective"


async def test_a_caller_who_leaves_does_not_stop_a_deploy(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    asked = asyncio.create_task(site.client.post(f"/api/deploy-rule/{rule_id}"))
    await until_recorded(site)

    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked

    await site.api.pursuits.drain(5)
    (operation,) = site.world.database.kept.operations.values()
    assert operation.state == "effective"


async def test_a_refusal_ends_the_operation_with_its_reason(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.mesh.refuse(SHOP, 1, "unknown cluster v2")
    answer = await site.client.post(f"/api/deploy-rule/{rule_id}")
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["outcome"]) == ("failed", "unknown cluster v2")


async def test_a_version_without_addresses_blocks_a_deploy(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    await site.world.place("v1")
    found = problem(await site.client.post(f"/api/deploy-rule/{rule_id}"), 422, "deploy-blocked")
    assert pointers(found) == ["/versions/1"]


async def test_the_same_key_answers_the_same_operation(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    headers = {"Idempotency-Key": "click-1"}
    path = f"/api/deploy-rule/{rule_id}"
    first = await site.client.post(path, headers=headers)
    again = await site.client.post(path, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    other = await site.client.post(f"/api/rules/{rule_id}/repair", headers=headers)
    problem(other, 409, "idempotency-key-reused")


async def test_what_was_previewed_is_what_ships(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    answer = await site.client.post(f"/api/deploy-rule/{rule_id}", headers={"If-Match": '"2"'})
    assert problem(answer, 412, "stale-edition")["current"]["edition"] == 1


async def test_a_rollback_restores_the_revision_before(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    await site.world.edit(await site.world.rule(rule_id), v1=50, v2=50)
    await site.client.post(f"/api/deploy-rule/{rule_id}")

    answer = await site.client.post(f"/api/rules/{rule_id}/rollback", json={"generation": None})

    assert (answer.status_code, answer.json()["state"]) == (200, "effective")
    rule = (await site.client.get(f"/api/rules/{rule_id}")).json()
    assert [arm["weight"] for arm in rule["liveVersions"]] == [80, 20]


async def test_a_rollback_needs_something_to_go_back_to(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    path = f"/api/rules/{rule_id}/rollback"
    problem(await site.client.post(path), 409, "not-deployed")
    await site.client.post(f"/api/deploy-rule/{rule_id}")
    problem(await site.client.post(path, json={}), 409, "nothing-to-roll-back-to")
    problem(await site.client.post(path, json={"generation": 7}), 404, "revision-not-found")
    wrong = problem(await site.client.post(path, json={"generation": "7"}), 422, "invalid-request")
    assert pointers(wrong) == ["/generation"]


async def test_a_repair_puts_back_what_was_deployed_everywhere(site: Site) -> None:
    rule_id = await site.live(v1=80, v2=20)
    site.world.mesh.tamper(SHOP, None)

    answer = await site.client.post(
        f"/api/rules/{rule_id}/repair", json={"reason": "hand edit"}, headers={"Prefer": "wait=0"}
    )

    assert (answer.status_code, answer.json()["kind"]) == (202, "repair")
    await site.api.pursuits.drain(5)
    await site.world.settle()
    ended = (await site.client.get(answer.headers["location"])).json()
    assert ended["state"] == "effective"
    assert await site.world.mesh.observe(SHOP) is not None


async def test_a_retry_tries_again_now(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.mesh.disconnect()
    headers = {"Prefer": "wait=0"}
    waiting = (await site.client.post(f"/api/deploy-rule/{rule_id}", headers=headers)).json()
    await site.api.pursuits.drain(5)
    site.world.mesh.connect()

    answer = await site.client.post(f"/api/operations/{waiting['id']}/retry")

    assert (answer.status_code, answer.json()["state"]) == (200, "effective")
    found = await site.client.get(f"/api/operations/{waiting['id']}")
    assert found.json() == answer.json()


async def test_an_operation_that_failed_is_not_retried(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.mesh.refuse(SHOP, 1, "no")
    failed = (await site.client.post(f"/api/deploy-rule/{rule_id}")).json()
    problem(await site.client.post(f"/api/operations/{failed['id']}/retry"), 409, "conflict")


async def test_nobody_has_no_operation(site: Site) -> None:
    problem(await site.client.get("/api/operations/none"), 404, "operation-not-found")
    problem(await site.client.post("/api/operations/none/retry"), 404, "operation-not-found")


async def test_without_its_database_an_act_is_refused_with_a_time_to_come_back(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    site.world.database.up = False
    answer = await site.client.post(f"/api/deploy-rule/{rule_id}")
    assert "PostgreSQL" not in problem(answer, 503, "database-unavailable")["detail"]
    assert answer.headers["retry-after"] == "1"


async def test_a_hundred_callers_make_one_operation(site: Site) -> None:
    rule_id = await site.draft(v1=80, v2=20)
    async with client_of(site.api.app) as client:
        path = f"/api/deploy-rule/{rule_id}"
        answers = await asyncio.gather(*(client.post(path) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(site.world.mesh.applied) == 1
