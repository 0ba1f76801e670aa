"""What the stores of a unit of work keep and find, in memory and on PostgreSQL alike."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.conftest import Keeper
from tests.fakes.clock import NOON
from tests.fakes.values import CHECKOUT, a_revision, a_rule, a_target, an_intent, an_operation

from crossfade.application.work import HeldRule
from crossfade.domain.addresses import LocalService
from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.errors import (
    ConflictError,
    KeyReusedError,
    OperationNotFoundError,
    RevisionNotFoundError,
    RuleExistsError,
    RuleNotFoundError,
)
from crossfade.domain.intent import Intent, Mirror, RuleType, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import OperationState, Stage, StageName, StageState
from crossfade.domain.policies import OutlierDetection, Policies, Retries
from crossfade.domain.revision import TargetKind, Verdict
from crossfade.domain.rule import RuleState

LATER = NOON + timedelta(microseconds=123_456)
FULL = Intent(
    key=CHECKOUT,
    versions=(
        Version("v1", 6_667, (("version", "v1"), ("app.kubernetes.io/part-of", "shop"))),
        Version("v2", 3_333),
    ),
    rule_type=RuleType.MIRROR,
    hosts=("shop.example.com",),
    gateways=("mesh", "ingress/public"),
    cohorts=(
        Cohort("testers", "v2", (Condition(Source.HEADER, Operator.EXACT, "x-tester", "ja, ü"),)),
    ),
    mirror=Mirror("v2", 2_501),
    policies=Policies(timeout_ms=500, retries=Retries(2), outlier_detection=OutlierDetection()),
)


async def test_a_rule_is_kept_exactly(keeper: Keeper) -> None:
    rule = replace(
        a_rule(FULL),
        edition=3,
        state=RuleState.UNDEPLOYED_CHANGES,
        is_active=False,
        generation=7,
        updated_at=LATER,
        deployed_at=LATER,
    )
    async with keeper.work() as work:
        await work.rules.add(rule)
    async with keeper.work() as work:
        assert await work.rules.get(rule.id, lock=True) == rule
        assert await work.rules.find(CHECKOUT) == rule


async def test_a_service_has_one_rule(keeper: Keeper) -> None:
    first, second = a_rule(), a_rule()
    async with keeper.work() as work:
        await work.rules.add(first)
        with pytest.raises(RuleExistsError) as caught:
            await work.rules.add(second)
        await work.rules.add(a_rule(an_intent(ServiceKey("local", "shop", "cart"))))
    assert caught.value.rule_id == first.id


async def test_a_held_rule_comes_with_what_is_deployed_and_where_it_listens(
    keeper: Keeper,
) -> None:
    draft = a_rule(FULL)
    deployed = replace(draft, generation=2)
    older, newer = a_revision(draft, 1), a_revision(draft, 2)
    service = LocalService(CHECKOUT, (("v1", ("127.0.0.1:9001",)),))
    async with keeper.work() as work:
        await work.rules.add(draft)
        assert await work.rules.hold(draft.id) == HeldRule(draft, live=None, service=None)
        for revision in (older, newer):
            await work.revisions.add(revision)
        await work.rules.save(deployed)
        await work.local_services.put(service)
    async with keeper.work() as work:
        assert await work.rules.hold(draft.id) == HeldRule(deployed, newer, service)


async def test_a_saved_rule_replaces_the_older_one(keeper: Keeper) -> None:
    rule = a_rule()
    edited = rule.edited(an_intent(canary=5_000), LATER)
    async with keeper.work() as work:
        await work.rules.add(rule)
        await work.rules.save(edited)
        assert await work.rules.get(rule.id) == edited


@pytest.mark.parametrize("rule_id", ["missing", "", "2b0c1d38-94a4-4f0e-8f4c-0d6f5d3c7e11"])
async def test_a_rule_that_is_not_there_is_named(keeper: Keeper, rule_id: str) -> None:
    async with keeper.work() as work:
        with pytest.raises(RuleNotFoundError):
            await work.rules.get(rule_id)
        with pytest.raises(RuleNotFoundError):
            await work.rules.hold(rule_id)
        with pytest.raises(RuleNotFoundError):
            await work.rules.save(a_rule(rule_id=rule_id))
        assert await work.rules.find(CHECKOUT) is None


async def test_history_outlives_a_deleted_rule(keeper: Keeper) -> None:
    rule = a_rule()
    revision, operation = a_revision(rule), an_operation(rule)
    async with keeper.work() as work:
        await work.rules.add(rule)
        await work.revisions.add(revision)
        await work.operations.add(operation)
        await work.targets.aim(a_target(rule))
        await work.rules.delete(rule.id)
    async with keeper.work() as work:
        assert await work.rules.find(CHECKOUT) is None
        assert await work.targets.of(rule.id) == ()
        assert await work.targets.claim(TargetKind.ENVOY, "a", 10) == ()
        assert await work.revisions.get(CHECKOUT, 1) == revision
        assert await work.operations.get(operation.id) == operation


async def test_a_revision_is_kept_exactly(keeper: Keeper) -> None:
    revision = replace(a_revision(a_rule(FULL), 3), reason="mehr für v2", origin=1)
    async with keeper.work() as work:
        await work.revisions.add(revision)
        await work.revisions.judge(CHECKOUT, 3, Verdict.EFFECTIVE)
        await work.revisions.committed(CHECKOUT, 3, "4be1f09")
    async with keeper.work() as work:
        judged = replace(revision, verdict=Verdict.EFFECTIVE, commit="4be1f09")
        assert await work.revisions.get(CHECKOUT, 3) == judged


async def test_a_generation_is_given_once(keeper: Keeper) -> None:
    revision = a_revision(a_rule())
    async with keeper.work() as work:
        assert await work.revisions.highest(CHECKOUT) == 0
        await work.revisions.add(revision)
        with pytest.raises(ConflictError):
            await work.revisions.add(revision)
        await work.revisions.add(replace(revision, generation=12))
        assert await work.revisions.highest(CHECKOUT) == 12
        with pytest.raises(RevisionNotFoundError):
            await work.revisions.get(CHECKOUT, 2)


async def test_an_operation_is_added_with_its_picture(keeper: Keeper) -> None:
    rule = a_rule(FULL)
    revision, operation = a_revision(rule), an_operation(rule, key="k1")
    async with keeper.work() as work:
        await work.operations.add(operation, revision)
    async with keeper.work() as work:
        assert await work.operations.get(operation.id) == operation
        assert await work.revisions.get(CHECKOUT, 1) == revision


async def test_neither_an_operation_nor_its_picture_takes_the_place_of_another(
    keeper: Keeper,
) -> None:
    rule = a_rule()
    async with keeper.work() as work:
        await work.operations.add(an_operation(rule, key="k1"), a_revision(rule))
    with pytest.raises(ConflictError):
        async with keeper.work() as work:
            await work.operations.add(an_operation(rule, key="k2"), a_revision(rule))
    with pytest.raises(KeyReusedError):
        async with keeper.work() as work:
            await work.operations.add(an_operation(rule, key="k1"), a_revision(rule, 2))
    async with keeper.work() as work:
        assert await work.revisions.highest(CHECKOUT) == 1
        assert await work.operations.by_key("k2") is None


async def test_proven_pictures_are_found_newest_first(keeper: Keeper) -> None:
    verdicts = [Verdict.EFFECTIVE, Verdict.REFUSED, Verdict.NOT_PROVEN, Verdict.UNKNOWN]
    rule = a_rule()
    async with keeper.work() as work:
        for generation, verdict in enumerate([*verdicts, Verdict.EFFECTIVE], start=1):
            await work.revisions.add(replace(a_revision(rule, generation), verdict=verdict))
        found = await work.revisions.before(CHECKOUT, 5)
    assert [revision.generation for revision in found] == [3, 1]


async def test_an_operation_is_kept_exactly(keeper: Keeper) -> None:
    operation = replace(an_operation(a_rule(), key="k1"), reason="Freitag")
    moved = operation.with_stage(Stage(StageName.SAVED, StageState.DONE, LATER, "revision 1"))
    ended = moved.ended(OperationState.EFFECTIVE, "1 of 1 proxies", LATER)
    async with keeper.work() as work:
        await work.operations.add(operation)
        await work.operations.save(ended)
    async with keeper.work() as work:
        assert await work.operations.get(operation.id) == ended
        assert await work.operations.by_key("k1") == ended
        assert await work.operations.by_key("k2") is None


async def test_an_idempotency_key_makes_one_operation(keeper: Keeper) -> None:
    rule = a_rule()
    async with keeper.work() as work:
        await work.operations.add(an_operation(rule, key="k1"))
        with pytest.raises(KeyReusedError):
            await work.operations.add(an_operation(rule, key="k1"))
        await work.operations.add(an_operation(rule))
        await work.operations.add(an_operation(rule))


async def test_the_newest_operation_is_the_one_added_last(keeper: Keeper) -> None:
    rule = a_rule()
    first, second, third = (an_operation(rule, generation) for generation in (1, 2, 2))
    ended = first.ended(OperationState.SUPERSEDED, "revision 2 came", NOON)
    async with keeper.work() as work:
        for operation in (first, second, third):
            await work.operations.add(operation)
        await work.operations.save(ended)
        assert await work.operations.newest(rule.id) == third
        assert await work.operations.of_generation(rule.id, 2) == third
        assert await work.operations.of_generation(rule.id, 1) == ended
        assert await work.operations.of_generation(rule.id, 3) is None
        assert list(await work.operations.running(rule.id)) == [second, third]


async def test_an_operation_that_is_not_there_is_named(keeper: Keeper) -> None:
    async with keeper.work() as work:
        assert await work.operations.newest("nobody") is None
        with pytest.raises(OperationNotFoundError):
            await work.operations.get("missing")
        with pytest.raises(OperationNotFoundError):
            await work.operations.save(an_operation(a_rule()))


async def test_local_services_are_kept_replaced_and_forgotten(keeper: Keeper) -> None:
    cart = LocalService(
        ServiceKey("local", "shop", "cart"), (("v2", ("127.0.0.1:9002",)), ("v1", ()))
    )
    checkout = LocalService(CHECKOUT, (("v1", ("127.0.0.1:9001", "[::1]:9001")),))
    moved = replace(checkout, versions=(("v1", ("127.0.0.1:9009",)),))
    async with keeper.work() as work:
        for service in (checkout, cart, moved):
            await work.local_services.put(service)
    async with keeper.work() as work:
        assert list(await work.local_services.all()) == [cart, moved]
        assert await work.local_services.get(CHECKOUT) == moved
        await work.local_services.delete(CHECKOUT)
        assert await work.local_services.get(CHECKOUT) is None
