"""Many callers at once, failing commits and vanished clients, on PostgreSQL and Git."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.conftest import administer
from tests.integration.api_site import RealSite, converging, opened, split

from crossfade.adapters.db.database import Database
from crossfade.application.verification import verify
from crossfade.entrypoints.cli.listening import opened_socket, serving

pytestmark = pytest.mark.integration

REFUSE_AT_COMMIT = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
    CREATE CONSTRAINT TRIGGER refusal AFTER INSERT OR UPDATE ON traffic_rules
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()
"""
DIE_AT_COMMIT = REFUSE_AT_COMMIT.replace(
    "RAISE EXCEPTION 'not today'", "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL"
)


@pytest.fixture
async def site(database: Database, tmp_path: Path) -> AsyncIterator[RealSite]:
    """The application."""
    async with opened(database, tmp_path / "git") as found:
        yield found


async def test_a_hundred_identical_deploys_are_one(site: RealSite) -> None:
    rule_id = await site.draft()
    headers = {"Idempotency-Key": "click-1", "Prefer": "wait=30"}
    posts = (site.client.post(f"/api/deploy-rule/{rule_id}", headers=headers) for _ in range(100))

    answers = await asyncio.gather(*posts)
    await site.settle()

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["state"] for answer in answers} == {"effective"}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [generation for _, generation in site.mesh.applied] == [1]
    page = (await site.client.get("/api/audit", params={"action": "deploy.requested"})).json()
    assert len(page["items"]) == 1
    revisions = (await site.client.get(f"/api/rules/{rule_id}/revisions")).json()["items"]
    assert [one["commit"] is not None for one in revisions] == [True]
    found = await verify(site.ports)
    assert (found.problems, found.commits_checked) == ((), 1)


async def test_a_hundred_identical_rules_are_one(site: RealSite) -> None:
    body = {"serviceName": "shop", "versions": split(80, 20)}
    answers = await asyncio.gather(*(site.client.post("/api/rules", json=body) for _ in range(100)))
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {201: 1, 409: 99}
    (made,) = (answer.json()["id"] for answer in answers if answer.status_code == 201)
    named = {answer.json()["ruleId"] for answer in answers if answer.status_code == 409}
    assert named == {made}


async def test_of_many_editors_at_once_one_wins_and_the_others_see_why(site: RealSite) -> None:
    rule_id = await site.draft()
    bodies = [{"versions": split(weight, 100 - weight)} for weight in range(20)]
    path, seen = f"/api/rules/{rule_id}", {"If-Match": '"1"'}

    answers = await asyncio.gather(
        *(site.client.put(path, json=body, headers=seen) for body in bodies)
    )

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 19}
    (winner,) = (answer.json() for answer in answers if answer.status_code == 200)
    for loser in (answer.json() for answer in answers if answer.status_code == 412):
        assert (loser["yours"], loser["current"]["edition"]) == (1, 2)
        assert loser["current"]["versions"] == winner["versions"]


async def test_edits_that_name_different_parts_lose_nothing(site: RealSite) -> None:
    rule_id = await site.draft()
    path = f"/api/rules/{rule_id}"
    weights = {"version1Weight": 33.33, "version2Weight": 66.67}
    names = {"version1Name": "v1", "hosts": ["shop.example.com"]}
    limits = {"version2Name": "v2", "policies": {"timeoutMs": 500}}

    answers = await asyncio.gather(
        *(site.client.put(path, json=body) for body in (weights, names, limits))
    )

    assert {answer.status_code for answer in answers} == {200}
    rule = (await site.client.get(path)).json()
    assert (rule["version1Weight"], rule["hosts"]) == (33.33, ["shop.example.com"])
    assert rule["policies"]["timeoutMs"] == 500
    assert rule["edition"] == 4


@pytest.mark.parametrize(("weather", "status"), [(REFUSE_AT_COMMIT, 500), (DIE_AT_COMMIT, 503)])
async def test_a_commit_that_fails_is_no_success(
    site: RealSite, database_url: str, weather: str, status: int
) -> None:
    rule_id = await site.draft()
    await administer(database_url, weather)

    with capture_logs():
        post = await site.client.post(
            "/api/rules", json={"serviceName": "x", "versions": split(100)}
        )
        deploy = await site.client.post(f"/api/deploy-rule/{rule_id}")
        put = await site.client.put(f"/api/rules/{rule_id}", json={"version1Name": "v3"})

    assert [post.status_code, deploy.status_code, put.status_code] == [status] * 3
    await administer(database_url, "DROP TRIGGER refusal ON traffic_rules")
    rules = (await site.client.get("/api/rules")).json()
    assert [(rule["state"], rule["edition"]) for rule in rules["items"]] == [("draft", 1)]
    assert site.mesh.applied == []
    entries = (await site.client.get("/api/audit")).json()["items"]
    assert [entry["action"] for entry in entries] == ["rule.created", "local.changed"]


async def test_a_client_who_hangs_up_stops_nothing(site: RealSite) -> None:
    rule_id = await site.draft()
    listener = opened_socket("127.0.0.1", 0)
    port = listener.getsockname()[1]
    request = f"POST /api/deploy-rule/{rule_id} HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with serving(site.api.app, listener), site.ports.events.subscribe() as events:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request.encode())
        await writer.drain()
        writer.transport.abort()
        async with asyncio.timeout(20):
            async for event in events:
                if event.type == "operation" and event.state == "effective":
                    break
    (row,) = (await site.client.get("/api/rules")).json()["items"]
    assert row["state"] == "live"


async def test_everything_that_can_be_read_is_as_documented(site: RealSite) -> None:
    async with converging(site):
        rule_id = await site.draft()
        operation = (await site.client.post(f"/api/deploy-rule/{rule_id}")).json()
        await site.client.put(f"/api/rules/{rule_id}", json={"version1Name": "v3"})
        await site.client.post(f"/api/deploy-rule/{rule_id}", headers={"Prefer": "wait=20"})
        await site.client.post(f"/api/rules/{rule_id}/rollback")
        await site.client.post(f"/api/rules/{rule_id}/repair")
        rule = f"/api/rules/{rule_id}"
        paths = [
            *("/api/rules", "/api/audit", "/api/audit/verify", "/api/services", "/api/me"),
            *("/health", "/health/live", "/metrics", f"/api/samples?id={rule_id}"),
            *(rule, f"{rule}/revisions", f"{rule}/revisions/1", f"{rule}/drift"),
            *(f"{rule}/preview", f"{rule}/metrics", f"/api/operations/{operation['id']}"),
        ]
        for path in paths:
            answer = await site.client.get(path)
            assert answer.status_code == 200, path
            assert path == "/metrics" or json.loads(answer.content)


async def test_a_removal_waits_for_every_target_and_then_the_rule_is_gone(site: RealSite) -> None:
    rule_id = await site.draft()
    async with converging(site):
        await site.client.post(f"/api/deploy-rule/{rule_id}")
        headers = {"If-Match": '"1"', "Prefer": "wait=20"}
        answer = await site.client.delete(f"/api/rules/{rule_id}", headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "effective")
    assert (await site.client.get(f"/api/rules/{rule_id}")).status_code == 404
    assert (await site.ports.repository.pictures()) == {}
