"""Targets are claimed by one, fenced by tokens and due by time, in memory and on PostgreSQL."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.conftest import Keeper, Wait
from tests.fakes.clock import NOON
from tests.fakes.values import a_revision, a_rule, a_target, an_intent, an_operation

from crossfade.application.work import Errand, Work
from crossfade.domain.errors import LeaseLostError
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation
from crossfade.domain.revision import Revision, TargetKind, Verdict
from crossfade.domain.rule import Rule
from crossfade.domain.target import Drift, Presence, Target, TargetState

ENVOY, GIT = TargetKind.ENVOY, TargetKind.GIT
DRIFT = Drift("v2 has 30% instead of 20%", "Jane", NOON)


async def deployed(work: Work, rule: Rule, generation: int = 1) -> tuple[Revision, Operation]:
    """The rule's draft as a revision, with the operation that made it; no target aims at it."""
    revision, operation = a_revision(rule, generation), an_operation(rule, generation)
    await work.operations.add(operation, revision)
    return revision, operation


async def aimed(keeper: Keeper, rule: Rule, *, holder: str | None = None) -> Target:
    """The mesh's target of a new rule, aimed at its first revision."""
    async with keeper.work() as work:
        await work.rules.add(rule)
        await deployed(work, rule)
        (target,) = await work.targets.aim(a_target(rule), mesh_holder=holder)
        return target


async def claim(keeper: Keeper, holder: str = "a", limit: int = 10) -> tuple[Errand, ...]:
    """One claim in a work of its own."""
    async with keeper.work() as work:
        return await work.targets.claim(ENVOY, holder, limit)


async def test_a_new_aim_is_due_at_once_with_its_revision_and_operation(keeper: Keeper) -> None:
    rule = a_rule()
    async with keeper.work() as work:
        await work.rules.add(rule)
        revision, operation = await deployed(work, rule)
        (aimed_at,) = await work.targets.aim(a_target(rule))
    (errand,) = await claim(keeper)
    assert errand == Errand(replace(aimed_at, token=aimed_at.token + 1), revision, operation)


async def test_targets_stand_in_the_order_of_their_kinds(keeper: Keeper) -> None:
    rule = a_rule()
    async with keeper.work() as work:
        await work.rules.add(rule)
        await deployed(work, rule)
        aimed_at = await work.targets.aim(a_target(rule, ENVOY), a_target(rule, GIT))
        assert [target.kind for target in aimed_at] == [GIT, ENVOY]
        assert await work.targets.of(rule.id) == aimed_at
        assert [target.kind for target in await work.targets.of(rule.id)] == [GIT, ENVOY]
        assert await work.targets.claim(GIT, "a", 10) != ()
        assert await work.targets.of("nobody") == ()


async def test_two_claimers_never_share_a_target(keeper: Keeper) -> None:
    keys = [ServiceKey("local", "shop", f"service-{n}") for n in range(20)]
    for key in keys:
        await aimed(keeper, a_rule(an_intent(key)))
    claims = await asyncio.gather(*(claim(keeper, f"holder-{n}", limit=4) for n in range(8)))
    claimed = [errand.target.key for errands in claims for errand in errands]
    assert sorted(claimed) == sorted(keys)


async def test_a_claimed_target_comes_back_when_its_lease_ran_out(
    keeper: Keeper, wait: Wait
) -> None:
    await aimed(keeper, a_rule())
    (first,) = await claim(keeper, "a")
    assert await claim(keeper, "b") == ()
    await wait(11)
    (second,) = await claim(keeper, "b")
    assert second.target.token > first.target.token
    with pytest.raises(LeaseLostError):
        async with keeper.work() as work:
            await work.targets.record(first.target.confirm("sha"))


async def test_an_aim_with_a_holder_is_leased_at_once(keeper: Keeper, wait: Wait) -> None:
    target = await aimed(keeper, a_rule(), holder="a")
    assert await claim(keeper, "b") == ()
    async with keeper.work() as work:
        await work.targets.record(target.confirm("sha"))
    await wait(60)
    assert await claim(keeper, "b") == ()


async def test_a_leased_aim_whose_holder_died_is_claimed_by_others(
    keeper: Keeper, wait: Wait
) -> None:
    await aimed(keeper, a_rule(), holder="a")
    await wait(11)
    assert len(await claim(keeper, "b")) == 1


