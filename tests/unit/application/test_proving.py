"""How it becomes known that a cluster's proxies obey."""

import pytest
from tests.fakes.cluster import FakeCluster
from tests.fakes.mesh import FakeMesh
from tests.fakes.world import World

from crossfade.application.late_proof import prove_late
from crossfade.domain.operation import OperationState, StageName, StageState
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
