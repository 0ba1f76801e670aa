"""What we render means what the rule means, read by readers that know only the documents."""

from decimal import Decimal
from typing import Any

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.http.fault.v3 import fault_pb2
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2
from google.protobuf.json_format import ParseDict
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import Request, intents, requests, services
from tests.unit.manifests.routers import (
    chosen_cohort,
    envoy_route,
    envoy_shares,
    istio_route,
    istio_shares,
)

from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.share import WHOLE, percent
from crossfade.manifests.envoy import cluster, cluster_name, route_configuration, scope_keys
from crossfade.manifests.istio import destination_rule, virtual_service

# Parsing a message inside another needs its module to be loaded.
NESTED = (fault_pb2, http_protocol_options_pb2)


def istio(intent: Intent) -> tuple[dict[str, Any], dict[str, Any]]:
    return destination_rule(intent, 7), virtual_service(intent, 7)


def routes(intent: Intent) -> dict[str, Any]:
    return route_configuration(intent, 7)


def expected_shares(intent: Intent, cohort: str | None) -> dict[str, Decimal]:
    if cohort is not None:
        return {one.version: Decimal(1) for one in intent.cohorts if one.name == cohort}
    weights = intent.split.weights
    return {name: Decimal(weight) / WHOLE for name, weight in weights if weight}


@st.composite
def met_intents(draw: st.DrawFn) -> tuple[Intent, Request]:
    intent = draw(intents())
    return intent, draw(requests(intent))


@given(met_intents())
def test_istio_sends_each_request_where_the_rule_says(case: tuple[Intent, Request]) -> None:
    intent, request = case
    cohort = chosen_cohort(intent, request)
    entry = istio_route(istio(intent)[1], request)
    assert entry["name"] == ("weighted" if cohort is None else f"cohort-{cohort}")
    assert istio_shares(entry) == expected_shares(intent, cohort)


@given(met_intents())
def test_envoy_sends_each_request_where_the_rule_says(case: tuple[Intent, Request]) -> None:
    intent, request = case
    cohort = chosen_cohort(intent, request)
    route = envoy_route(routes(intent), request)
    expected = expected_shares(intent, cohort)
    assert route["name"] == ("weighted" if cohort is None else f"cohort-{cohort}")
    assert envoy_shares(route) == {cluster_name(intent.key, v): s for v, s in expected.items()}


@given(intents())
def test_the_documents_belong_to_the_service_and_carry_our_marks(intent: Intent) -> None:
    for manifest in istio(intent):
        assert manifest["metadata"] == {
            "name": intent.key.service,
            "namespace": intent.key.namespace,
            "labels": {"app.kubernetes.io/managed-by": "crossfade"},
            "annotations": {"crossfade.dev/generation": "7"},
        }


@given(intents())
def test_subsets_select_the_pods_of_each_version(intent: Intent) -> None:
    rule, service = istio(intent)
    subsets = {one["name"]: one["labels"] for one in rule["spec"]["subsets"]}
    assert subsets == {arm.name: dict(arm.labels) for arm in intent.versions}
    assert rule["spec"]["host"] == intent.key.service
    for entry in service["spec"]["http"]:
        for arm in entry["route"]:
            assert arm["destination"]["host"] == intent.key.service
            assert arm["destination"]["subset"] in subsets


@given(intents())
def test_hosts_and_gateways_are_the_rules(intent: Intent) -> None:
    spec = istio(intent)[1]["spec"]
    assert spec["hosts"] == (list(intent.hosts) or [intent.key.service])
    assert spec.get("gateways", ["mesh"]) == list(intent.gateways)


@given(intents())
def test_every_http_entry_of_istio_has_the_rules_manners(intent: Intent) -> None:
    expected: dict[str, Any] = {"mirror": None, "timeout": None, "retries": None, "fault": None}
    if intent.mirror:
        expected["mirror"] = (intent.mirror.version, percent(intent.mirror.share))
    if intent.policies.timeout_ms:
        expected["timeout"] = intent.policies.timeout_ms
    if retries := intent.policies.retries:
        expected["retries"] = (retries.attempts, retries.per_try_timeout_ms, retries.retry_on)
    if fault := intent.policies.fault:
        delay = fault.delay and (percent(fault.delay.share), fault.delay.duration_ms)
        abort = fault.abort and (percent(fault.abort.share), fault.abort.status)
        expected["fault"] = (delay, abort)
    for entry in istio(intent)[1]["spec"]["http"]:
        assert istio_manners(entry) == expected


def istio_manners(entry: dict[str, Any]) -> dict[str, Any]:
    manners: dict[str, Any] = {"mirror": None, "timeout": None, "retries": None, "fault": None}
    if "mirror" in entry:
        manners["mirror"] = (entry["mirror"]["subset"], entry["mirrorPercentage"]["value"])
    if "timeout" in entry:
        manners["timeout"] = read_milliseconds(entry["timeout"])
    if retries := entry.get("retries"):
        per_try = retries.get("perTryTimeout")
        manners["retries"] = (
            retries["attempts"],
            per_try and read_milliseconds(per_try),
            tuple(retries["retryOn"].split(",")),
        )
    if fault := entry.get("fault"):
        delay, abort = fault.get("delay"), fault.get("abort")
        manners["fault"] = (
            delay and (delay["percentage"]["value"], read_milliseconds(delay["fixedDelay"])),
            abort and (abort["percentage"]["value"], abort["httpStatus"]),
        )
    return manners


def read_milliseconds(duration: str) -> int:
    milliseconds = Decimal(duration.removesuffix("s")) * 1000
    assert milliseconds == int(milliseconds)
    return int(milliseconds)


