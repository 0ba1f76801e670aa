"""Preview, local services, verification and the demo: looking before, beside and after."""

import pytest
from tests.fakes.world import ALICE, SHOP, World, split

from crossfade.application.convergence import pursue
from crossfade.application.demo import SAMPLE, known_addresses, place_samples, seed
from crossfade.application.local import put_local_service, remove_local_service
from crossfade.application.preview import preview_intent, preview_rule
from crossfade.application.verification import verify
from crossfade.domain.addresses import LocalService
from crossfade.domain.errors import EndpointsInUseError, ServiceNotFoundError
from crossfade.manifests.findings import Severity


async def test_a_preview_shows_each_targets_document_beside_what_is_there() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    await world.edit(rule, v1=50, v2=50)

    preview = await preview_rule(world.ports, rule.id, "alice")

    git, envoy = preview.documents
    assert preview.changes
    assert git.current is not None
    assert ("weight: 80" in git.current, "weight: 50" in git.proposed) == (True, True)
    assert envoy.current is not None


async def test_a_preview_of_what_is_live_changes_nothing() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)

    assert not (await preview_rule(world.ports, rule.id, "alice")).changes


async def test_a_preview_names_versions_that_listen_nowhere() -> None:
    world = World()

    preview = await preview_intent(world.ports, split(v1=80, v2=20), "alice")

    blockers = [found for found in preview.findings if found.severity is Severity.BLOCKER]
    assert [blocker.pointer for blocker in blockers] == ["/versions/0", "/versions/1"]


async def test_a_preview_works_while_git_is_down_and_says_so() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    world.repository.down = "connection refused"

    preview = await preview_rule(world.ports, rule.id, "alice")

    assert preview.findings[-1].code == "target-unreadable"
    assert preview.documents[0].current is None


async def test_addresses_that_a_live_rule_needs_are_kept() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)

    with pytest.raises(EndpointsInUseError, match="v2"):
        await put_local_service(world.ports, LocalService(SHOP, (("v1", ("127.0.0.1:1",)),)), ALICE)


async def test_a_service_without_traffic_can_be_forgotten() -> None:
    world = World()
    await world.place("v1")

    await remove_local_service(world.ports, SHOP, ALICE)

    with pytest.raises(ServiceNotFoundError):
        await remove_local_service(world.ports, SHOP, ALICE)


async def test_an_untouched_chain_agrees_with_the_commits_that_remember_it() -> None:
    world = World()
    await world.deploy(await world.draft(v1=80, v2=20))

    found = await verify(world.ports)

    assert (found.problems, found.entries, found.commits_checked) == ((), 3, 1)


async def test_a_tail_that_was_cut_off_is_betrayed_by_a_commit() -> None:
    world = World()
    await world.deploy(await world.draft(v1=80, v2=20))
    del world.database.kept.links[1:]

    found = await verify(world.ports)

    assert [problem for problem in found.problems if "its tail was cut off" in problem]


async def test_a_rewritten_chain_is_betrayed_by_a_commit() -> None:
    world, other = World(), World()
    await world.deploy(await world.draft(v1=80, v2=20))
    await other.deploy(await other.draft(v1=70, v2=30))
    world.database.kept.links[:] = other.database.kept.links

    found = await verify(world.ports)

    assert "the chain was rewritten" in found.problems[0]


async def test_a_repository_that_cannot_be_asked_is_a_problem_of_its_own() -> None:
    world = World()
    world.repository.down = "connection refused"

    assert "could not be asked" in (await verify(world.ports)).problems[0]


async def test_a_new_installation_gets_the_demo_rule_once() -> None:
    world = World()
    await place_samples(world.ports, ("127.0.0.1:9001", "127.0.0.1:9002"))

    accepted = await seed(world.ports)

    assert accepted is not None
    await pursue(world.ports, accepted)
    assert (await world.live(accepted.operation.rule_id)).key.service == SAMPLE
    assert await seed(world.ports) is None


async def test_samples_that_stay_where_they_are_are_no_news() -> None:
    world = World()
    await place_samples(world.ports, ("127.0.0.1:9001", "127.0.0.1:9002"))

    await place_samples(world.ports, ("127.0.0.1:9001", "127.0.0.1:9002"))

    assert world.actions() == ["local.changed"]
    assert await known_addresses(world.ports) == ("127.0.0.1:9001", "127.0.0.1:9002")
