"""The exact JSON that the API shows, made on PostgreSQL."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.fakes.clock import NOON
from tests.fakes.values import (
    CHECKOUT,
    a_revision,
    a_rule,
    a_target,
    an_act,
    an_intent,
    an_operation,
)

from crossfade.adapters.db.database import Database
from crossfade.application.views import AuditFilter, RuleFilter, moment_text
from crossfade.domain.errors import (
    OperationNotFoundError,
    RevisionNotFoundError,
    RuleNotFoundError,
)
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import OperationState, Stage, StageName, StageState
from crossfade.domain.revision import TargetKind, Verdict
from crossfade.domain.rule import Rule, RuleState
from crossfade.domain.target import Drift
from crossfade.manifests.rule_document import intent_document

pytestmark = pytest.mark.integration

AT_NOON = "2026-03-01T12:00:00.000000Z"
A_MOMENT_LATER = NOON + timedelta(microseconds=7)


def service(namespace: str, name: str) -> ServiceKey:
    return ServiceKey("local", namespace, name)


async def draft(database: Database, key: ServiceKey, state: RuleState = RuleState.DRAFT) -> Rule:
    """A new rule that nobody has deployed."""
    rule = replace(a_rule(an_intent(key)), state=state)
    async with database.work() as work:
        await work.rules.add(rule)
    return rule


async def live(database: Database) -> tuple[Rule, str]:
    """A rule whose first revision is deployed, with the id of the operation that did it."""
    rule = replace(a_rule(), generation=1, state=RuleState.LIVE, deployed_at=A_MOMENT_LATER)
    saved = Stage(StageName.SAVED, StageState.DONE, NOON, "revision 1")
    operation = replace(an_operation(rule), reason="Friday").with_stage(saved)
    async with database.work() as work:
        await work.rules.add(rule)
        await work.operations.add(operation, a_revision(rule))
        kinds = (TargetKind.GIT, TargetKind.ENVOY)
        git, envoy = await work.targets.aim(*(a_target(rule, kind) for kind in kinds))
        await work.targets.record(git.wait("cannot reach the repository"), retry_in_s=1)
        await work.targets.record(envoy.confirm("sha-envoy", "1 of 1 proxies"))
        await work.targets.drifted(rule.id, TargetKind.ENVOY, Drift("changed", "Jane", NOON))
    return rule, operation.id


async def page(database: Database, **wanted: object) -> dict[str, object]:
    """A page of rules, parsed."""
    found: dict[str, object] = json.loads(await database.views.rules(RuleFilter(**wanted)))
    return found


def names(found: dict[str, object]) -> list[str]:
    """The services on a page."""
    items = found["items"]
    assert isinstance(items, list)
    return [f"{item['namespace']}/{item['serviceName']}" for item in items]


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (NOON, AT_NOON),
        (A_MOMENT_LATER, "2026-03-01T12:00:00.000007Z"),
        (datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2))), AT_NOON),
        (datetime(999, 1, 1, tzinfo=UTC), "0999-01-01T00:00:00.000000Z"),
    ],
)
async def test_moments_have_one_form_in_python_and_postgresql(
    database: Database, at: datetime, text: str
) -> None:
    rule = replace(a_rule(), created_at=at)
    async with database.work() as work:
        await work.rules.add(rule)
    assert moment_text(at) == text
    assert json.loads((await database.views.rule(rule.id)).body)["createdAt"] == text


async def test_no_rules_make_an_empty_page(database: Database) -> None:
    expected = {"items": [], "next": None, "total": 0, "counts": {}, "namespaces": []}
    assert await page(database) == expected


async def test_a_draft_on_a_page(database: Database) -> None:
    rule = await draft(database, CHECKOUT)
    found = await page(database)
    assert found["items"] == [
        {
            "id": rule.id,
            "namespace": "shop",
            "serviceName": "checkout",
            "ruleType": "WEIGHTED",
            "state": "draft",
            "edition": 1,
            "generation": None,
            "isActive": True,
            "versions": [{"name": "v1", "weight": 80}, {"name": "v2", "weight": 20}],
            "liveVersions": None,
            "targets": [],
            "operationId": None,
            "operationKind": None,
            "createdAt": AT_NOON,
            "updatedAt": AT_NOON,
            "deployedAt": None,
        }
    ]


async def test_a_live_rule_on_a_page(database: Database) -> None:
    rule, operation_id = await live(database)
    async with database.work() as work:
        await work.rules.save(rule.edited(an_intent(canary=3_333), NOON))
    (row,) = json.loads(await database.views.rules(RuleFilter()))["items"]
    assert (row["operationId"], row["operationKind"]) == (operation_id, "deploy")
    assert row["versions"] == [{"name": "v1", "weight": 66.67}, {"name": "v2", "weight": 33.33}]
    assert row["liveVersions"] == [{"name": "v1", "weight": 80}, {"name": "v2", "weight": 20}]
    assert row["deployedAt"] == "2026-03-01T12:00:00.000007Z"
    drift = {"summary": "changed", "author": "Jane", "at": AT_NOON}
    assert row["targets"] == [
        {
            **{"kind": "git", "state": "waiting", "error": "cannot reach the repository"},
            **{"proof": None, "drift": None},
        },
        {
            **{"kind": "envoy", "state": "confirmed", "error": None},
            **{"proof": "1 of 1 proxies", "drift": drift},
        },
    ]


async def test_pages_follow_each_other_without_gap_or_repetition(database: Database) -> None:
    keys = [service(namespace, f"s-{n}") for namespace in ("b", "a-b", "a") for n in range(3)]
    for key in keys:
        await draft(database, key)
    seen, cursor, pages = [], None, 0
    while cursor is not None or pages == 0:
        found = await page(database, limit=2, cursor=cursor)
        seen += names(found)
        cursor, pages = found["next"], pages + 1
    assert seen == [f"{n}/s-{i}" for n in ("a", "a-b", "b") for i in range(3)]
    assert pages == 5


async def test_a_page_that_ends_with_the_last_rule_has_no_next(database: Database) -> None:
    for name in ("one", "two"):
        await draft(database, service("shop", name))
    assert (await page(database, limit=2))["next"] is None
    assert (await page(database, limit=1))["next"] == "shop/one"


async def test_filters_choose_rules_and_counts_show_what_else_there_is(database: Database) -> None:
    await draft(database, service("shop", "cart"), RuleState.LIVE)
    await draft(database, service("shop", "checkout"), RuleState.DRIFT)
    await draft(database, service("bank", "checkout"), RuleState.LIVE)
    assert names(await page(database, namespace="shop")) == ["shop/cart", "shop/checkout"]
    assert names(await page(database, service="checkout")) == ["bank/checkout", "shop/checkout"]
    assert names(await page(database, q="HECK")) == ["bank/checkout", "shop/checkout"]
    assert names(await page(database, q="ban")) == ["bank/checkout"]
    assert names(await page(database, q="%")) == []
    found = await page(database, namespace="shop", state="drift")
    assert names(found) == ["shop/checkout"]
    assert (found["total"], found["counts"]) == (2, {"live": 1, "drift": 1})
    assert found["namespaces"] == ["bank", "shop"]


async def test_one_rule_with_everything(database: Database) -> None:
    rule, operation_id = await live(database)
    view = await database.views.rule(rule.id)
    shown = json.loads(view.body)
    assert view.edition == shown["edition"] == 1
    assert {name: shown[name] for name in intent_document(rule.intent)} == intent_document(
        rule.intent
    )
    assert shown["liveVersions"] == shown["versions"]
    assert shown["operation"] == json.loads(await database.views.operation(operation_id))
    assert [
        (t["kind"], t["desiredGeneration"], t["confirmedGeneration"]) for t in shown["targets"]
    ] == [("git", 1, None), ("envoy", 1, 1)]
    assert {
        name: shown[name]
        for name in ("id", "cluster", "state", "generation", "isActive", "updatedAt")
    } == {
        "id": rule.id,
        "cluster": "local",
        "state": "live",
        "generation": 1,
        "isActive": True,
        "updatedAt": AT_NOON,
    }


async def test_two_versions_are_shown_in_the_short_form_too(database: Database) -> None:
    two = await draft(database, service("shop", "two"))
    three = Intent(
        service("shop", "three"), (Version("a", 0), Version("b", 9_999), Version("c", 1))
    )
    async with database.work() as work:
        await work.rules.add(a_rule(three, "three"))
    short = ("version1Name", "version2Name", "version1Weight", "version2Weight")
    shown = json.loads((await database.views.rule(two.id)).body)
    assert [shown[name] for name in short] == ["v1", "v2", 80, 20]
    shown = json.loads((await database.views.rule("three")).body)
    assert not set(short) & set(shown)
    assert shown["versions"][1:] == [
        {"name": "b", "weight": 99.99, "labels": {"version": "b"}},
        {"name": "c", "weight": 0.01, "labels": {"version": "c"}},
    ]


async def test_an_operation_with_its_stages(database: Database) -> None:
    rule, operation_id = await live(database)
    async with database.work() as work:
        operation = await work.operations.get(operation_id)
        ended = operation.ended(OperationState.EFFECTIVE, "1 of 1 proxies", A_MOMENT_LATER)
        await work.operations.save(ended)
    pending = {"state": "pending", "at": None, "detail": None}
    assert json.loads(await database.views.operation(operation_id)) == {
        "id": operation_id,
        "ruleId": rule.id,
        "kind": "deploy",
        "state": "effective",
        "generation": 1,
        "actor": "alice",
        "reason": "Friday",
        "outcome": "1 of 1 proxies",
        "createdAt": AT_NOON,
        "endedAt": "2026-03-01T12:00:00.000007Z",
        "stages": [
            {"name": "saved", "state": "done", "at": AT_NOON, "detail": "revision 1"},
            {"name": "committed", **pending},
            {"name": "applied", **pending},
            {"name": "effective", **pending},
        ],
    }


async def test_what_is_not_there_is_named(database: Database) -> None:
    rule = await draft(database, CHECKOUT)
    with pytest.raises(RuleNotFoundError):
        await database.views.rule("missing")
    with pytest.raises(RuleNotFoundError):
        await database.views.revisions("missing")
    with pytest.raises(OperationNotFoundError):
        await database.views.operation("missing")
    with pytest.raises(RevisionNotFoundError):
        await database.views.revision(rule.id, 1)
    assert json.loads(await database.views.revisions(rule.id)) == {"items": [], "next": None}


async def test_a_revision_says_what_it_changed_and_what_became_of_it(database: Database) -> None:
    rule, operation_id = await live(database)
    second = replace(a_rule(an_intent(canary=5_000), rule.id), generation=2)
    revision = replace(a_revision(second, 2), reason="more", origin=1, verdict=Verdict.EFFECTIVE)
    async with database.work() as work:
        await work.revisions.add(revision)
        await work.revisions.committed(CHECKOUT, 1, "4be1f09")
        await work.rules.save(second)
    found = json.loads(await database.views.revisions(rule.id))
    assert found["next"] is None
    newest, oldest = found["items"]
    assert newest == {
        "generation": 2,
        "intent": intent_document(second.intent),
        "author": "alice",
        "reason": "more",
        "origin": 1,
        "createdAt": AT_NOON,
        "commit": None,
        "operation": None,
        "current": True,
        "summary": "v1 80% → 50%, v2 20% → 50%",
    }
    assert (oldest["summary"], oldest["current"]) == ("v1 80%, v2 20%", False)
    assert oldest["commit"] == "4be1f09"
    assert oldest["operation"] == {
        "id": operation_id,
        "kind": "deploy",
        "state": "running",
        "outcome": None,
    }


async def test_revisions_come_in_pages_and_each_knows_the_one_before(database: Database) -> None:
    rule = await draft(database, CHECKOUT)
    async with database.work() as work:
        for generation in (1, 2, 5):
            await work.revisions.add(a_revision(rule, generation))
    first = json.loads(await database.views.revisions(rule.id, limit=2))
    assert [item["generation"] for item in first["items"]] == [5, 2]
    assert [item["summary"] for item in first["items"]] == ["the split stays as it is"] * 2
    second = json.loads(await database.views.revisions(rule.id, limit=2, before=first["next"]))
    assert [item["generation"] for item in second["items"]] == [1]
    assert second["next"] is None


async def test_one_revision_brings_its_documents(database: Database) -> None:
    rule, _ = await live(database)
    shown = json.loads(await database.views.revision(rule.id, 1))
    assert shown["summary"] == "v1 80%, v2 20%"
    assert shown["documents"] == [
        {"target": "git", "path": "shop/checkout.yaml", "content": "kind: git\n"},
        {"target": "envoy", "path": "shop/checkout.yaml", "content": "kind: envoy\n"},
        {"target": "cluster", "path": "shop/checkout.yaml", "content": "kind: cluster\n"},
    ]
    with pytest.raises(RevisionNotFoundError):
        await database.views.revision(rule.id, 2)


async def test_an_audit_entry_is_shown_as_its_bytes_say(database: Database) -> None:
    act = replace(an_act(), rule_id="r1", reason="why not", after={"weight": 33.33})
    async with database.work() as work:
        work.record(act)
    head = await database.chain.head()
    assert head is not None
    assert json.loads(await database.views.audit(AuditFilter())) == {
        "items": [
            {
                "n": 1,
                "at": AT_NOON,
                "actor": "alice",
                "action": "rule.created",
                "namespace": "shop",
                "serviceName": "checkout",
                "ruleId": "r1",
                "operationId": None,
                "generation": None,
                "reason": "why not",
                "summary": "alice made a rule",
                "before": None,
                "after": {"weight": 33.33},
                "hash": head.hash,
            }
        ],
        "next": None,
    }


async def test_the_audit_is_filtered_and_paged_newest_first(database: Database) -> None:
    acts = [
        replace(an_act(), actor="alice", action="rule.created", at=NOON),
        replace(an_act(), actor="bob", action="rule.edited", at=A_MOMENT_LATER),
        replace(an_act(), key=service("bank", "loans"), at=NOON + timedelta(hours=1)),
    ]
    async with database.work() as work:
        for act in acts:
            work.record(act)

    async def found(**wanted: object) -> list[int]:
        answer = json.loads(await database.views.audit(AuditFilter(**wanted)))
        return [entry["n"] for entry in answer["items"]]

    assert await found() == [3, 2, 1]
    assert await found(actor="bob") == [2]
    assert await found(action="rule.created") == [3, 1]
    assert await found(namespace="shop", service="checkout") == [2, 1]
    assert await found(since=A_MOMENT_LATER) == [3, 2]
    assert await found(until=A_MOMENT_LATER) == [1]
    assert await found(before=3) == [2, 1]
    assert json.loads(await database.views.audit(AuditFilter(limit=2)))["next"] == 2
