"""Other writers in the cluster: shown with their name, healed where that is the policy."""

from dataclasses import replace

import pytest
from tests.fakes.cluster import FakeCluster
from tests.fakes.mesh import FakeMesh
from tests.fakes.world import ALICE, SHOP, World

from crossfade.application.deployments import repair
from crossfade.application.mesh_drift import look_at_mesh
from crossfade.domain.operation import OperationKind
from crossfade.domain.plan import Picture
from crossfade.domain.revision import TargetKind
from crossfade.domain.rule import Rule, RuleState
from crossfade.domain.target import Drift

BY_HAND = Picture(1, "another")


@pytest.fixture
def world() -> World:
    return World(mesh=FakeMesh(TargetKind.CLUSTER), cluster=FakeCluster())


async def live(world: World) -> Rule:
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    return rule


async def drift(world: World, rule: Rule) -> Drift | None:
    [_, mesh] = await world.targets(rule.id)
    return mesh.drift


def healing(world: World) -> None:
    here = replace(world.ports.installation, heals=True)
    world.ports = replace(world.ports, installation=here)


async def undo(world: World, author: str) -> None:
    """Somebody writes over the object, and it is noticed and dealt with."""
    world.mesh.tamper(SHOP, BY_HAND, author=author)
    await look_at_mesh(world.ports, {SHOP})
    await world.settle()


async def test_a_deploy_of_what_is_live_is_done_again_where_it_was_undone(world: World) -> None:
    rule = await live(world)
    first = await world.deploy(rule)
    await undo(world, "kubectl-edit")

    again = await world.deploy(rule)

    assert (first.generation, again.generation) == (1, 2)
    assert (await world.rule(rule.id)).state is RuleState.LIVE
    assert (await world.deploy(rule)).id == again.id


async def test_a_hand_edit_is_shown_with_its_author(world: World) -> None:
    rule = await live(world)
    world.mesh.tamper(SHOP, BY_HAND, author="kubectl-edit")

    await look_at_mesh(world.ports)

    found = await drift(world, rule)
    assert found is not None
    assert (found.summary, found.author) == ("it was changed by kubectl-edit", "kubectl-edit")
    assert (await world.rule(rule.id)).state is RuleState.DRIFT


async def test_an_object_that_is_gone_is_shown(world: World) -> None:
    rule = await live(world)
    world.mesh.tamper(SHOP, None)

    await look_at_mesh(world.ports, {SHOP})

    found = await drift(world, rule)
    assert found is not None
    assert found.summary == "it is gone from the cluster"


async def test_what_is_as_it_should_be_is_no_drift(world: World) -> None:
    rule = await live(world)

    assert await look_at_mesh(world.ports) == frozenset()

    assert await drift(world, rule) is None


async def test_one_object_that_is_gone_is_named(world: World) -> None:
    rule = await live(world)
    right = await world.mesh.observe(SHOP)
    assert right is not None
    half = right.document.partition("---\n")[0]
    world.mesh.tamper(SHOP, BY_HAND, half)

    await look_at_mesh(world.ports, {SHOP})

    found = await drift(world, rule)
    assert found is not None
    assert found.summary == "its VirtualService is gone from the cluster"


async def test_drift_ends_when_somebody_else_heals_it(world: World) -> None:
    rule = await live(world)
    right = await world.mesh.observe(SHOP)
    assert right is not None
    await undo(world, "kubectl-edit")

    world.mesh.tamper(SHOP, right.picture, right.document)
    await look_at_mesh(world.ports, {SHOP})

    assert await drift(world, rule) is None
    assert (await world.rule(rule.id)).state is RuleState.LIVE


async def test_what_is_on_its_way_is_looked_at_again(world: World) -> None:
    rule = await world.draft(v1=80, v2=20)
    world.mesh.disconnect()
    await world.deploy(rule)

    assert await look_at_mesh(world.ports, {SHOP}) == {SHOP}


async def test_where_it_is_the_policy_drift_is_healed_as_a_new_generation(world: World) -> None:
    healing(world)
    rule = await live(world)

    await undo(world, "kubectl-edit")

    assert await drift(world, rule) is None
    assert (await world.live(rule.id)).generation == 2
    async with world.ports.work() as work:
        newest = await work.operations.newest(rule.id)
    assert newest is not None
    assert (newest.kind, newest.actor) == (OperationKind.REPAIR, "crossfade")
    assert newest.reason == "healed: it was changed by kubectl-edit"


async def test_what_a_gate_keeps_from_being_healed_is_looked_at_until_it_is(world: World) -> None:
    healing(world)
    rule = await live(world)
    assert world.cluster is not None
    world.cluster.run(SHOP, "v2", ready=0)
    world.mesh.tamper(SHOP, BY_HAND, author="kubectl-edit")
    assert await look_at_mesh(world.ports) == {SHOP}
    assert await look_at_mesh(world.ports, {SHOP}) == {SHOP}

    world.cluster.run(SHOP, "v2", ready=2)

    assert await look_at_mesh(world.ports, {SHOP}) == frozenset()
    await world.settle()
    assert await drift(world, rule) is None


async def test_what_was_only_shown_before_is_healed_once_that_is_the_policy(world: World) -> None:
    rule = await live(world)
    await undo(world, "kubectl-edit")
    healing(world)

    await look_at_mesh(world.ports)

    await world.settle()
    assert await drift(world, rule) is None


async def test_after_two_reverts_by_one_manager_it_stops_and_explains(world: World) -> None:
    healing(world)
    rule = await live(world)
    await undo(world, "argocd")
    await undo(world, "argocd")

    await undo(world, "argocd")

    found = await drift(world, rule)
    assert found is not None
    assert found.summary == (
        "it was changed by argocd; argocd has undone 2 repairs, so Crossfade leaves it"
    )
    assert (await world.live(rule.id)).generation == 3


async def test_a_repair_by_a_person_begins_to_count_anew(world: World) -> None:
    healing(world)
    rule = await live(world)
    for _ in range(3):
        await undo(world, "argocd")

    await world.finish(await repair(world.ports, rule.id, ALICE))
    await undo(world, "argocd")

    assert await drift(world, rule) is None
