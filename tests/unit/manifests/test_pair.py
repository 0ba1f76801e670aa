"""What a cluster holds of a rule, read as we would have written it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.values import a_revision, a_rule
from tests.strategies import intents
from tests.unit.manifests.live_objects import Written, held, intent_of, live, wanted

from crossfade.domain.intent import Intent
from crossfade.domain.plan import Picture
from crossfade.domain.revision import TargetKind
from crossfade.manifests.canonical import GENERATION_ANNOTATION
from crossfade.manifests.istio import virtual_service
from crossfade.manifests.pair import (
    LEAVING_ANNOTATION,
    Pair,
    annotated,
    as_written,
    generation_of,
    leaving,
    marked,
    pair_in,
    pair_of,
    with_subsets,
)
from crossfade.manifests.reading import at, items_at
from crossfade.manifests.render import documents

SPLIT = intent_of(v1=8000, v2=2000)
PAIR = wanted(SPLIT, 5)


def named(value: object) -> dict[str, Any]:
    return {"metadata": {"annotations": {GENERATION_ANNOTATION: value}}}


def relabelled(labels: dict[str, str]) -> Written:
    return live(PAIR.virtual_service, labels=labels)


@given(intents(), st.integers(1, 10**18 - 1))
def test_a_document_and_what_a_cluster_holds_of_it_are_one_picture(
    intent: Intent, generation: int
) -> None:
    document = documents(intent, generation, mesh=TargetKind.CLUSTER)[1]
    desired = pair_in(document.content)
    shown = as_written(held(desired))
    assert shown == desired
    assert shown.picture == Picture(generation, document.digest)
    assert shown.text == document.content


def test_a_revision_asks_for_the_pair_in_its_document_for_the_cluster() -> None:
    rendered = documents(SPLIT, 5, mesh=TargetKind.CLUSTER)
    revision = replace(a_revision(a_rule(SPLIT), generation=5), documents=rendered)
    assert pair_of(revision) == PAIR


def test_a_destination_rule_that_stayed_is_shown_under_the_newer_routes() -> None:
    older = wanted(SPLIT, 3).destination_rule
    assert as_written(held(Pair(older, PAIR.virtual_service))) == PAIR


@pytest.mark.parametrize("routes", [wanted(SPLIT, 2).virtual_service, None])
def test_a_destination_rule_that_went_ahead_shows_its_own_generation(
    routes: Written | None,
) -> None:
    shown = as_written(held(Pair(PAIR.destination_rule, routes)))
    assert shown.destination_rule == PAIR.destination_rule
    assert shown.generation == 5


def test_a_mark_that_was_taken_away_is_missed() -> None:
    bare = as_written(Pair(None, live(PAIR.virtual_service, labels={}, annotations={})))
    assert bare.virtual_service is not None
    assert bare.virtual_service["metadata"] == {"name": "checkout", "namespace": "shop"}
    assert bare.picture.generation is None
    assert bare.picture.digest != Pair(None, PAIR.virtual_service).picture.digest


def test_what_others_hang_on_the_metadata_is_no_drift() -> None:
    labels = {"app.kubernetes.io/managed-by": "crossfade", "team": "shop"}
    annotations = {GENERATION_ANNOTATION: "5", "argocd.argoproj.io/tracking-id": "shop:x"}
    there = live(PAIR.virtual_service, labels=labels, annotations=annotations)
    assert as_written(Pair(None, there)).virtual_service == PAIR.virtual_service


def test_subsets_that_are_leaving_are_not_shown() -> None:
    assert PAIR.destination_rule is not None
    subsets = [*items_at(PAIR.destination_rule, "spec", "subsets"), {"name": "v0"}]
    wide = annotated(with_subsets(PAIR.destination_rule, subsets), LEAVING_ANNOTATION, "v0")
    shown = as_written(Pair(live(wide), live(PAIR.virtual_service)))
    assert leaving(wide) == ("v0",)
    assert shown == PAIR


def test_nothing_is_shown_where_nothing_is() -> None:
    assert as_written(Pair()) == Pair()
    assert Pair().picture.generation is None
    assert list(Pair()) == []


def test_only_our_own_mark_counts() -> None:
    assert marked(live(PAIR.virtual_service))
    assert not marked(relabelled({}))
    assert not marked(relabelled({"app.kubernetes.io/managed-by": "Helm"}))
    assert not marked(None)


@pytest.mark.parametrize(
    ("value", "generation"),
    [("5", 5), ("", None), ("5a", None), ("٣", None), ("1" * 19, None), (5, None), (None, None)],
)
def test_a_generation_is_a_number_that_we_could_have_written(
    value: object, generation: int | None
) -> None:
    assert generation_of(named(value)) == generation


def test_what_is_not_there_is_read_as_nothing() -> None:
    assert at({"a": {"b": 1}}, "a", "b") == 1
    assert at({"a": 1}, "a", "b") is None
    assert items_at({"a": [{"b": 1}, "c"]}, "a") == [{"b": 1}]
    assert items_at({"a": "text"}, "a") == []
    assert leaving(None) == ()


def test_manifests_without_a_body_can_be_changed_too() -> None:
    assert with_subsets({}, []) == {"spec": {"subsets": []}}
    assert annotated({}, "a", "b") == {"metadata": {"annotations": {"a": "b"}}}


def test_a_change_of_weights_is_another_picture() -> None:
    moved = virtual_service(intent_of(v1=7999, v2=2001), 5)
    other = Pair(PAIR.destination_rule, moved)
    assert as_written(held(other)).picture.digest != PAIR.picture.digest
