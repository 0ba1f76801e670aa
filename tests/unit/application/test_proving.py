"""How it becomes known that a cluster's proxies obey."""

from dataclasses import replace

import pytest
from tests.fakes.cluster import FakeCluster
from tests.fakes.mesh import FakeMesh
from tests.fakes.metrics import quiet
from tests.fakes.world import ALICE, SHOP, World, split

from crossfade.application.late_proof import prove_late
from crossfade.application.ports import Sample
from crossfade.application.rules import edit_rule
from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.intent import Intent
from crossfade.domain.operation import Operation, OperationState, StageName, StageState
from crossfade.domain.revision import TargetKind, Verdict


@pytest.fixture
def world() -> World:
    return World(mesh=FakeMesh(TargetKind.CLUSTER), cluster=FakeCluster())


async def test_what_is_written_and_not_proven_yet_is_applied_and_waits(world: World) -> None:
    rule = await world.draft(v1=80, v2=20)
    world.mesh.disconnect()

    operation = await world.deploy(rule)

    assert operation.state is OperationState.RUNNING
    assert operation.stage(StageName.APPLIED).state is StageState.DONE
    assert operation.stage(StageName.EFFECTIVE).state is StageState.WAITING


async def test_after_ten_minutes_it_ends_as_applied_not_proven(world: World) -> None:
    rule = await world.draft(v1=80, v2=20)
    world.mesh.disconnect()
    operation = await world.deploy(rule)

    world.clock.advance(600)
    await world.settle()

    ended = await world.operation(operation.id)
    assert ended.state is OperationState.APPLIED_NOT_PROVEN
    assert (await world.live(rule.id)).verdict is Verdict.NOT_PROVEN


async def test_a_proof_that_comes_late_is_kept(world: World) -> None:
    rule = await world.draft(v1=80, v2=20)
    world.mesh.disconnect()
    await world.deploy(rule)
    world.clock.advance(600)
    await world.settle()

    await prove_late(world.ports)
    assert (await world.live(rule.id)).verdict is Verdict.NOT_PROVEN
    world.mesh.connect()
    await prove_late(world.ports)

    assert (await world.live(rule.id)).verdict is Verdict.EFFECTIVE
    [_, mesh] = await world.targets(rule.id)
    assert mesh.proof is not None
    assert "acknowledged" in mesh.proof


def counted(world: World, **requests: int) -> None:
    """So many requests were counted by version."""
    versions = tuple(
        replace(quiet(name), requests=count, rate=count / 30) for name, count in requests.items()
    )
    sample = Sample(30, sum(requests.values()) / 30, versions, ())
    world.metrics.report(SHOP, sample)


async def moved_untold(world: World, *, seconds: float) -> Operation:
    """A shift from 80/20 to 50/50 that nobody can tell of, looked at again after a while."""
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.mesh.told = False
    await world.edit(rule, v1=50, v2=50)
    operation = await world.deploy(rule)
    world.clock.advance(seconds)
    await world.settle()
    return await world.operation(operation.id)


async def test_where_nobody_can_tell_traffic_itself_is_proof(world: World) -> None:
    counted(world, v1=5_012, v2=4_988)
    operation = await moved_untold(world, seconds=40)
    assert operation.state is OperationState.EFFECTIVE
    assert operation.stage(StageName.EFFECTIVE).detail == (
        "traffic divides by it: 10,000 requests: v2 49.9% (47.1\N{EN DASH}52.7%)"
    )


async def test_traffic_that_still_divides_as_before_proves_nothing(world: World) -> None:
    counted(world, v1=8_012, v2=1_988)
    assert (await moved_untold(world, seconds=40)).running


async def test_a_version_that_is_not_measured_leaves_the_split_unproven(world: World) -> None:
    counted(world, v1=5_012, v2=4_988)
    missing = replace(quiet("v2"), requests=4_988)
    sample = (await world.ports.metrics.samples({SHOP: ("v1", "v2")}, 30))[SHOP]
    world.metrics.report(SHOP, replace(sample, versions=(sample.versions[0], missing)))
    assert (await moved_untold(world, seconds=40)).running


async def test_traffic_right_after_the_write_is_not_counted(world: World) -> None:
    counted(world, v1=5_012, v2=4_988)
    assert (await moved_untold(world, seconds=20)).running


async def test_where_proxies_can_be_asked_their_word_counts_and_not_the_traffic(
    world: World,
) -> None:
    counted(world, v1=5_012, v2=4_988)
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.mesh.disconnect()
    await world.edit(rule, v1=50, v2=50)
    operation = await world.deploy(rule)
    world.clock.advance(40)
    await world.settle()
    assert (await world.operation(operation.id)).running


async def test_cohorts_are_counted_with_the_rest_so_traffic_proves_nothing(world: World) -> None:
    counted(world, v1=5_012, v2=4_988)
    rule = await world.draft(v1=80, v2=20)
    testers = Cohort("testers", "v2", (Condition(Source.HEADER, Operator.PRESENT, "x-test"),))
    await edit_rule(world.ports, rule.id, lambda old: replace(old, cohorts=(testers,)), ALICE)
    await world.deploy(rule)
    world.mesh.told = False
    await edit_rule(
        world.ports,
        rule.id,
        lambda old: replace(split(v1=50, v2=50), cohorts=old.cohorts),
        ALICE,
    )
    operation = await world.deploy(rule)
    world.clock.advance(40)
    await world.settle()
    assert (await world.operation(operation.id)).running


async def test_a_version_that_metrics_know_by_another_name_proves_nothing(world: World) -> None:
    counted(world, v1=5_012, v2=4_988)
    rule = await world.draft(v1=80, v2=20)
    odd = (("version", "2.0"),)
    assert world.cluster is not None
    world.cluster.run(SHOP, "2.0", ready=2)

    def renamed(weights: Intent) -> Intent:
        first, second = weights.versions
        return replace(weights, versions=(first, replace(second, labels=odd)))

    await edit_rule(world.ports, rule.id, lambda _: renamed(split(v1=80, v2=20)), ALICE)
    await world.deploy(rule)
    world.mesh.told = False
    await edit_rule(world.ports, rule.id, lambda _: renamed(split(v1=50, v2=50)), ALICE)
    operation = await world.deploy(rule)
    world.clock.advance(40)
    await world.settle()
    assert (await world.operation(operation.id)).running