async def test_a_new_aim_takes_the_target_from_whoever_works_on_it(keeper: Keeper) -> None:
    rule = a_rule()
    await aimed(keeper, rule)
    (errand,) = await claim(keeper, "a")
    async with keeper.work() as work:
        await deployed(work, rule, 2)
        await work.targets.aim(a_target(rule, generation=2))
    with pytest.raises(LeaseLostError):
        async with keeper.work() as work:
            await work.targets.record(errand.target.confirm("sha-1"))
    (newer,) = await claim(keeper, "b")
    assert newer.target.desired_generation == newer.revision.generation == 2


async def test_an_aim_keeps_what_the_target_holds(keeper: Keeper) -> None:
    rule = a_rule()
    target = await aimed(keeper, rule, holder="a")
    async with keeper.work() as work:
        await work.targets.record(target.confirm("sha-1"))
        await work.targets.drifted(rule.id, ENVOY, DRIFT)
        await deployed(work, rule, 2)
        wanted = replace(a_target(rule, generation=2), presence=Presence.ABSENT)
        (newer,) = await work.targets.aim(wanted)
    assert (newer.confirmed_generation, newer.digest, newer.drift) == (1, "sha-1", DRIFT)
    assert (newer.state, newer.desired_generation) == (TargetState.PENDING, 2)
    assert newer.presence is Presence.ABSENT


async def test_an_aim_forgets_earlier_failures(keeper: Keeper) -> None:
    rule = a_rule()
    target = await aimed(keeper, rule, holder="a")
    async with keeper.work() as work:
        await work.targets.record(target.wait("Envoy is not connected."), retry_in_s=5)
        (waiting,) = await work.targets.of(rule.id)
        (again,) = await work.targets.aim(waiting)
    assert (waiting.attempts, waiting.error) == (1, "Envoy is not connected.")
    assert (again.attempts, again.error, again.state) == (0, None, TargetState.PENDING)


async def test_a_waiting_target_is_due_after_its_pause(keeper: Keeper, wait: Wait) -> None:
    target = await aimed(keeper, a_rule(), holder="a")
    async with keeper.work() as work:
        await work.targets.record(target.wait("cannot reach it"), retry_in_s=5)
    assert await claim(keeper) == ()
    await wait(6)
    (errand,) = await claim(keeper)
    assert errand.target.error == "cannot reach it"


async def test_recorded_progress_is_kept_exactly(keeper: Keeper) -> None:
    rule = a_rule()
    target = await aimed(keeper, rule, holder="a")
    confirmed = target.confirm("sha-1")
    async with keeper.work() as work:
        await work.targets.record(confirmed)
    async with keeper.work() as work:
        assert await work.targets.of(rule.id) == (confirmed,)


async def test_a_claim_takes_no_more_than_asked_for(keeper: Keeper) -> None:
    for n in range(3):
        await aimed(keeper, a_rule(an_intent(ServiceKey("local", "shop", f"service-{n}"))))
    assert len(await claim(keeper, limit=2)) == 2
    assert len(await claim(keeper, limit=2)) == 1


async def test_confirmed_targets_come_with_the_picture_they_hold(keeper: Keeper) -> None:
    rule = a_rule()
    target = await aimed(keeper, rule, holder="a")
    async with keeper.work() as work:
        assert list(await work.targets.confirmed(ENVOY)) == []
        await work.targets.record(target.confirm("sha-1"))
        await deployed(work, rule, 2)
        (on_its_way,) = await work.targets.aim(a_target(rule, generation=2))
        ((found, revision),) = await work.targets.confirmed(ENVOY)
    assert found == on_its_way
    assert revision.generation == 1


async def test_a_target_that_let_go_holds_no_picture(keeper: Keeper) -> None:
    rule = a_rule()
    target = await aimed(keeper, rule, holder="a")
    async with keeper.work() as work:
        await work.targets.record(target.confirm("sha-1"))
        gone = replace(a_target(rule), presence=Presence.ABSENT)
        (aimed_away,) = await work.targets.aim(gone, mesh_holder="a")
        assert len(await work.targets.confirmed(ENVOY)) == 1
        await work.targets.record(aimed_away.confirm(None))
        assert list(await work.targets.confirmed(ENVOY)) == []


