"""Whether a process lives, can serve and is well; and what Prometheus may know of it."""

import re

from tests.unit.api.conftest import Site, problem


async def test_a_process_lives_whatever_else_is_broken(site: Site) -> None:
    site.world.database.up = False
    site.book.set("database", "it is down", ok=False)
    answer = await site.client.get("/health/live")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": []}


async def test_readiness_says_what_is_missing(site: Site) -> None:
    assert (await site.client.get("/health/ready")).status_code == 503
    site.book.set("git", "cannot be reached", ok=False)
    site.book.set("database", "PostgreSQL 18", ok=True)
    ready = await site.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    site.book.set("database", "it is down", ok=False)
    answer = await site.client.get("/health/ready")
    assert answer.status_code == 503
    (check,) = answer.json()["checks"]
    assert (check["name"], check["ok"], check["detail"]) == ("database", False, "it is down")


async def test_health_shows_everything_and_since_when(site: Site) -> None:
    site.book.set("git", "main is empty", ok=True)
    site.world.clock.advance(60)
    site.book.set("git", "main at 4be1f09", ok=True)
    site.book.set("database", "down", ok=False)
    found = (await site.client.get("/health")).json()
    assert found["status"] == "degraded"
    assert [(check["name"], check["since"], check["detail"]) for check in found["checks"]] == [
        ("database", "2026-03-01T12:01:00.000000Z", "down"),
        ("git", "2026-03-01T12:00:00.000000Z", "main at 4be1f09"),
    ]


async def metrics(site: Site) -> dict[str, float]:
    text = (await site.client.get("/metrics")).text
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_requests_are_counted_by_route_and_status(site: Site) -> None:
    rule_id = await site.draft(v1=100)
    await site.client.get(f"/api/rules/{rule_id}")
    await site.client.get("/api/rules/nobody")
    await site.client.get("/api/nothing")
    found = await metrics(site)
    name = "crossfade_http_requests_total"
    labels = 'method="GET",route="/api/rules/{rule_id}"'
    assert found[f'{name}{{{labels},status="200"}}'] == 1
    assert found[f'{name}{{{labels},status="404"}}'] == 1
    assert found[f'{name}{{method="GET",route="page",status="404"}}'] == 1
    assert found[f"crossfade_http_request_duration_seconds_count{{{labels}}}"] == 2


async def test_operations_entries_loops_and_health_are_told(site: Site) -> None:
    rule_id = await site.draft(v1=100)
    await site.client.post(f"/api/deploy-rule/{rule_id}")
    site.api.telemetry.passed("git", None)
    site.api.telemetry.passed("git", OSError("no"))
    site.book.set("git", "gone", ok=False)
    found = await metrics(site)
    assert found['crossfade_operations_answered_total{kind="deploy",state="effective"}'] == 1
    assert found["crossfade_audit_entries"] == 3
    assert found['crossfade_loop_passes_total{loop="git"}'] == 2
    assert found['crossfade_loop_failures_total{loop="git"}'] == 1
    assert found['crossfade_health{name="git"}'] == 0


async def test_metrics_do_without_the_database(site: Site) -> None:
    site.world.database.up = False
    answer = await site.client.get("/metrics")
    assert answer.status_code == 200
    assert re.search(r"^process_", answer.text, re.MULTILINE)


async def test_a_database_that_is_away_is_no_fault_of_the_caller(site: Site) -> None:
    site.world.database.up = False
    for path in ("/api/rules", "/api/rules/x", "/api/audit", "/api/services"):
        problem(await site.client.get(path), 503, "database-unavailable")
