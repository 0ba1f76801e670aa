"""What is to be known of an intent before it is deployed."""

from dataclasses import replace

import pytest
from hypothesis import given
from tests.strategies import intents

from crossfade.domain.around import Around, Backing, Claim, Obstacle
from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.intent import Intent, Mirror, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.policies import Abort, FaultInjection, Policies, Retries
from crossfade.domain.share import WHOLE
from crossfade.manifests.findings import Severity, blockers, findings, summary

KEY = ServiceKey("local", "default", "checkout")
BOTH = Around({"v1": Backing(1, 1), "v2": Backing(1, 1)}, local=True)
ONLY_V1 = Around({"v1": Backing(1, 1)}, local=True)


def split(**weights: int) -> Intent:
    return Intent(KEY, tuple(Version(name, weight * 100) for name, weight in weights.items()))


RULE = split(v1=80, v2=20)


def header(name: str) -> Condition:
    return Condition(Source.HEADER, Operator.PRESENT, name)


def found(
    intent: Intent, live: Intent | None = None, around: Around | None = None
) -> list[tuple[Severity, str, str]]:
    return [(one.severity, one.code, one.pointer) for one in findings(intent, live, around)]


def test_there_is_nothing_to_say_of_a_plain_rule() -> None:
    assert found(RULE, split(v1=90, v2=10), BOTH) == []
    assert found(RULE) == []


def test_a_receiver_without_an_address_blocks() -> None:
    [finding] = findings(RULE, None, ONLY_V1)
    assert (finding.severity, finding.code, finding.pointer) == (
        Severity.BLOCKER,
        "no-endpoints",
        "/versions/1",
    )
    assert finding.message == "v2 of checkout has no address, so its requests would fail."


def test_blockers_are_the_findings_that_stop_a_deploy() -> None:
    jump = findings(split(v1=20, v2=80), split(v1=100), ONLY_V1)
    assert [one.severity for one in jump] == [Severity.BLOCKER, Severity.WARNING]
    assert blockers(jump) == jump[:1]


def test_pods_that_are_not_ready_are_told_by_their_count() -> None:
    around = Around({"v1": Backing(2, 2), "v2": Backing(0, 2)})
    [finding] = findings(RULE, None, around)
    assert (finding.severity, finding.code, finding.pointer) == (
        Severity.BLOCKER,
        "no-endpoints",
        "/versions/1",
    )
    expected = "v2 of checkout has 0 of 2 endpoints ready, so its requests would fail."
    assert finding.message == expected


def test_a_version_whose_labels_no_pod_carries_is_told_by_its_labels() -> None:
    [finding] = findings(RULE, None, Around({"v1": Backing(2, 2)}))
    assert finding.message == (
        "v2 of checkout has no endpoints: no pod behind the service carries version=v2."
    )


def test_other_peoples_objects_block() -> None:
    rule = replace(RULE, hosts=("shop.example.com", "checkout"))
    claims = (
        Claim("checkout", "mesh", "VirtualService default/by-hand"),
        Claim("checkout.default.svc.cluster.local", "mesh", "VirtualService shop/x"),
    )
    obstacle = Obstacle("not-ours", "VirtualService default/checkout belongs to helm.")
    around = Around({"v1": Backing(1, 1), "v2": Backing(1, 1)}, claims, (obstacle,))
    assert found(rule, None, around) == [
        (Severity.BLOCKER, "not-ours", ""),
        (Severity.BLOCKER, "host-claimed", "/hosts/1"),
        (Severity.BLOCKER, "host-claimed", "/hosts"),
    ]


def test_where_nobody_has_looked_nothing_is_said_of_pods() -> None:
    elsewhere = Obstacle("namespace-not-watched", "Crossfade does not work there.", "/namespace")
    assert found(RULE, None, Around(obstacles=(elsewhere,))) == [
        (Severity.BLOCKER, "namespace-not-watched", "/namespace")
    ]


def test_a_version_that_gets_nothing_needs_no_address() -> None:
    idle = split(v1=100, v2=0)
    assert found(idle, None, ONLY_V1) == []
    cohort = Cohort("testers", "v2", (header("x"),))
    blocked = [(Severity.BLOCKER, "no-endpoints", "/versions/1")]
    assert found(replace(idle, cohorts=(cohort,)), None, ONLY_V1) == blocked
    assert found(replace(idle, mirror=Mirror("v2")), None, ONLY_V1) == blocked
    assert found(RULE, None, None) == []  # what the rule alone tells


def test_a_jump_from_nothing_to_more_than_half_is_warned_of() -> None:
    warning = [(Severity.WARNING, "sudden-start", "/versions/1/weight")]
    assert found(split(v1=49, v2=51), split(v1=100, v2=0)) == warning
    assert found(split(v1=49, v2=51), split(v1=100)) == warning
    assert found(split(v1=50, v2=50), split(v1=100, v2=0)) == []
    assert found(split(v1=0, v2=100), split(v1=99, v2=1)) == []


def test_a_version_taken_out_under_traffic_is_warned_of() -> None:
    warning = (Severity.WARNING, "version-still-used", "/versions")
    assert found(split(v1=100), RULE) == [warning]
    assert found(split(v1=100), split(v1=100, v2=0)) == []
    cohort = Cohort("testers", "v2", (header("x"),))
    assert found(split(v1=100), replace(split(v1=100, v2=0), cohorts=(cohort,))) == [warning]


