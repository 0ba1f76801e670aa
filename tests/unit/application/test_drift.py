"""Drift: another writer is seen, named, and overwritten only by a repair."""

from tests.fakes.world import ALICE, SHOP, World

from crossfade.application.deployments import repair
from crossfade.application.drift import compare, look_at_git
from crossfade.domain.operation import OperationState
from crossfade.domain.plan import Picture
from crossfade.domain.rule import Rule, RuleState

PATH = "istio/default/shop.yaml"


async def _deployed() -> tuple[World, Rule]:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    return world, rule


async def test_an_untouched_repository_shows_no_drift() -> None:
    world, rule = await _deployed()

    await look_at_git(world.ports, None)

    assert (await world.rule(rule.id)).state is RuleState.LIVE


async def test_a_hand_edit_is_shown_with_its_author() -> None:
    world, rule = await _deployed()
    world.repository.edit(PATH, "kind: Mine\n", "Jane")

    await look_at_git(world.ports, None)

    git = (await world.targets(rule.id))[0]
    assert git.drift is not None
    assert (git.drift.author, (await world.rule(rule.id)).state) == ("Jane", RuleState.DRIFT)


async def test_a_file_that_is_gone_is_drift_too() -> None:
    world, rule = await _deployed()
    world.repository.edit(PATH, None, "Jane")

    await look_at_git(world.ports, None)

    git = (await world.targets(rule.id))[0]
    assert git.drift is not None
    assert git.drift.summary == f"{PATH} is gone from the repository"


async def test_drift_that_was_undone_by_hand_is_forgotten() -> None:
    world, rule = await _deployed()
    content = world.repository.commits[-1].content
    world.repository.edit(PATH, "kind: Mine\n", "Jane")
    last = await look_at_git(world.ports, None)
    world.repository.edit(PATH, content, "Jane")

    await look_at_git(world.ports, last)

    assert (await world.rule(rule.id)).state is RuleState.LIVE


async def test_the_head_that_was_seen_last_is_not_looked_at_again() -> None:
    world, _ = await _deployed()
    last = await look_at_git(world.ports, None)
    told = len(world.database.events.told)

    assert await look_at_git(world.ports, last) == last
    assert len(world.database.events.told) == told


async def test_only_what_has_changed_since_the_last_look_is_compared() -> None:
    world, rule = await _deployed()
    last = await look_at_git(world.ports, None)
    world.repository.edit(PATH, "kind: Mine\n", "Jane")
    world.repository.edit("istio/default/README.md", "hello\n", "Jane")

    await look_at_git(world.ports, last)

    assert (await world.rule(rule.id)).state is RuleState.DRIFT


async def test_a_repair_restores_the_file_and_ends_the_drift() -> None:
    world, rule = await _deployed()
    ours = world.repository.commits[-1].content
    world.repository.edit(PATH, "kind: Mine\n", "Jane")
    await look_at_git(world.ports, None)

    operation = await world.finish(await repair(world.ports, rule.id, ALICE))

    found = await world.repository.read(PATH)
    assert operation.state is OperationState.EFFECTIVE
    assert found is not None
    assert found.content != ours  # a new generation
    assert (await world.rule(rule.id)).state is RuleState.LIVE


async def test_three_columns_agree_after_a_deploy() -> None:
    world, rule = await _deployed()

    columns = await compare(world.ports, rule.id)

    assert [column.place for column in columns] == ["database", "git", "envoy"]
    assert not any(column.differs for column in columns)


async def test_the_column_that_differs_names_who_wrote_it() -> None:
    world, rule = await _deployed()
    world.repository.edit(PATH, "kind: Mine\n", "Jane")

    git = (await compare(world.ports, rule.id))[1]

    assert (git.differs, git.author, git.document) == (True, "Jane", "kind: Mine\n")


async def test_what_envoy_lost_is_missing() -> None:
    world, rule = await _deployed()
    world.mesh.tamper(SHOP, None)

    envoy = (await compare(world.ports, rule.id))[2]

    assert (envoy.differs, envoy.missing) == (True, True)


async def test_what_envoy_holds_beside_the_desired_is_a_difference() -> None:
    world, rule = await _deployed()
    world.mesh.tamper(SHOP, Picture(1, "another"), "routes: []\n")

    envoy = (await compare(world.ports, rule.id))[2]

    assert (envoy.differs, envoy.document) == (True, "routes: []\n")


async def test_a_place_that_cannot_be_asked_says_why() -> None:
    world, rule = await _deployed()
    world.repository.down = "connection refused"
    world.mesh.disconnect()

    _, git, envoy = await compare(world.ports, rule.id)

    assert git.error is not None
    assert envoy.error == "Envoy is not connected."


async def test_a_draft_has_nothing_to_compare() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)

    assert [column.place for column in await compare(world.ports, rule.id)] == ["database"]
