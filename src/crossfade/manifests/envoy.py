"""A rule as Envoy's own configuration, in the JSON form of its protobuf messages."""

from collections.abc import Mapping, Sequence
from typing import Final

from crossfade.domain.cohort import Cohort, Condition, Operator, Source, cookie_header_pattern
from crossfade.domain.intent import Intent
from crossfade.domain.names import DEFAULT_NAMESPACE, ServiceKey
from crossfade.domain.policies import (
    ConnectionLimits,
    FaultInjection,
    OutlierDetection,
    Retries,
)
from crossfade.manifests.canonical import MARK
from crossfade.manifests.present import duration, present
from crossfade.manifests.routes import WEIGHTED_ROUTE, route_name

FAULT_FILTER: Final = "envoy.filters.http.fault"
HTTP_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
CONNECT_TIMEOUT: Final = "2s"

_FAULT_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault"
_UNLIMITED: Final = 2**32 - 1


def route_configuration(intent: Intent, generation: int) -> dict[str, object]:
    """Where each request of the service goes, as one RouteConfiguration."""
    routes = [_cohort_route(intent, cohort) for cohort in intent.cohorts]
    virtual_host = {
        "name": str(intent.key),
        "domains": ["*"],
        "routes": [*routes, _weighted_route(intent)],
    }
    return {
        "name": str(intent.key),
        "virtual_hosts": [virtual_host],
        "metadata": {"filter_metadata": {MARK: {"generation": str(generation)}}},
    }


def cluster(intent: Intent, version: str, addresses: Sequence[str]) -> dict[str, object]:
    """One version as a cluster of these addresses (IP:port)."""
    return with_addresses(cluster_policy(intent, version), addresses)


def cluster_policy(intent: Intent, version: str) -> dict[str, object]:
    """One version as a cluster that has no addresses yet."""
    policies = intent.policies
    ejection, limits = policies.outlier_detection, policies.connection_limits
    return {
        "name": cluster_name(intent.key, version),
        "type": "STATIC",
        "connect_timeout": CONNECT_TIMEOUT,
        "circuit_breakers": {"thresholds": [_thresholds(limits)]},
        **(_ejection(ejection) if ejection else {}),
        **_connection_options(limits),
    }


def with_addresses(policy: Mapping[str, object], addresses: Sequence[str]) -> dict[str, object]:
    """The cluster with its addresses (IP:port, an IPv6 in brackets)."""
    endpoints = [{"lb_endpoints": [_endpoint(address) for address in addresses]}]
    assignment = {"cluster_name": policy["name"], "endpoints": endpoints if addresses else []}
    return {**policy, "load_assignment": assignment}


def cluster_name(key: ServiceKey, version: str) -> str:
    """The name of a version's cluster. It holds no dot: Envoy's statistics are cut at dots."""
    return f"{key.namespace}/{key.service}/{version}"


def cluster_names(intent: Intent) -> dict[str, str]:
    """The name of each version's cluster, by version."""
    return {arm.name: cluster_name(intent.key, arm.name) for arm in intent.versions}


def scope_keys(key: ServiceKey, hosts: Sequence[str]) -> tuple[str, ...]:
    """The host names, in lower case, under which a rule's requests arrive."""
    bare = (key.service,) if key.namespace == DEFAULT_NAMESPACE else ()
    named = (host for host in hosts if not host.startswith("*"))
    return tuple(dict.fromkeys(host.lower() for host in (*key.hosts, *bare, *named)))


def _cohort_route(intent: Intent, cohort: Cohort) -> dict[str, object]:
    name = route_name(cohort)
    action = {"cluster": cluster_name(intent.key, cohort.version)}
    route = _route(intent, name, _match(cohort), action)
    return {**route, "stat_prefix": name}


def _weighted_route(intent: Intent) -> dict[str, object]:
    """The route by weight. Arms of weight 0 are left out, as istiod does: an arm that is on
    its way out needs no cluster any more."""
    names = cluster_names(intent)
    arms: list[dict[str, object]] = [
        {"name": names[arm.name], "weight": arm.weight} for arm in intent.versions if arm.weight
    ]
    lone = {"cluster": arms[0]["name"]}
    action = lone if len(arms) == 1 else {"weighted_clusters": {"clusters": arms}}
    return _route(intent, WEIGHTED_ROUTE, {"prefix": "/"}, action)


def _route(
    intent: Intent, name: str, match: Mapping[str, object], action: Mapping[str, object]
) -> dict[str, object]:
    fault = intent.policies.fault
    return present(
        name=name,
        match=match,
        route={**action, **_manners(intent)},
        typed_per_filter_config={FAULT_FILTER: _fault(fault)} if fault else None,
    )