def test_a_cohort_behind_a_wider_one_is_warned_of() -> None:
    wide = Cohort("wide", "v1", (header("x"),))
    narrow = Cohort("narrow", "v2", (header("y"), header("x")))
    warning = [(Severity.WARNING, "cohort-shadowed", "/cohorts/1")]
    assert found(replace(RULE, cohorts=(wide, narrow))) == warning
    assert found(replace(RULE, cohorts=(wide, replace(wide, name="twin")))) == warning
    assert found(replace(RULE, cohorts=(narrow, wide))) == []
    thrice = (wide, replace(wide, name="b"), replace(wide, name="c"))
    assert len(found(replace(RULE, cohorts=thrice))) == 2


def test_copies_to_a_version_that_answers_too_are_told() -> None:
    mirrored = replace(RULE, mirror=Mirror("v2"))
    assert found(mirrored) == [(Severity.INFO, "mirror-doubles", "/mirror/version")]
    alone = replace(split(v1=0, v2=100), mirror=Mirror("v2"))
    assert found(alone) == [(Severity.WARNING, "mirror-doubles", "/mirror/version")]
    assert found(replace(split(v1=100, v2=0), mirror=Mirror("v2"))) == []


def test_versions_of_the_same_pods_are_warned_of() -> None:
    arms = tuple(Version(name, WHOLE // 2, (("app", "checkout"),)) for name in ("v1", "v2"))
    warning = [(Severity.WARNING, "same-labels", "/versions/1/labels")]
    assert found(replace(RULE, versions=arms)) == warning


def test_hosts_that_leave_out_the_service_itself_are_warned_of() -> None:
    elsewhere = replace(RULE, hosts=("shop.example.com",))
    assert found(elsewhere) == [(Severity.WARNING, "own-host-missing", "/hosts")]
    assert found(replace(elsewhere, gateways=("ingress",))) == []
    for own in ("checkout", "checkout.default", "checkout.default.svc.cluster.local"):
        assert found(replace(RULE, hosts=("shop.example.com", own))) == []


def test_a_wildcard_is_no_host_of_the_local_proxy() -> None:
    wild = replace(RULE, hosts=("checkout", "*.example.com"))
    assert found(wild) == []
    assert found(wild, None, BOTH) == [(Severity.INFO, "wildcard-host", "/hosts/1")]


def test_answering_every_request_with_an_error_is_warned_of() -> None:
    abort = FaultInjection(abort=Abort(WHOLE, 503))
    warning = [(Severity.WARNING, "abort-everything", "/policies/fault/abort/share")]
    assert found(replace(RULE, policies=Policies(fault=abort))) == warning
    half = FaultInjection(abort=Abort(WHOLE // 2, 503))
    assert found(replace(RULE, policies=Policies(fault=half))) == []


def test_retries_that_no_time_is_left_for_are_told() -> None:
    told = [(Severity.INFO, "no-time-to-retry", "/policies/retries/perTryTimeoutMs")]
    assert found(replace(RULE, policies=Policies(1000, Retries(2)))) == told
    assert found(replace(RULE, policies=Policies(1000, Retries(2, 1000)))) == told
    assert found(replace(RULE, policies=Policies(1000, Retries(2, 400)))) == []
    assert found(replace(RULE, policies=Policies(None, Retries(2)))) == []


@given(intents(), intents())
def test_the_gravest_comes_first_and_every_finding_can_be_shown(one: Intent, live: Intent) -> None:
    gravity = list(Severity)
    told = findings(one, live, Around({}, local=True))
    assert [gravity.index(f.severity) for f in told] == sorted(
        gravity.index(f.severity) for f in told
    )
    blocked = [f.pointer for f in told if f.severity is Severity.BLOCKER]
    assert len(blocked) == len(one.receivers)
    assert all(f.message.endswith(".") and f.pointer.startswith("/") for f in told)


COHORTS = (Cohort("testers", "v2", (header("x"),)),)


@pytest.mark.parametrize(
    ("intent", "live", "sentence"),
    [
        (RULE, None, "checkout is divided for the first time: v1 80%, v2 20%"),
        (RULE, RULE, "Nothing changes for checkout"),
        (split(v2=20, v1=80), RULE, "The split of checkout stays; changed: versions"),
        (
            split(v1=100),
            split(v1=100, v2=0),
            "The split of checkout stays; changed: versions",
        ),
        (split(v1=60, v2=40), RULE, "20% more of checkout goes to v2"),
        (
            split(v1=0, v2=0, v3=100),
            RULE,
            "100% more of checkout goes to v3; also changed: versions",
        ),
        (
            split(v1=50, v2=25, v3=25),
            split(v1=100, v2=0, v3=0),
            "checkout is divided anew: v1 100% → 50%, v2 0% → 25%, v3 0% → 25%",
        ),
        (
            replace(RULE, cohorts=COHORTS, mirror=Mirror("v2")),
            RULE,
            "The split of checkout stays; changed: cohorts, mirror",
        ),
        (
            replace(split(v1=60, v2=40), cohorts=COHORTS),
            RULE,
            "20% more of checkout goes to v2; also changed: cohorts",
        ),
    ],
)
def test_one_sentence_says_what_a_deploy_changes(
    intent: Intent, live: Intent | None, sentence: str
) -> None:
    assert summary(intent, live) == sentence
