"""An intent as JSON, there and back, and everything that can be wrong with such JSON."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden.rules import FOLDERS, intent_in
from tests.strategies import intents

from crossfade.domain.errors import InvalidRuleError
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.manifests.rule_document import RULE_FIELDS, intent_document, parse_intent

LEAST: dict[str, Any] = {"serviceName": "checkout", "versions": [{"name": "v1", "weight": 100}]}


def faults_of(document: object) -> dict[str, str]:
    with pytest.raises(InvalidRuleError) as caught:
        parse_intent(document, "local")
    return {fault.pointer: fault.detail for fault in caught.value.faults}


@given(intents())
def test_no_intent_loses_anything_on_the_way(intent: Intent) -> None:
    document = intent_document(intent)
    assert tuple(document) == RULE_FIELDS
    assert parse_intent(document, "local") == intent
    assert parse_intent(json.loads(json.dumps(document)), "local") == intent
    exact = json.loads(json.dumps(document), parse_float=Decimal)
    assert parse_intent(exact, "local") == intent


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_golden_rule_loses_anything_either(folder: Path) -> None:
    intent = intent_in(folder)
    assert parse_intent(intent_document(intent), "local") == intent


def test_a_document_says_everything_in_json() -> None:
    intent = Intent(
        ServiceKey("local", "shop", "checkout"), (Version("v1", 3333), Version("v2", 6667))
    )
    assert intent_document(intent) == {
        "namespace": "shop",
        "serviceName": "checkout",
        "hosts": [],
        "gateways": ["mesh"],
        "ruleType": "WEIGHTED",
        "versions": [
            {"name": "v1", "weight": 33.33, "labels": {"version": "v1"}},
            {"name": "v2", "weight": 66.67, "labels": {"version": "v2"}},
        ],
        "cohorts": [],
        "mirror": None,
        "policies": {
            "timeoutMs": None,
            "retries": None,
            "fault": None,
            "outlierDetection": None,
            "connectionLimits": None,
        },
    }


def test_what_may_be_left_out_has_a_default() -> None:
    expected = Intent(ServiceKey("local", "default", "checkout"), (Version("v1", 10_000),))
    assert parse_intent(LEAST, "local") == expected
    nulls = dict.fromkeys(
        ("namespace", "hosts", "gateways", "ruleType", "cohorts", "mirror", "policies")
    )
    assert parse_intent({**LEAST, **nulls}, "local") == expected


def test_the_parts_of_policies_have_defaults_too() -> None:
    policies = {"retries": {"attempts": 2}, "outlierDetection": {}}
    parsed = parse_intent({**LEAST, "policies": policies}, "local").policies
    assert parsed.retries is not None
    assert parsed.retries.retry_on == ("5xx",)
    assert parsed.outlier_detection is not None
    assert parsed.outlier_detection.interval_ms == 10_000


@pytest.mark.parametrize("document", [None, [], "rule", 5, True])
def test_what_is_no_object_is_no_rule(document: object) -> None:
    [(pointer, detail)] = faults_of(document).items()
    assert pointer == ""
    assert detail.startswith("expected an object, found ")


def test_every_fault_is_told_at_once_where_it_is() -> None:
    document = {
        "namespace": "Shop",
        "serviceName": 5,
        "hosts": ["*"],
        "gateways": "mesh",
        "ruleType": "weighted",
        "versions": [{"name": "V1", "weight": "80"}, 3, {"weight": 33.333, "labels": {"a": 1}}],
        "cohorts": [
            {"name": "testers", "version": "v2", "conditions": [{"source": "body"}]},
            {"name": "more", "version": None, "conditions": []},
        ],
        "mirror": {"share": True},
        "policies": {
            "timeoutMs": 1.5,
            "retries": {"attempts": "2", "retryOn": ["5xx", 5]},
            "fault": {"delay": {"share": 0, "durationMs": 5}},
            "connectionLimits": {},
        },
        "extra/~field": 1,
    }
    faults = faults_of(document)
    assert faults == {
        "/extra~1~0field": f"expected one of {', '.join(RULE_FIELDS)}, found an unknown field",
        "/serviceName": "expected text, found 5",
        "/gateways": "expected a list, found 'mesh'",
        "/ruleType": "expected one of WEIGHTED, HEADER, MIRROR, found 'weighted'",
        "/versions/0/weight": "expected a number, found '80'",
        "/versions/1": "expected an object, found 3",
        "/versions/2/name": "expected text, found nothing",
        "/versions/2/weight": "expected a number with at most two decimals, found 33.333",
        "/versions/2/labels/a": "expected text, found 1",
        "/cohorts/0/conditions/0/source": (
            "expected one of header, cookie, path, query, found 'body'"
        ),
        "/cohorts/0/conditions/0/operator": (
            "expected one of exact, prefix, regex, present, found nothing"
        ),
        "/cohorts/1/version": "expected text, found nothing",
        "/mirror/version": "expected text, found nothing",
        "/mirror/share": "expected a number, found True",
        "/policies/timeoutMs": "expected a whole number, found 1.5",
        "/policies/retries/attempts": "expected a whole number, found '2'",
        "/policies/retries/retryOn/1": "expected text, found 5",
        "/policies/fault/delay/share": "expected more than 0 and at most 100, found 0%",
        "/policies/connectionLimits": "expected at least one limit, found none",
    }


def test_the_laws_of_the_whole_are_told_beside_the_faults_of_other_parts() -> None:
    faults = faults_of(
        {
            "serviceName": "checkout",
            "ruleType": "HEADER",
            "versions": [{"name": "v1", "weight": 80}, {"name": "v2", "weight": 30}],
            "cohorts": [{"name": "testers", "version": "v2", "conditions": []}],
            "hosts": ["*"],
            "unknown": None,
        }
    )
    assert set(faults) == {"/versions", "/cohorts/0/conditions", "/hosts/0", "/unknown"}
    assert faults["/versions"] == "expected weights that sum to 100, found 110%"


def test_a_type_that_asks_for_cohorts_is_told_where_there_are_none() -> None:
    assert set(faults_of({**LEAST, "ruleType": "HEADER", "unknown": 1})) == {"/cohorts", "/unknown"}


def test_names_that_are_wrong_are_told_once() -> None:
    assert set(faults_of({**LEAST, "serviceName": "Check Out", "namespace": ""})) == {
        "/serviceName"
    }


def test_a_long_list_is_not_read() -> None:
    faults = faults_of({**LEAST, "versions": [1] * 100_000})
    assert faults == {"/versions": "expected at most 20, found 100000"}


def test_what_was_found_is_shown_but_not_at_length() -> None:
    detail = faults_of({**LEAST, "ruleType": "x" * 10_000})["/ruleType"]
    assert len(detail) < 120
    assert faults_of({**LEAST, "ruleType": {"a": 1}})["/ruleType"].endswith("found an object")
    assert faults_of({**LEAST, "mirror": {"version": []}})["/mirror/version"].endswith(
        "found a list"
    )
    assert faults_of({**LEAST, "versions": [{**LEAST["versions"][0], "labels": []}]}) == {
        "/versions/0/labels": "expected an object, found a list"
    }


def test_a_boolean_is_no_number_and_a_whole_is_no_fraction() -> None:
    assert set(faults_of({**LEAST, "policies": {"timeoutMs": True}})) == {"/policies/timeoutMs"}
    assert set(faults_of({**LEAST, "policies": {"timeoutMs": 5.0}})) == {"/policies/timeoutMs"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (*RULE_FIELDS, "name", "weight", "labels", "conditions", "version", "share")
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(st.dictionaries(st.sampled_from(RULE_FIELDS), values))
def test_no_json_is_too_foreign_to_be_refused_in_words(document: dict[str, Any]) -> None:
    details = faults_of({**document, "serviceName": 0}).values()
    assert all(detail.startswith("expected ") for detail in details)


@given(st.data(), intents())
def test_one_field_gone_wrong_is_found_at_its_pointer(data: st.DataObject, intent: Intent) -> None:
    document = json.loads(json.dumps(intent_document(intent)))
    *path, last = data.draw(st.sampled_from(list(leaves(document))))
    parent: Any = document
    for key in path:
        parent = parent[key]
    parent[last] = 17 if isinstance(parent[last], dict | list) else {"not": "this"}
    pointer = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in (*path, last))
    assert any(found.startswith(pointer) for found in faults_of(document))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in items:
        nested = isinstance(inner, dict | list) and inner
        found += leaves(inner, (*path, key)) if nested else [(*path, key)]
    return found