async def test_drift_is_kept_and_cleared_without_touching_the_lease(keeper: Keeper) -> None:
    rule = a_rule()
    target = await aimed(keeper, rule, holder="a")
    async with keeper.work() as work:
        await work.targets.drifted(rule.id, ENVOY, DRIFT)
        assert await work.targets.of(rule.id) == (target,)
        await work.targets.record(target.confirm("sha-1"))
        await work.targets.drifted(rule.id, ENVOY, DRIFT)
        assert await work.targets.of(rule.id) == (replace(target.confirm("sha-1"), drift=DRIFT),)
        await work.targets.drifted(rule.id, ENVOY, None)
        assert await work.targets.of(rule.id) == (target.confirm("sha-1"),)


async def test_whoever_is_alone_with_the_database_voids_every_lease(keeper: Keeper) -> None:
    await aimed(keeper, a_rule())
    (first,) = await claim(keeper, "gone")
    async with keeper.work() as work:
        await work.leases.take("repository", "gone", ttl_s=10)
    async with keeper.work() as work:
        await work.leases.forget_all()
    assert len(await claim(keeper, "b")) == 1
    async with keeper.work() as work:
        assert await work.leases.take("repository", "b", ttl_s=10)
        with pytest.raises(LeaseLostError):
            await work.targets.record(first.target)


async def test_a_target_that_waits_can_be_hastened(keeper: Keeper) -> None:
    rule = a_rule()
    await aimed(keeper, rule)
    (errand,) = await claim(keeper)
    async with keeper.work() as work:
        await work.targets.record(errand.target.wait("no commit yet"), retry_in_s=900)
    assert await claim(keeper) == ()
    async with keeper.work() as work:
        await work.targets.hasten(rule.id, ENVOY)
    (again,) = await claim(keeper)
    assert again.target.error == "no commit yet"


async def test_a_target_that_has_arrived_is_not_hastened(keeper: Keeper) -> None:
    rule = a_rule()
    await aimed(keeper, rule)
    (errand,) = await claim(keeper)
    async with keeper.work() as work:
        await work.targets.record(errand.target.confirm("d"))
        await work.targets.hasten(rule.id, ENVOY)
    assert await claim(keeper) == ()


async def test_an_errand_knows_what_the_target_held_before(keeper: Keeper) -> None:
    rule = a_rule()
    await aimed(keeper, rule)
    (first,) = await claim(keeper)
    assert first.leaving is None
    async with keeper.work() as work:
        await work.targets.record(first.target.confirm("d"))
        await deployed(work, rule, 2)
        await work.targets.aim(a_target(rule, ENVOY, 2))
    (second,) = await claim(keeper)
    assert second.leaving == rule.intent


async def test_a_target_keeps_its_proof_when_it_was_applied_and_who_reverts_it(
    keeper: Keeper,
) -> None:
    rule = a_rule()
    async with keeper.work() as work:
        await work.rules.add(rule)
        await deployed(work, rule)
        await work.targets.aim(replace(a_target(rule), reverts=2, reverted_by="argocd"))
    (errand,) = await claim(keeper)
    assert (errand.target.reverts, errand.target.reverted_by) == (2, "argocd")
    waiting = errand.target.wait("1 of 2 proxies", NOON)
    async with keeper.work() as work:
        await work.targets.record(waiting)
        (kept,) = await work.targets.of(rule.id)
        await work.targets.record(kept.confirm("d", "2 of 2 proxies"))
        (done,) = await work.targets.of(rule.id)
        (anew,) = await work.targets.aim(a_target(rule))
    assert kept.applied_at == NOON
    assert done.proof == "2 of 2 proxies"
    assert (anew.proof, anew.applied_at, anew.reverts, anew.reverted_by) == (None, None, 0, None)


async def test_what_was_never_proven_is_found_until_a_late_proof_comes(keeper: Keeper) -> None:
    rule = a_rule()
    await aimed(keeper, rule)
    (errand,) = await claim(keeper)
    async with keeper.work() as work:
        await work.targets.record(errand.target.confirm("d", "nobody could tell"))
        await work.revisions.judge(rule.key, 1, Verdict.NOT_PROVEN)
        ((target, revision),) = await work.targets.unproven(ENVOY)
        await work.targets.proven(target, "2 of 2 proxies")
        await work.revisions.judge(rule.key, revision.generation, Verdict.EFFECTIVE)
        (proven,) = await work.targets.of(rule.id)
        assert await work.targets.unproven(ENVOY) == []
    assert proven.proof == "2 of 2 proxies"
