"""Remove and release: a rule goes from its targets first, then from the list."""

from dataclasses import replace

import pytest
from tests.fakes.cluster import FakeCluster
from tests.fakes.mesh import FakeMesh
from tests.fakes.world import ALICE, SHOP, World, split

from crossfade.application.deployments import deploy, remove
from crossfade.application.desire import Request
from crossfade.application.mesh_drift import look_at_mesh
from crossfade.application.rules import create_rule, edit_rule
from crossfade.domain.delivery import Delivery
from crossfade.domain.errors import (
    ConflictError,
    RuleExistsError,
    RuleNotFoundError,
    StaleEditionError,
    UnsupportedModeError,
)
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import OperationKind, OperationState
from crossfade.domain.plan import Picture
from crossfade.domain.revision import TargetKind


class LeavingMesh(FakeMesh):
    """A mesh, such as a cluster's, that can keep the objects of a released rule."""

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Take our hands off, or take the objects away."""
        if remove:
            return await super().release(key, generation, remove=True)
        return "the objects stay, without our mark"


REMOVE, RELEASE = OperationKind.REMOVE, OperationKind.RELEASE


async def test_a_removed_rule_is_gone_everywhere() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)

    operation = await world.finish(await remove(world.ports, rule.id, REMOVE, ALICE))

    assert operation.state is OperationState.EFFECTIVE
    assert await world.mesh.observe(SHOP) is None
    assert await world.repository.read("istio/default/shop.yaml") is None
    with pytest.raises(RuleNotFoundError):
        await world.rule(rule.id)


async def test_it_stays_on_the_list_until_every_target_confirms() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.repository.down = "connection refused"

    operation = await world.finish(await remove(world.ports, rule.id, REMOVE, ALICE))

    assert operation.state is OperationState.RUNNING
    assert (await world.rule(rule.id)).id == rule.id


async def test_a_mere_draft_is_simply_discarded() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)

    assert await remove(world.ports, rule.id, REMOVE, ALICE) is None

    assert world.actions() == ["rule.created", "rule.deleted"]


async def test_generations_go_on_where_the_removed_rule_left_off() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    await world.finish(await remove(world.ports, rule.id, REMOVE, ALICE))

    again = await world.draft(v1=80, v2=20)

    assert (await world.deploy(again)).generation == 3


async def test_a_rule_on_its_way_out_is_not_edited() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.mesh.disconnect()
    await world.finish(await remove(world.ports, rule.id, REMOVE, ALICE))

    with pytest.raises(ConflictError, match="being removed"):
        await edit_rule(world.ports, rule.id, lambda _: split(v1=50, v2=50), ALICE)


async def test_a_deploy_brings_a_rule_back_that_is_on_its_way_out() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.mesh.disconnect()
    leaving = await world.finish(await remove(world.ports, rule.id, REMOVE, ALICE))
    world.mesh.connect()

    operation = await world.deploy(rule)

    assert operation.state is OperationState.EFFECTIVE
    assert (await world.operation(leaving.id)).state is OperationState.SUPERSEDED


async def test_removal_is_bound_to_the_edition_that_was_seen() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.edit(rule, v1=70, v2=30)

    with pytest.raises(StaleEditionError):
        await remove(world.ports, rule.id, REMOVE, Request(actor="alice", edition=1))


async def test_the_embedded_mesh_cannot_release() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)

    with pytest.raises(UnsupportedModeError):
        await remove(world.ports, rule.id, RELEASE, ALICE)


async def test_a_removal_is_told_as_what_it_is() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)

    await world.finish(await remove(world.ports, rule.id, REMOVE, ALICE))

    told = [act.summary for act in world.database.kept.acts if act.action == "remove.requested"]
    assert told == ["remove of default/shop, revision 2: it is taken away"]


async def test_a_service_has_one_rule() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)

    with pytest.raises(RuleExistsError) as exists:
        await create_rule(world.ports, split(v1=100), ALICE)

    assert exists.value.rule_id == rule.id


def on_a_cluster(delivery: Delivery = Delivery.APPLY) -> World:
    """A world that can leave objects behind where it writes them itself."""
    world = World(mesh=LeavingMesh(TargetKind.CLUSTER), cluster=FakeCluster(), delivery=delivery)
    leaves = delivery is Delivery.APPLY
    here = replace(world.ports.installation, releases=leaves)
    world.ports = replace(world.ports, installation=here)
    return world


async def test_a_released_rule_that_somebody_brings_back_is_shown() -> None:
    world = on_a_cluster()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    await world.finish(await remove(world.ports, rule.id, RELEASE, ALICE))
    world.mesh.tamper(SHOP, Picture(1, "another"), author="jane")

    await look_at_mesh(world.ports, {SHOP})

    [_, mesh] = await world.targets(rule.id)
    assert mesh.drift is not None
    assert mesh.drift.summary == "it is back, though it was taken away"


async def test_a_released_rule_keeps_its_history_and_a_deploy_revives_it() -> None:
    world = on_a_cluster()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    await world.finish(await remove(world.ports, rule.id, RELEASE, ALICE))
    released = await world.rule(rule.id)

    await world.finish(await deploy(world.ports, rule.id, ALICE))

    assert not released.is_active
    assert (await world.rule(rule.id)).is_active


async def test_a_rule_is_released_once() -> None:
    world = on_a_cluster()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    await world.finish(await remove(world.ports, rule.id, RELEASE, ALICE))

    with pytest.raises(ConflictError, match="released already"):
        await remove(world.ports, rule.id, RELEASE, ALICE)


async def test_objects_that_somebody_prunes_cannot_be_left_behind() -> None:
    world = on_a_cluster()
    assert world.cluster is not None
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.cluster.prune("Argo CD would delete them.")

    with pytest.raises(UnsupportedModeError, match="Argo CD would delete them"):
        await remove(world.ports, rule.id, RELEASE, ALICE)


async def test_where_others_apply_git_nothing_can_be_left_behind() -> None:
    world = on_a_cluster(Delivery.GIT_ONLY)
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)

    with pytest.raises(UnsupportedModeError, match="Whoever applies Git"):
        await remove(world.ports, rule.id, RELEASE, ALICE)
