"""In which stages Git brings a picture to the cluster."""

from hypothesis import given
from tests.strategies import intents
from tests.unit.manifests.live_objects import held, intent_of, wanted

from crossfade.domain.intent import Intent
from crossfade.domain.policies import ConnectionLimits, Policies
from crossfade.manifests.canonical import picture
from crossfade.manifests.pair import Pair, leaving, pair_in
from crossfade.manifests.reading import Manifest, items_at
from crossfade.manifests.stages import halfway, next_stage

OLDER = intent_of(v1=8000, v2=2000)
HELD = held(wanted(OLDER, 1))


def names(manifest: Manifest | None) -> list[object]:
    return [one["name"] for one in items_at(manifest, "spec", "subsets")]


def stages(desired: Pair, start: Pair) -> list[Pair]:
    """Every commit, where each comes to the cluster and the proxies always obey."""
    found, here = [next_stage(desired, start, proven=False)], start
    while found[-1] != desired:
        here = held(pair_in(found[-1].text))
        arrived = not halfway(desired, here)
        found.append(next_stage(desired, here, proven=arrived))
    return found


def test_weights_move_by_one_commit() -> None:
    desired = wanted(intent_of(v1=5000, v2=5000), 2)
    assert stages(desired, HELD) == [desired]


def test_policies_move_by_one_commit() -> None:
    limited = Policies(connection_limits=ConnectionLimits(max_connections=5))
    desired = wanted(Intent(OLDER.key, OLDER.versions, policies=limited), 2)
    assert stages(desired, HELD) == [desired]


def test_a_new_rule_has_its_subsets_committed_before_its_routes() -> None:
    desired = wanted(OLDER, 1)
    assert stages(desired, Pair()) == [Pair(desired.destination_rule), desired]


def test_a_new_version_has_its_subset_committed_before_its_weight() -> None:
    desired = wanted(intent_of(v1=8000, v2=1000, v3=1000), 2)
    first, last = stages(desired, HELD)
    assert names(first.destination_rule) == ["v1", "v2", "v3"]
    assert first.virtual_service == wanted(OLDER, 1).virtual_service
    assert last == desired


def test_a_version_that_leaves_keeps_its_subset_until_the_proxies_let_go() -> None:
    desired = wanted(intent_of(v1=10000), 2)
    first, last = stages(desired, HELD)
    assert names(first.destination_rule) == ["v1", "v2"]
    assert leaving(first.destination_rule) == ("v2",)
    assert first.virtual_service == desired.virtual_service
    assert last == desired


def test_a_version_that_takes_the_place_of_another_goes_through_all_stages() -> None:
    desired = wanted(intent_of(v1=9000, v3=1000), 2)
    wide, moved, last = stages(desired, HELD)
    assert names(wide.destination_rule) == ["v1", "v3", "v2"]
    assert wide.virtual_service == wanted(OLDER, 1).virtual_service
    assert moved == Pair(wide.destination_rule, desired.virtual_service)
    assert last == desired


def test_a_version_that_was_about_to_leave_is_there_to_stay_before_it_gets_traffic() -> None:
    leaving_v2 = stages(wanted(intent_of(v1=9000, v3=1000), 2), HELD)[1]
    back, moved, last = stages(wanted(OLDER, 3), held(leaving_v2))
    assert names(back.destination_rule) == ["v1", "v2", "v3"]
    assert leaving(back.destination_rule) == ("v3",)
    assert back.virtual_service == leaving_v2.virtual_service
    assert moved == Pair(back.destination_rule, wanted(OLDER, 3).virtual_service)
    assert last == wanted(OLDER, 3)


def test_every_stage_carries_the_new_generation() -> None:
    desired = wanted(intent_of(v1=9000, v3=1000), 2)
    assert [picture(one.text).generation for one in stages(desired, HELD)] == [2, 2, 2]


def test_halfway_is_where_the_subsets_have_come_and_the_routes_have_not() -> None:
    desired = wanted(intent_of(v1=8000, v2=1000, v3=1000), 2)
    first, last = stages(desired, HELD)
    assert not halfway(desired, HELD)
    assert not halfway(desired, Pair())
    assert halfway(desired, held(first))
    assert not halfway(desired, held(last))


@given(intents(), intents())
def test_any_picture_comes_from_any_other_in_at_most_three_commits(
    one: Intent, other: Intent
) -> None:
    assert len(stages(wanted(other, 2), held(wanted(one, 1)))) <= 3
