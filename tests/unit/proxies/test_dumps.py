"""Whether what a proxy is sent is what a rule asks for."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.golden.rules import FOLDERS, intent_in
from tests.unit.proxies.pages import HOST, dump, nothing, version

from crossfade.adapters.kubernetes.proxies.dumps import SidecarScope, View, scope_of, view_of
from crossfade.adapters.kubernetes.proxies.expectation import expectation_of
from crossfade.domain.cohort import Cohort, Condition, Operator, Source
from crossfade.domain.intent import Intent, Mirror, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.policies import (
    Abort,
    ConnectionLimits,
    Delay,
    FaultInjection,
    OutlierDetection,
    Policies,
    Retries,
)

KEY = ServiceKey("local", "shop", "checkout")
ISTIOS_OWN = Retries(2, None, ("connect-failure", "refused-stream", "unavailable", "cancelled"))
PLAIN = Intent(KEY, (Version("v1", 8_000), Version("v2", 2_000)))
TESTERS = Cohort("testers", "v2", (Condition(Source.HEADER, Operator.EXACT, "x-tester", "true"),))

Change = Callable[[Intent], Intent]


def given(policies: Policies) -> Change:
    return lambda intent: replace(intent, policies=policies)


def weights(v1: int, v2: int) -> Change:
    return lambda intent: replace(intent, versions=(Version("v1", v1), Version("v2", v2)))


def cohort(source: Source, operator: Operator, name: str, value: str) -> Change:
    found = Cohort("testers", "v2", (Condition(source, operator, name, value),))
    return lambda intent: replace(intent, cohorts=(found,))


def sent(intent: Intent) -> bytes:
    """What istiod sends for an intent, which fills in how it repeats requests by itself."""
    policies = replace(intent.policies, retries=intent.policies.retries or ISTIOS_OWN)
    return dump(replace(intent, policies=policies), 7)


CHANGES: dict[str, Change] = {
    "weights": weights(7_999, 2_001),
    "a lone arm": weights(10_000, 0),
    "a cohort": lambda intent: replace(intent, cohorts=(TESTERS,)),
    "a mirror": lambda intent: replace(intent, mirror=Mirror("v2", 500)),
    "a timeout": given(Policies(timeout_ms=1_500)),
    "retries": given(Policies(retries=Retries(3, 200, ("5xx",)))),
    "a delay": given(Policies(fault=FaultInjection(delay=Delay(100, 20)))),
    "an abort": given(Policies(fault=FaultInjection(abort=Abort(50, 418)))),
    "ejection": given(Policies(outlier_detection=OutlierDetection())),
    "a limit": given(Policies(connection_limits=ConnectionLimits(max_requests=9))),
    "a limit of connections": given(
        Policies(connection_limits=ConnectionLimits(max_requests_per_connection=9))
    ),
    "a header": cohort(Source.HEADER, Operator.PREFIX, "x-tester", "t"),
    "a present header": cohort(Source.HEADER, Operator.PRESENT, "x-tester", ""),
    "a parameter": cohort(Source.QUERY, Operator.PRESENT, "tester", ""),
    "a path": cohort(Source.PATH, Operator.EXACT, "", "/api"),
    "a pattern of paths": cohort(Source.PATH, Operator.REGEX, "", "/api/.*"),
    "a cookie": cohort(Source.COOKIE, Operator.EXACT, "track", "beta"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_part_of_a_rule_is_told_from_its_absence(change: Change) -> None:
    changed = change(PLAIN)

    assert view_of(sent(changed), expectation_of(changed, {})).shows
    assert not view_of(sent(PLAIN), expectation_of(changed, {})).shows
    assert not view_of(sent(changed), expectation_of(PLAIN, {})).shows


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_rule_is_recognized(folder: object) -> None:
    intent = replace(intent_in(folder), key=KEY)  # type: ignore[arg-type]  # a folder of rules

    view = view_of(sent(intent), expectation_of(intent, {}))

    assert view == View(7, frozenset({HOST}))


def test_other_weights_are_told_in_words() -> None:
    view = view_of(sent(PLAIN), expectation_of(weights(3_333, 6_667)(PLAIN), {}))

    assert view.difference == "route weighted with v1 80%, v2 20%"


def test_other_routes_are_told_by_name() -> None:
    view = view_of(sent(CHANGES["a cohort"](PLAIN)), expectation_of(PLAIN, {}))

    assert view.difference == "the routes cohort-testers, weighted"


def test_a_missing_cluster_is_told() -> None:
    cut = sent(PLAIN).replace(f'"name": "outbound|80|v2|{HOST}", "type"'.encode(), b'"type"')

    view = view_of(cut, expectation_of(PLAIN, {}))

    assert view.difference == f"no cluster outbound|80|v2|{HOST}"


def test_routes_to_another_service_are_not_ours() -> None:
    elsewhere = sent(PLAIN).replace(b"checkout.shop.svc", b"checkout.other.svc")

    assert not view_of(elsewhere, expectation_of(PLAIN, {})).shows


def test_what_stands_behind_a_route_for_all_is_left_out() -> None:
    caught = cohort(Source.PATH, Operator.PREFIX, "", "/")(PLAIN)
    document = json.loads(sent(caught))
    document["configs"][1]["dynamicRouteConfigs"][0]["routeConfig"]["virtualHosts"][0][
        "routes"
    ].pop()

    assert view_of(json.dumps(document).encode(), expectation_of(caught, {})).shows


def test_a_waypoint_carries_routes_in_its_listeners() -> None:
    explicit = replace(PLAIN, policies=Policies(retries=ISTIOS_OWN))

    assert view_of(dump(explicit, 7, in_listeners=True), expectation_of(PLAIN, {})).shows


def test_a_proxy_without_the_rules_routes_carries_none() -> None:
    assert view_of(nothing(9), expectation_of(PLAIN, {})) == View(9)


@pytest.mark.parametrize(
    ("policy", "retries"),
    [
        ({"attempts": 5, "perTryTimeout": "2s", "retryOn": "5xx"}, Retries(5, 2_000, ("5xx",))),
        ({"attempts": 3}, replace(ISTIOS_OWN, attempts=3)),
        (None, ISTIOS_OWN),
        (None, replace(ISTIOS_OWN, retry_on=(*ISTIOS_OWN.retry_on, "reset-before-request"))),
    ],
)
def test_how_the_mesh_repeats_requests_by_itself_is_known(
    policy: dict[str, object] | None, retries: Retries
) -> None:
    mesh = {"defaultHttpRetryPolicy": policy} if policy else {}
    document = dump(replace(PLAIN, policies=Policies(retries=retries)), 7)

    assert view_of(document, expectation_of(PLAIN, mesh)).shows


def test_a_mesh_may_repeat_no_requests_by_itself() -> None:
    mesh = {"defaultHttpRetryPolicy": {"attempts": 0}}

    assert view_of(dump(PLAIN, 7), expectation_of(PLAIN, mesh)).shows
    assert not view_of(sent(PLAIN), expectation_of(PLAIN, mesh)).shows


def test_a_scope_tells_its_push_and_whether_it_knows_the_service() -> None:
    knows = f'{{"services": [{{"hostname": "{HOST}"}}], "version": "{version(4)}"}}'.encode()

    assert scope_of(knows, KEY) == SidecarScope(4, knows_service=True)
    assert scope_of(knows.replace(b"checkout", b"checkin"), KEY) == SidecarScope(
        4, knows_service=False
    )


@pytest.mark.parametrize("content", [b"{}", b'{"versionInfo": "seven"}'])
def test_what_is_no_dump_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"version|invalid literal"):
        view_of(content, expectation_of(PLAIN, {}))
    with pytest.raises(ValueError, match="version"):
        scope_of(content, KEY)
