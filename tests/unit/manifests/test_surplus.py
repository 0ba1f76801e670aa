"""What an object says beyond its manifest, as the patch that takes it away."""

from typing import Any

import pytest
from tests.unit.manifests.live_objects import entry, intent_of, live, wanted

from crossfade.manifests.pair import LEAVING_ANNOTATION, Pair
from crossfade.manifests.surplus import added, surplus

WANTED = wanted(intent_of(v1=10_000), 1)
RULE: Any = WANTED.destination_rule
WIDE = {"annotations": {LEAVING_ANNOTATION: "v2"}}


def test_what_is_as_written_has_no_surplus() -> None:
    assert surplus(live(RULE), RULE) == {}


def test_labels_and_annotations_of_others_are_no_surplus() -> None:
    marks: Any = {"labels": {"team": "shop"}, "annotations": {"note": "theirs"}}
    assert surplus(live(RULE, **marks), RULE) == {}


def test_what_others_added_is_taken_away_at_any_depth() -> None:
    manifest: Any = {"spec": {"trafficPolicy": {"connectionPool": {"tcp": {}}}}}
    found: Any = {
        "spec": {
            "trafficPolicy": {"connectionPool": {"tcp": {}, "http": {}}, "loadBalancer": {}},
            "exportTo": ["."],
        }
    }
    assert surplus(found, manifest) == {
        "spec": {
            "trafficPolicy": {"connectionPool": {"http": None}, "loadBalancer": None},
            "exportTo": None,
        }
    }


@pytest.mark.parametrize("beside", [{}, {"exportTo": ["."]}])
def test_a_mark_of_leaving_subsets_goes_where_none_leave(beside: dict[str, object]) -> None:
    marked: Any = {"metadata": WIDE, "spec": {"host": "shop", **beside}}
    unmarked: Any = {"metadata": {}, "spec": {"host": "shop"}}
    gone = {"metadata": {"annotations": {LEAVING_ANNOTATION: None}}}
    spec = {"spec": {"exportTo": None}} if beside else {}
    assert surplus(marked, unmarked) == {**gone, **spec}
    assert surplus(marked, {**unmarked, "metadata": WIDE}) == spec


def test_what_others_added_is_named_with_whoever_holds_it() -> None:
    policy = {"trafficPolicy": {"loadBalancer": {"simple": "RANDOM"}}, "exportTo": ["."]}
    hands = [
        entry("kubectl-edit", fieldsV1={"f:spec": {"f:exportTo": {}}}),
        entry("argocd-controller", "2026-11-24T10:00:00Z"),
    ]
    found = live(RULE, managedFields=hands)
    held = Pair({**found, "spec": {**RULE["spec"], **policy}}, live(WANTED.virtual_service))
    assert added(WANTED, held) == (
        "Git does not say it: somebody added spec.trafficPolicy to DestinationRule checkout, "
        "kubectl-edit added spec.exportTo to DestinationRule checkout. Take that away by hand."
    )


def test_what_others_added_deep_inside_is_named_by_its_whole_path() -> None:
    spec: Any = {"trafficPolicy": {"tls": {}}}
    rule: Any = {"kind": "DestinationRule", "metadata": {"name": "shop"}, "spec": spec}
    found: Any = {**rule, "spec": {"trafficPolicy": {"tls": {}, "loadBalancer": {}}}}
    told = added(Pair(rule), Pair(found))
    assert told is not None
    assert "added spec.trafficPolicy.loadBalancer to DestinationRule shop." in told


def test_nothing_was_added_to_what_is_as_written_or_not_there() -> None:
    assert added(WANTED, Pair(live(RULE), live(WANTED.virtual_service))) is None
    assert added(WANTED, Pair()) is None
    assert added(Pair(), Pair(live(RULE))) is None