@given(intents())
def test_the_destination_rule_says_what_a_version_bears(intent: Intent) -> None:
    policy = istio(intent)[0]["spec"].get("trafficPolicy", {})
    ejection, limits = intent.policies.outlier_detection, intent.policies.connection_limits
    pool = policy.get("connectionPool", {})
    http = pool.get("http", {})
    assert (limits is None) == (pool == {})
    if limits:
        assert pool.get("tcp", {}).get("maxConnections") == limits.max_connections
        assert http.get("http1MaxPendingRequests") == limits.max_pending_requests
        assert http.get("http2MaxRequests") == limits.max_requests
        assert http.get("maxRequestsPerConnection") == limits.max_requests_per_connection
    assert (ejection is None) == ("outlierDetection" not in policy)
    if ejection:
        found = policy["outlierDetection"]
        assert found["consecutive5xxErrors"] == ejection.consecutive_5xx
        assert read_milliseconds(found["interval"]) == ejection.interval_ms
        assert read_milliseconds(found["baseEjectionTime"]) == ejection.base_ejection_ms
        assert found["maxEjectionPercent"] == ejection.max_ejection_percent


@given(intents())
def test_every_route_of_envoy_has_the_rules_manners(intent: Intent) -> None:
    message = ParseDict(routes(intent), RouteConfiguration())
    retries, mirror, fault = intent.policies.retries, intent.mirror, intent.policies.fault
    for route in message.virtual_hosts[0].routes:
        action = route.route
        assert action.timeout.ToMilliseconds() == (intent.policies.timeout_ms or 0)
        assert action.HasField("timeout")  # an absent one would mean 15 s
        assert action.idle_timeout.ToMilliseconds() == 0
        assert action.HasField("idle_timeout")
        assert action.HasField("retry_policy") == (retries is not None)
        if retries:
            policy = action.retry_policy
            assert policy.num_retries.value == retries.attempts
            assert policy.retry_on == ",".join(retries.retry_on)
            assert policy.per_try_timeout.ToMilliseconds() == (retries.per_try_timeout_ms or 0)
        copies = [
            (one.cluster, one.runtime_fraction.default_value)
            for one in action.request_mirror_policies
        ]
        assert [cluster for cluster, _ in copies] == (
            [cluster_name(intent.key, mirror.version)] if mirror else []
        )
        assert [(f.numerator, f.denominator) for _, f in copies] == (
            [(mirror.share, 1)] if mirror else []
        )
        assert ("envoy.filters.http.fault" in route.typed_per_filter_config) == (fault is not None)


@given(intents())
def test_envoy_makes_the_same_trouble(intent: Intent) -> None:
    message = ParseDict(routes(intent), RouteConfiguration())
    fault = intent.policies.fault
    for route in message.virtual_hosts[0].routes:
        if fault is None:
            assert not route.typed_per_filter_config
            continue
        found = fault_pb2.HTTPFault()
        assert route.typed_per_filter_config["envoy.filters.http.fault"].Unpack(found)
        delay = (found.delay.percentage.numerator, found.delay.fixed_delay.ToMilliseconds())
        abort = (found.abort.percentage.numerator, found.abort.http_status)
        wanted_delay, wanted_abort = fault.delay, fault.abort
        assert delay == ((wanted_delay.share, wanted_delay.duration_ms) if wanted_delay else (0, 0))
        assert abort == ((wanted_abort.share, wanted_abort.status) if wanted_abort else (0, 0))


@given(intents())
def test_cohorts_are_counted_apart(intent: Intent) -> None:
    message = ParseDict(routes(intent), RouteConfiguration())
    prefixes = [route.stat_prefix for route in message.virtual_hosts[0].routes]
    assert prefixes == [*(f"cohort-{cohort.name}" for cohort in intent.cohorts), ""]
    assert message.name == str(intent.key)


@given(
    intents(), st.lists(st.sampled_from(("127.0.0.1:80", "10.0.0.7:9001", "[::1]:1")), max_size=3)
)
@settings(max_examples=50)
def test_a_version_is_a_cluster_of_its_addresses(intent: Intent, addresses: list[str]) -> None:
    ejection, limits = intent.policies.outlier_detection, intent.policies.connection_limits
    for arm in intent.versions:
        message = ParseDict(cluster(intent, arm.name, addresses), Cluster())
        assert message.name == cluster_name(intent.key, arm.name)
        assert "." not in message.name
        sockets = [
            endpoint.endpoint.address.socket_address
            for group in message.load_assignment.endpoints
            for endpoint in group.lb_endpoints
        ]
        assert [f"{one.address}:{one.port_value}" for one in sockets] == [
            address.replace("[", "").replace("]", "") for address in addresses
        ]
        assert message.HasField("outlier_detection") == (ejection is not None)
        threshold = message.circuit_breakers.thresholds[0]
        unlimited = 2**32 - 1
        assert threshold.max_connections.value == ((limits and limits.max_connections) or unlimited)
        assert threshold.max_requests.value == ((limits and limits.max_requests) or unlimited)
        per_connection = limits and limits.max_requests_per_connection
        assert bool(message.typed_extension_protocol_options) == bool(per_connection)


@given(services, st.sampled_from(((), ("Shop.Example.COM", "*.example.com", "a.b", "a.b"))))
def test_a_rule_is_reached_by_its_names(key: ServiceKey, hosts: tuple[str, ...]) -> None:
    keys = scope_keys(key, hosts)
    assert f"{key.service}.{key.namespace}.svc.cluster.local" in keys
    assert f"{key.service}.{key.namespace}" in keys
    assert (key.service in keys) == (key.namespace == "default")
    assert all(found == found.lower() and "*" not in found for found in keys)
    assert len(set(keys)) == len(keys)
    assert not hosts or "shop.example.com" in keys
