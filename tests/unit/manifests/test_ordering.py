"""In which order a rule's two objects change."""

from dataclasses import replace

import pytest
from hypothesis import given
from tests.strategies import intents
from tests.unit.manifests.live_objects import CHECKOUT, Written, held, intent_of, live, wanted

from crossfade.domain.intent import Intent, Version
from crossfade.domain.policies import ConnectionLimits, Policies
from crossfade.manifests.canonical import GENERATION_ANNOTATION
from crossfade.manifests.ordering import (
    moves_weights_alone,
    next_pair,
    routed,
    trimmed,
    widened,
)
from crossfade.manifests.pair import Pair, annotated, as_written, leaving
from crossfade.manifests.reading import Manifest, items_at

OLDER = intent_of(v1=8000, v2=2000)
HELD = held(wanted(OLDER, 1))


def subsets(manifest: Manifest | None) -> list[object]:
    return [one["name"] for one in items_at(manifest, "spec", "subsets")]


def destinations(manifest: Manifest | None) -> set[object]:
    routes = [arm for entry in items_at(manifest, "spec", "http") for arm in entry_arms(entry)]
    mirrors = [entry["mirror"] for entry in items_at(manifest, "spec", "http") if "mirror" in entry]
    return {arm["subset"] for arm in [*routes, *mirrors]}


def entry_arms(entry: Manifest) -> list[Written]:
    return [arm["destination"] for arm in items_at(entry, "route")]


def walked(desired: Pair, start: Pair, *, proven: bool = True) -> list[Pair]:
    """Every pair on the way, the start left out."""
    steps = [start]
    while (after := next_pair(desired, steps[-1], proven=proven)) != steps[-1]:
        steps.append(after)
    return steps[1:]


def test_weights_move_by_one_write_of_the_routes() -> None:
    desired = wanted(intent_of(v1=5000, v2=5000), 2)
    assert walked(desired, HELD) == [Pair(HELD.destination_rule, desired.virtual_service)]
    assert moves_weights_alone(desired, HELD)


def test_a_new_rule_has_its_subsets_before_its_routes() -> None:
    desired = wanted(OLDER, 1)
    assert walked(desired, Pair()) == [Pair(desired.destination_rule, None), desired]
    assert not moves_weights_alone(desired, Pair())


def test_what_is_there_already_is_not_written_again() -> None:
    assert walked(wanted(OLDER, 1), HELD) == []


def test_the_same_routes_are_written_again_under_a_new_generation() -> None:
    desired = wanted(OLDER, 2)
    assert walked(desired, HELD) == [Pair(HELD.destination_rule, desired.virtual_service)]


def test_a_version_that_leaves_keeps_its_subset_until_the_proxies_let_go() -> None:
    desired = wanted(intent_of(v1=9000, v3=1000), 2)
    wide, moved, done = walked(desired, HELD)
    assert subsets(wide.destination_rule) == ["v1", "v3", "v2"]
    assert leaving(wide.destination_rule) == ("v2",)
    assert wide.virtual_service == HELD.virtual_service
    assert moved == Pair(wide.destination_rule, desired.virtual_service)
    assert done == desired
    assert walked(desired, HELD, proven=False) == [wide, moved]
    assert as_written(moved) == desired


def test_a_version_that_returns_before_it_was_gone_stays() -> None:
    leaver = wanted(intent_of(v1=10_000), 2)
    *_, waiting = walked(leaver, HELD, proven=False)
    desired = wanted(intent_of(v1=5000, v2=5000), 3)
    assert walked(desired, held(waiting)) == [
        Pair(desired.destination_rule, held(waiting).virtual_service),
        desired,
    ]


def test_a_subset_waits_on_through_further_deploys() -> None:
    *_, waiting = walked(wanted(intent_of(v1=10_000), 2), HELD, proven=False)
    desired = wanted(intent_of(v1=6000, v3=4000), 3)
    wide = next_pair(desired, waiting, proven=False)
    assert leaving(wide.destination_rule) == ("v2",)
    assert subsets(wide.destination_rule) == ["v1", "v3", "v2"]
    assert widened(desired, wide) is None


def test_other_labels_or_policies_change_the_destination_rule() -> None:
    relabelled = Intent(CHECKOUT, (Version("v1", 8000, (("track", "a"),)), Version("v2", 2000)))
    limited = replace(OLDER, policies=Policies(connection_limits=ConnectionLimits(5)))
    for intent in (relabelled, limited):
        desired = wanted(intent, 2)
        assert walked(desired, HELD)[0].destination_rule == desired.destination_rule
        assert not moves_weights_alone(desired, HELD)


def test_other_routes_are_more_than_weights() -> None:
    desired = wanted(replace(OLDER, hosts=("shop.example.com",)), 2)
    assert widened(desired, HELD) is None
    assert not moves_weights_alone(desired, HELD)


@pytest.mark.parametrize("mark", ["9", "", "soon"])
def test_a_mark_that_is_not_of_our_past_is_written_over(mark: str) -> None:
    assert HELD.destination_rule is not None
    tampered = annotated(HELD.destination_rule, GENERATION_ANNOTATION, mark)
    desired = wanted(OLDER, 2)
    there = Pair(tampered, HELD.virtual_service)
    assert widened(desired, there) == desired.destination_rule
    assert trimmed(desired, there) == desired.destination_rule


def test_a_hand_edit_of_either_object_is_written_over() -> None:
    edited = held(wanted(intent_of(v1=1, v2=9999), 1))
    assert routed(wanted(OLDER, 1), edited) == wanted(OLDER, 1).virtual_service
    relabelled = live(wanted(OLDER, 1).destination_rule, labels={})
    assert widened(wanted(OLDER, 1), Pair(relabelled, None)) is not None


def test_an_empty_wish_asks_for_nothing() -> None:
    assert walked(Pair(), HELD) == []
    assert not moves_weights_alone(Pair(), HELD)
    assert walked(Pair(None, wanted(OLDER, 2).virtual_service), HELD) == [
        Pair(HELD.destination_rule, wanted(OLDER, 2).virtual_service)
    ]
    without_generation = Pair({"kind": "DestinationRule"})
    assert widened(without_generation, HELD) is not None


@given(intents(), intents())
def test_no_route_ever_names_a_subset_that_is_not_there(first: Intent, second: Intent) -> None:
    """Through every step from one picture to another, also for proxies that lag behind."""
    second = replace(second, key=first.key)
    start = held(wanted(first, 1))
    desired = wanted(second, 2)
    for step in walked(desired, start, proven=False):
        known = set(subsets(step.destination_rule))
        assert destinations(step.virtual_service) <= known
        assert destinations(start.virtual_service) <= known
    assert walked(desired, start)[-1] in (
        desired,
        Pair(start.destination_rule, desired.virtual_service),
    )
