"""Rollback: an older picture becomes desired again, as a new generation."""

import pytest
from tests.fakes.world import ALICE, World, split

from crossfade.application.deployments import remove, roll_back
from crossfade.domain.errors import (
    BlockedError,
    NotDeployedError,
    NothingToRollBackToError,
    RevisionNotFoundError,
)
from crossfade.domain.operation import OperationKind, OperationState
from crossfade.domain.rule import Rule, RuleState


async def _history(world: World, *canaries: int) -> Rule:
    """A rule that was deployed once for each share of the canary."""
    rule = await world.draft(v1=100 - canaries[0], v2=canaries[0])
    await world.deploy(rule)
    for canary in canaries[1:]:
        await world.edit(rule, v1=100 - canary, v2=canary)
        await world.deploy(rule)
    return rule


async def _roll_back(world: World, rule: Rule, generation: int | None = None) -> int:
    """The share of the canary after a rollback, in percent."""
    await world.finish(await roll_back(world.ports, rule.id, generation, ALICE))
    return (await world.live(rule.id)).intent.split.share_of("v2") // 100


async def test_it_goes_to_the_newest_proven_picture_that_differs() -> None:
    world = World()
    rule = await _history(world, 10, 20, 30)

    assert await _roll_back(world, rule) == 20
    assert (await world.live(rule.id)).generation == 4


async def test_twice_goes_two_back() -> None:
    world = World()
    rule = await _history(world, 10, 20, 30)

    await _roll_back(world, rule)

    assert await _roll_back(world, rule) == 10


async def test_it_goes_to_the_revision_that_was_named() -> None:
    world = World()
    rule = await _history(world, 10, 20, 30)

    assert await _roll_back(world, rule, 1) == 10


async def test_what_was_refused_is_never_gone_back_to() -> None:
    world = World()
    rule = await _history(world, 10, 20)
    world.mesh.refuse(rule.key, 3, "no such cluster")
    await world.edit(rule, v1=70, v2=30)
    await world.deploy(rule)

    assert await _roll_back(world, rule) == 10


async def test_the_draft_follows() -> None:
    world = World()
    rule = await _history(world, 10, 20)

    await _roll_back(world, rule)

    kept = await world.rule(rule.id)
    assert (kept.intent, kept.state) == (split(v1=90, v2=10), RuleState.LIVE)


async def test_undeployed_changes_stay_in_the_draft() -> None:
    world = World()
    rule = await _history(world, 10, 20)
    await world.edit(rule, v1=55, v2=45)

    await _roll_back(world, rule)

    kept = await world.rule(rule.id)
    assert (kept.intent, kept.state) == (split(v1=55, v2=45), RuleState.UNDEPLOYED_CHANGES)


async def test_asked_again_while_it_runs_it_is_the_same_operation() -> None:
    world = World()
    rule = await _history(world, 10, 20, 30)
    world.mesh.disconnect()
    first = await world.finish(await roll_back(world.ports, rule.id, None, ALICE))

    again = await world.finish(await roll_back(world.ports, rule.id, None, ALICE))

    assert (again.id, again.kind) == (first.id, OperationKind.ROLLBACK)


async def test_it_works_while_git_is_down() -> None:
    world = World()
    rule = await _history(world, 10, 20)
    world.repository.down = "connection refused"

    operation = await world.finish(await roll_back(world.ports, rule.id, None, ALICE))

    assert operation.state is OperationState.EFFECTIVE


async def test_without_an_earlier_picture_there_is_nothing_to_go_back_to() -> None:
    world = World()
    rule = await _history(world, 10)

    with pytest.raises(NothingToRollBackToError):
        await roll_back(world.ports, rule.id, None, ALICE)


async def test_a_draft_cannot_be_rolled_back() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)

    with pytest.raises(NotDeployedError):
        await roll_back(world.ports, rule.id, None, ALICE)


async def test_an_unknown_revision_is_named() -> None:
    world = World()
    rule = await _history(world, 10)

    with pytest.raises(RevisionNotFoundError, match="no revision 9"):
        await roll_back(world.ports, rule.id, 9, ALICE)


async def test_a_picture_whose_version_listens_nowhere_is_refused() -> None:
    world = World()
    rule = await _history(world, 10, 0)
    await world.place("v1")

    with pytest.raises(BlockedError):
        await roll_back(world.ports, rule.id, None, ALICE)


async def test_a_rule_made_anew_does_not_go_back_behind_the_removal() -> None:
    world = World()
    rule = await _history(world, 10, 20)
    await world.finish(await remove(world.ports, rule.id, OperationKind.REMOVE, ALICE))
    again = await world.draft(v1=70, v2=30)
    await world.deploy(again)

    with pytest.raises(NothingToRollBackToError):
        await roll_back(world.ports, again.id, None, ALICE)