def _manners(intent: Intent) -> dict[str, object]:
    """What every route of the rule does alike, beside choosing a cluster.

    Envoy would cut a request off after 15 s and a quiet stream after 5 minutes. Istio does
    neither unless it is asked to, and one rule must mean the same in both, so both are off.
    """
    policies, mirror = intent.policies, intent.mirror
    return present(
        timeout=duration(policies.timeout_ms) or "0s",
        idle_timeout="0s",
        retry_policy=_retry_policy(policies.retries) if policies.retries else None,
        request_mirror_policies=[_mirror(intent.key, mirror.version, mirror.share)]
        if mirror
        else None,
    )


def _mirror(key: ServiceKey, version: str, share: int) -> dict[str, object]:
    return {
        "cluster": cluster_name(key, version),
        "runtime_fraction": {"default_value": _fraction(share)},
        # The copy must look like the request, or services that look at Host treat it apart.
        "disable_shadow_host_suffix_append": True,
    }


def _fraction(share: int) -> dict[str, object]:
    return {"numerator": share, "denominator": "TEN_THOUSAND"}


def _retry_policy(retries: Retries) -> dict[str, object]:
    return present(
        num_retries=retries.attempts,
        per_try_timeout=duration(retries.per_try_timeout_ms),
        retry_on=",".join(retries.retry_on),
    )


def _fault(fault: FaultInjection) -> dict[str, object]:
    delay, abort = fault.delay, fault.abort
    return {
        "@type": _FAULT_TYPE,
        **present(
            delay=delay
            and {
                "fixed_delay": duration(delay.duration_ms),
                "percentage": _fraction(delay.share),
            },
            abort=abort and {"http_status": abort.status, "percentage": _fraction(abort.share)},
        ),
    }


def _match(cohort: Cohort) -> dict[str, object]:
    headers = [_header(one) for one in cohort.reading(Source.HEADER)]
    if pattern := cookie_header_pattern(cohort.conditions):
        headers.append({"name": "cookie", "string_match": {"safe_regex": {"regex": pattern}}})
    path = next((_path(one) for one in cohort.reading(Source.PATH)), {"prefix": "/"})
    parameters = [_parameter(one) for one in cohort.reading(Source.QUERY)]
    return {**path, **present(headers=headers or None, query_parameters=parameters or None)}


def _path(condition: Condition) -> dict[str, object]:
    match condition.operator:
        case Operator.EXACT:
            return {"path": condition.value}
        case Operator.REGEX:
            return {"safe_regex": {"regex": condition.value}}
        case _:
            return {"prefix": condition.value}


def _header(condition: Condition) -> dict[str, object]:
    return {"name": condition.name.lower(), **_comparison(condition)}


def _parameter(condition: Condition) -> dict[str, object]:
    return {"name": condition.name, **_comparison(condition)}


def _comparison(condition: Condition) -> dict[str, object]:
    match condition.operator:
        case Operator.PRESENT:
            return {"present_match": True}
        case Operator.REGEX:
            return {"string_match": {"safe_regex": {"regex": condition.value}}}
        case _:
            return {"string_match": {condition.operator.value: condition.value}}


def _thresholds(limits: ConnectionLimits | None) -> dict[str, object]:
    """Envoy's own limits (1,024 requests, 3 retries at once) are lifted, as Istio lifts them."""
    return {
        "max_connections": (limits and limits.max_connections) or _UNLIMITED,
        "max_pending_requests": (limits and limits.max_pending_requests) or _UNLIMITED,
        "max_requests": (limits and limits.max_requests) or _UNLIMITED,
        "max_retries": _UNLIMITED,
    }


def _ejection(ejection: OutlierDetection) -> dict[str, object]:
    return {
        "outlier_detection": {
            "consecutive_5xx": ejection.consecutive_5xx,
            "interval": duration(ejection.interval_ms),
            "base_ejection_time": duration(ejection.base_ejection_ms),
            "max_ejection_percent": ejection.max_ejection_percent,
            # Istio ejects by consecutive errors alone, and never panics into ejected addresses.
            "enforcing_success_rate": 0,
        },
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
    }


def _connection_options(limits: ConnectionLimits | None) -> dict[str, object]:
    if limits is None or limits.max_requests_per_connection is None:
        return {}
    options = {
        "@type": f"type.googleapis.com/{HTTP_OPTIONS}",
        "common_http_protocol_options": {
            "max_requests_per_connection": limits.max_requests_per_connection
        },
        "explicit_http_config": {"http_protocol_options": {}},
    }
    return {"typed_extension_protocol_options": {HTTP_OPTIONS: options}}


def _endpoint(address: str) -> dict[str, object]:
    host, _, port = address.rpartition(":")
    socket = {"address": host.strip("[]"), "port_value": int(port)}
    return {"endpoint": {"address": {"socket_address": socket}}}
