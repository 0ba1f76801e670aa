"""An intent cannot be built in a bad state."""

from dataclasses import replace

import pytest
from hypothesis import given
from tests.strategies import intents

from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.errors import Fault, InvalidRuleError
from crossfade.domain.intent import Intent, Mirror, RuleType, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.share import WHOLE

KEY = ServiceKey("local", "default", "checkout")
SPLIT = (Version("v1", 8000), Version("v2", 2000))
RULE = Intent(KEY, SPLIT)
TESTER = (Condition(Source.HEADER, Operator.PRESENT, "x-tester"),)


def faults_of(**changes: object) -> list[str]:
    with pytest.raises(InvalidRuleError) as caught:
        replace(RULE, **changes)  # type: ignore[arg-type]  # that is the point
    return [fault.pointer for fault in caught.value.faults]


@given(intents())
def test_the_receivers_are_the_versions_that_get_requests(intent: Intent) -> None:
    cohorts = {cohort.version for cohort in intent.cohorts}
    for arm in intent.versions:
        mirrored = intent.mirror is not None and intent.mirror.version == arm.name
        assert (arm.name in intent.receivers) == (arm.weight > 0 or arm.name in cohorts or mirrored)
    assert sum(weight for _, weight in intent.split.weights) == WHOLE


def test_a_version_has_its_name_for_a_label_unless_told_otherwise() -> None:
    assert Version("v1", 1).labels == (("version", "v1"),)
    assert Version("v1", 1, (("track", "stable"),)).labels == (("track", "stable"),)


def test_the_order_of_labels_means_nothing() -> None:
    assert Version("v", 1, (("b", "1"), ("a", "2"))) == Version("v", 1, (("a", "2"), ("b", "1")))


@pytest.mark.parametrize(
    ("name", "labels", "pointers"),
    [
        ("V1", (), ["/name"]),
        ("v1", (("", "x"),), ["/labels"]),
        ("v1", (("a", "x"), ("a", "y")), ["/labels"]),
    ],
)
def test_a_version_that_kubernetes_would_refuse_is_refused(
    name: str, labels: tuple[tuple[str, str], ...], pointers: list[str]
) -> None:
    with pytest.raises(InvalidRuleError) as caught:
        Version(name, 100, labels)
    assert [fault.pointer for fault in caught.value.faults] == pointers


@pytest.mark.parametrize("share", [0, -1, WHOLE + 1])
def test_a_mirror_copies_some_requests_but_not_more_than_all(share: int) -> None:
    with pytest.raises(InvalidRuleError, match="above 0 and at most 100"):
        Mirror("v2", share)


def test_there_is_at_least_one_version_and_not_a_crowd() -> None:
    assert faults_of(versions=()) == ["/versions", "/versions"]
    crowd = tuple(Version(f"v{n}", WHOLE if n == 0 else 0) for n in range(21))
    assert faults_of(versions=crowd) == ["/versions"]
    assert replace(RULE, versions=crowd[:20]).versions == crowd[:20]


def test_two_versions_of_one_name_are_refused() -> None:
    twins = (Version("v1", 5000), Version("v1", 5000))
    assert faults_of(versions=twins) == ["/versions/0/name", "/versions/1/name"]


def test_weights_are_refused_where_they_do_not_sum() -> None:
    assert faults_of(versions=(Version("v1", 9000), Version("v2", 2000))) == ["/versions"]


def test_hosts_and_gateways_are_names_and_few() -> None:
    assert faults_of(hosts=("a", "*")) == ["/hosts/1"]
    assert faults_of(hosts=("a", "a")) == ["/hosts"]
    assert faults_of(hosts=tuple(f"h{n}" for n in range(65))) == ["/hosts"]
    assert faults_of(gateways=()) == ["/gateways"]
    assert faults_of(gateways=("mesh", "mesh")) == ["/gateways"]
    assert faults_of(gateways=("mesh", "a/b/c")) == ["/gateways/1"]
    assert faults_of(gateways=("/a",)) == ["/gateways/0"]
    assert replace(RULE, gateways=("istio-system/public",)).gateways == ("istio-system/public",)


def test_cohorts_and_mirror_name_versions_of_the_rule() -> None:
    stranger = Cohort("testers", "v9", TESTER)
    assert faults_of(cohorts=(stranger,), mirror=Mirror("v8")) == [
        "/cohorts/0/version",
        "/mirror/version",
    ]


def test_what_a_rule_without_versions_could_name_is_told_in_words() -> None:
    with pytest.raises(InvalidRuleError, match="expected one of a version of the rule"):
        Intent(KEY, (), mirror=Mirror("v1"))


def test_cohorts_have_names_of_their_own() -> None:
    cohort = Cohort("testers", "v2", TESTER)
    assert faults_of(cohorts=(cohort, cohort)) == ["/cohorts"]
    assert faults_of(cohorts=(replace(cohort, name="Big Testers"),)) == ["/cohorts/0/name"]
    many = tuple(replace(cohort, name=f"c{n}") for n in range(65))
    assert faults_of(cohorts=many) == ["/cohorts"]


def test_a_type_states_the_least_that_a_rule_holds() -> None:
    assert faults_of(rule_type=RuleType.HEADER) == ["/cohorts"]
    assert faults_of(rule_type=RuleType.MIRROR) == ["/mirror"]
    cohorts = (Cohort("testers", "v2", TESTER),)
    assert replace(RULE, rule_type=RuleType.HEADER, cohorts=cohorts, mirror=Mirror("v2"))


def test_the_faults_of_a_part_are_seen_from_the_whole() -> None:
    error = InvalidRuleError([Fault("/name", "no")]).under("/versions/1")
    assert error.faults == (Fault("/versions/1/name", "no"),)
    assert str(error) == "/versions/1/name: no"


def test_an_intent_knows_another_from_which_only_its_weights_differ() -> None:
    moved = tuple(replace(arm, weight=WHOLE - arm.weight) for arm in RULE.versions)
    assert replace(RULE, versions=moved).moves_weights_of(RULE)
    assert RULE.moves_weights_of(RULE)
    relabelled = tuple(replace(arm, labels=(("app", "x"),)) for arm in moved)
    assert not replace(RULE, versions=relabelled).moves_weights_of(RULE)
    assert not replace(RULE, versions=moved, hosts=("shop",)).moves_weights_of(RULE)
    assert not replace(RULE, versions=(Version("v1", WHOLE),)).moves_weights_of(RULE)
