"""Deploy: recorded once, made true at the mesh, committed beside it."""

import pytest
from tests.fakes.cluster import FakeCluster
from tests.fakes.mesh import FakeMesh
from tests.fakes.world import ALICE, SHOP, World

from crossfade.application.deployments import deploy, retry, roll_back
from crossfade.application.desire import Request
from crossfade.domain.errors import (
    BlockedError,
    ConflictError,
    DatabaseUnavailableError,
    KeyReusedError,
    StaleEditionError,
)
from crossfade.domain.operation import OperationState, StageName, StageState
from crossfade.domain.revision import TargetKind
from crossfade.domain.rule import RuleState
from crossfade.domain.target import TargetState


async def test_a_deploy_ends_effective_with_its_commit() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)

    operation = await world.deploy(rule)

    assert operation.state is OperationState.EFFECTIVE
    assert [stage.state for stage in operation.stages] == [StageState.DONE] * 4
    assert (await world.rule(rule.id)).state is RuleState.LIVE
    assert [commit.path for commit in world.repository.commits] == ["istio/default/shop.yaml"]
    assert world.actions() == ["rule.created", "deploy.requested", "deploy.effective"]


async def test_the_same_draft_again_answers_the_same_operation() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    first = await world.deploy(rule)

    again = await world.deploy(rule)

    assert again == first
    assert len(world.repository.commits) == 1


async def test_the_same_key_answers_the_same_operation_even_after_an_edit() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    once = Request(actor="alice", idempotency_key="click-1")
    first = await deploy(world.ports, rule.id, once)
    await world.finish(first)
    await world.edit(rule, v1=50, v2=50)

    again = await deploy(world.ports, rule.id, once)

    assert again.operation.id == first.operation.id


async def test_an_operation_answered_by_content_is_found_by_the_key_it_was_asked_for_under() -> (
    None
):
    world = World()
    rule = await world.draft(v1=80, v2=20)
    first = await world.deploy(rule)
    once = Request(actor="alice", idempotency_key="click-1")
    await deploy(world.ports, rule.id, once)
    await world.edit(rule, v1=50, v2=50)

    repeated = await deploy(world.ports, rule.id, once)

    assert repeated.operation.id == first.id


async def test_a_key_is_for_one_act_only() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    once = Request(actor="alice", idempotency_key="click-1")
    await world.finish(await deploy(world.ports, rule.id, once))

    with pytest.raises(KeyReusedError):
        await roll_back(world.ports, rule.id, None, once)


async def test_a_deploy_for_another_edition_is_refused() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.edit(rule, v1=70, v2=30)

    with pytest.raises(StaleEditionError) as stale:
        await deploy(world.ports, rule.id, Request(actor="alice", edition=1))

    assert (stale.value.found, stale.value.expected) == (2, 1)


async def test_a_version_that_listens_nowhere_blocks_the_deploy_and_leaves_no_trace() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.place("v1")

    with pytest.raises(BlockedError) as blocked:
        await deploy(world.ports, rule.id, ALICE)

    assert [fault.pointer for fault in blocked.value.faults] == ["/versions/1"]
    assert world.actions() == ["rule.created"]


async def test_a_newer_deploy_supersedes_the_one_on_its_way() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.mesh.disconnect()
    first = await world.deploy(rule)
    await world.edit(rule, v1=50, v2=50)

    await world.deploy(rule)

    assert first.state is OperationState.RUNNING
    assert (await world.operation(first.id)).state is OperationState.SUPERSEDED
    assert "deploy.superseded" in world.actions()


async def test_a_deploy_waits_for_envoy_and_ends_when_it_is_back() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.mesh.disconnect()
    waiting = await world.deploy(rule)
    world.mesh.connect()
    world.clock.advance(15)

    await world.settle()

    assert waiting.stage(StageName.APPLIED).state is StageState.WAITING
    assert (await world.operation(waiting.id)).state is OperationState.EFFECTIVE


async def test_git_down_never_holds_traffic_back() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.repository.down = "connection refused"

    operation = await world.deploy(rule)

    assert operation.state is OperationState.EFFECTIVE
    assert operation.stage(StageName.COMMITTED).state is StageState.WAITING
    assert (await world.targets(rule.id))[0].error is not None


