"""Where the mesh gets a revision from Git: commit first, then the proxies."""

import pytest
from tests.fakes.cluster import FakeCluster
from tests.fakes.mesh import FakeMesh
from tests.fakes.world import ALICE, SHOP, World

from crossfade.application.convergence import converge_git, converge_mesh
from crossfade.application.deployments import deploy
from crossfade.domain.delivery import Delivery
from crossfade.domain.operation import OperationState, StageName, StageState
from crossfade.domain.revision import TargetKind


@pytest.fixture
def world() -> World:
    return World(
        mesh=FakeMesh(TargetKind.CLUSTER), cluster=FakeCluster(), delivery=Delivery.GIT_ONLY
    )


async def test_the_mesh_waits_for_the_commit_and_says_so(world: World) -> None:
    rule = await world.draft(v1=80, v2=20)
    accepted = await deploy(world.ports, rule.id, ALICE)
    assert accepted.errand is None

    await converge_mesh(world.ports)

    operation = await world.operation(accepted.operation.id)
    applied = operation.stage(StageName.APPLIED)
    assert (applied.state, applied.detail) == (StageState.WAITING, "Git has to hold it first.")
    assert world.mesh.applied == []


async def test_a_commit_lets_the_mesh_go_on_at_once(world: World) -> None:
    rule = await world.draft(v1=80, v2=20)
    accepted = await deploy(world.ports, rule.id, ALICE)
    await converge_mesh(world.ports)

    await converge_git(world.ports)
    await converge_mesh(world.ports)

    operation = await world.operation(accepted.operation.id)
    assert operation.state is OperationState.EFFECTIVE
    assert world.mesh.applied == [(SHOP, 1)]


async def test_a_commit_alone_ends_nothing(world: World) -> None:
    rule = await world.draft(v1=80, v2=20)
    accepted = await deploy(world.ports, rule.id, ALICE)

    await converge_git(world.ports)

    assert (await world.operation(accepted.operation.id)).running