async def test_git_follows_when_it_is_back() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.repository.down = "connection refused"
    operation = await world.deploy(rule)
    world.repository.down = None
    world.clock.advance(15)

    await world.settle()

    assert (await world.operation(operation.id)).stage(StageName.COMMITTED).state is StageState.DONE
    assert len(world.repository.commits) == 1


async def due_after_a_deploy(world: World) -> set[str]:
    """The kinds of targets that wait for somebody to hear of them."""
    rule = await world.draft(v1=80, v2=20)
    world.database.events.told.clear()
    await deploy(world.ports, rule.id, ALICE)
    return {event.id for event in world.database.events.told if event.type == "due"}


async def test_only_what_the_deployer_does_not_drive_itself_is_told_to_be_due() -> None:
    assert await due_after_a_deploy(World()) == {"git"}
    assert await due_after_a_deploy(World(mesh=FakeMesh(held=False))) == {"git", "envoy"}


async def test_an_edit_makes_nothing_due() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.database.events.told.clear()
    await world.edit(rule, v1=50, v2=50)
    assert {event.type for event in world.database.events.told} == {"rule", "operation", "audit"}


async def test_a_retry_does_not_wait_for_its_turn() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.mesh.disconnect()
    waiting = await world.deploy(rule)
    world.mesh.connect()

    retried = await world.finish(await retry(world.ports, waiting.id))

    assert retried.state is OperationState.EFFECTIVE


async def test_an_operation_that_has_failed_is_not_tried_again() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.mesh.refuse(SHOP, 1, "no such cluster")
    failed = await world.deploy(rule)

    with pytest.raises(ConflictError, match="Deploy again"):
        await retry(world.ports, failed.id)


async def test_a_refusal_fails_the_operation_with_its_reason() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.mesh.refuse(SHOP, 1, "no such cluster")

    failed = await world.deploy(rule)

    assert (failed.state, failed.outcome) == (OperationState.FAILED, "no such cluster")
    assert (await world.rule(rule.id)).state is RuleState.FAILED


async def test_after_a_refusal_the_last_proven_picture_is_desired_again() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    await world.edit(rule, v1=50, v2=50)
    world.mesh.refuse(SHOP, 2, "no such cluster")

    await world.deploy(rule)

    restored = await world.live(rule.id)
    assert (restored.generation, restored.origin) == (3, 1)
    assert [target.confirmed_generation for target in await world.targets(rule.id)] == [3, 3]


async def test_where_nothing_was_proven_a_refusal_leaves_nothing_behind() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.mesh.refuse(SHOP, 1, "no such cluster")

    await world.deploy(rule)

    assert await world.mesh.observe(SHOP) is None
    assert await world.repository.read("istio/default/shop.yaml") is None


async def test_a_hand_edit_in_git_is_shown_and_not_overwritten_by_a_deploy() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.repository.edit("istio/default/shop.yaml", "kind: Mine\n", author="Jane")
    await world.edit(rule, v1=50, v2=50)

    operation = await world.deploy(rule)

    git = (await world.targets(rule.id))[0]
    assert operation.state is OperationState.EFFECTIVE
    assert operation.stage(StageName.COMMITTED).state is StageState.FAILED
    assert git.state is TargetState.REFUSED
    assert git.drift is not None
    assert git.drift.author == "Jane"


async def test_after_the_database_was_restored_the_generation_grows_past_the_meshs() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    older = world.database.kept.copy()
    await world.deploy(rule)
    await world.edit(rule, v1=50, v2=50)
    await world.deploy(rule)
    world.database.kept = older

    operation = await world.deploy(rule)

    assert operation.state is OperationState.EFFECTIVE
    assert operation.generation == 3
    assert [target.confirmed_generation for target in await world.targets(rule.id)] == [3, 3]


async def test_nothing_is_recorded_while_the_database_is_down() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.database.up = False

    with pytest.raises(DatabaseUnavailableError):
        await deploy(world.ports, rule.id, ALICE)

    assert world.mesh.applied == []


async def test_what_others_put_in_the_way_later_holds_no_traffic_back() -> None:
    cluster = FakeCluster()
    world = World(mesh=FakeMesh(TargetKind.CLUSTER), cluster=cluster)
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    cluster.claim("shop", "VirtualService default/by-hand")

    await world.edit(rule, v1=100, v2=0)

    assert (await world.deploy(rule)).state is OperationState.EFFECTIVE
