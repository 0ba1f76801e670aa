"""A rule as Istio's VirtualService and DestinationRule."""

from typing import Final

from crossfade.domain.cohort import Cohort, Condition, Operator, Source, cookie_header_pattern
from crossfade.domain.intent import MESH_GATEWAY, Intent
from crossfade.domain.policies import (
    ConnectionLimits,
    FaultInjection,
    OutlierDetection,
    Policies,
    Retries,
)
from crossfade.domain.share import percent
from crossfade.manifests.canonical import GENERATION_ANNOTATION
from crossfade.manifests.present import duration, present
from crossfade.manifests.routes import WEIGHTED_ROUTE, route_name

API_VERSION: Final = "networking.istio.io/v1"
MANAGED_BY: Final = {"app.kubernetes.io/managed-by": "crossfade"}


def virtual_service(intent: Intent, generation: int) -> dict[str, object]:
    """Where each request of the service goes."""
    routes = [_cohort_route(intent, cohort) for cohort in intent.cohorts]
    reachable_elsewhere = intent.gateways != (MESH_GATEWAY,)
    spec = present(
        hosts=list(intent.hosts) or [intent.key.service],
        gateways=list(intent.gateways) if reachable_elsewhere else None,
        http=[*routes, _weighted_route(intent)],
    )
    return _manifest("VirtualService", intent, generation, spec)


def destination_rule(intent: Intent, generation: int) -> dict[str, object]:
    """Which pods make up each version, and how much they bear."""
    subsets = [{"name": arm.name, "labels": dict(arm.labels)} for arm in intent.versions]
    spec = present(
        host=intent.key.service,
        subsets=subsets,
        trafficPolicy=_traffic_policy(intent.policies),
    )
    return _manifest("DestinationRule", intent, generation, spec)


def _manifest(
    kind: str, intent: Intent, generation: int, spec: dict[str, object]
) -> dict[str, object]:
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {
            "name": intent.key.service,
            "namespace": intent.key.namespace,
            "labels": dict(MANAGED_BY),
            "annotations": {GENERATION_ANNOTATION: str(generation)},
        },
        "spec": spec,
    }


def _cohort_route(intent: Intent, cohort: Cohort) -> dict[str, object]:
    return {
        "name": route_name(cohort),
        "match": [_match(cohort)],
        "route": [{"destination": _destination(intent, cohort.version)}],
        **_manners(intent),
    }


def _weighted_route(intent: Intent) -> dict[str, object]:
    return {"name": WEIGHTED_ROUTE, "route": _arms(intent), **_manners(intent)}


def _arms(intent: Intent) -> list[dict[str, object]]:
    """Every version with its weight; a lone version needs none.

    Versions of weight 0 stay listed, so that a change of weights touches numbers alone and
    never the list; istiod leaves them out of what it sends to the proxies. Weights finer than
    whole percents become hundredths: Istio takes any total.
    """
    destinations = [_destination(intent, arm.name) for arm in intent.versions]
    if len(destinations) == 1:
        return [{"destination": destinations[0]}]
    unit = 1 if any(arm.weight % 100 for arm in intent.versions) else 100
    return [
        {"destination": destination, "weight": arm.weight // unit}
        for destination, arm in zip(destinations, intent.versions, strict=True)
    ]


def _destination(intent: Intent, version: str) -> dict[str, object]:
    return {"host": intent.key.service, "subset": version}


def _match(cohort: Cohort) -> dict[str, object]:
    headers = {one.name.lower(): _comparison(one) for one in cohort.reading(Source.HEADER)}
    if pattern := cookie_header_pattern(cohort.conditions):
        headers["cookie"] = {"regex": pattern}
    parameters = {one.name: _comparison(one) for one in cohort.reading(Source.QUERY)}
    return present(
        uri=next((_comparison(one) for one in cohort.reading(Source.PATH)), None),
        headers=headers or None,
        queryParams=parameters or None,
    )


def _comparison(condition: Condition) -> dict[str, object]:
    if condition.operator is not Operator.PRESENT:
        return {condition.operator.value: condition.value}
    # An empty match means presence for headers alone; a parameter without value matches ".*" too.
    return {} if condition.source is Source.HEADER else {"regex": ".*"}


def _manners(intent: Intent) -> dict[str, object]:
    """What every route of the rule does alike, beside choosing a version."""
    policies, mirror = intent.policies, intent.mirror
    return present(
        mirror=_destination(intent, mirror.version) if mirror else None,
        mirrorPercentage=_percentage(mirror.share) if mirror else None,
        timeout=duration(policies.timeout_ms),
        retries=_retries(policies.retries) if policies.retries else None,
        fault=_fault(policies.fault) if policies.fault else None,
    )


def _percentage(share: int) -> dict[str, object]:
    return {"value": percent(share)}


def _retries(retries: Retries) -> dict[str, object]:
    return present(
        attempts=retries.attempts,
        perTryTimeout=duration(retries.per_try_timeout_ms),
        retryOn=",".join(retries.retry_on),
    )


def _fault(fault: FaultInjection) -> dict[str, object]:
    delay, abort = fault.delay, fault.abort
    return present(
        delay=delay
        and {"percentage": _percentage(delay.share), "fixedDelay": duration(delay.duration_ms)},
        abort=abort and {"percentage": _percentage(abort.share), "httpStatus": abort.status},
    )


def _traffic_policy(policies: Policies) -> dict[str, object] | None:
    ejection, limits = policies.outlier_detection, policies.connection_limits
    policy = present(
        connectionPool=_connection_pool(limits) if limits else None,
        outlierDetection=_outlier_detection(ejection) if ejection else None,
    )
    return policy or None


def _outlier_detection(ejection: OutlierDetection) -> dict[str, object]:
    return present(
        consecutive5xxErrors=ejection.consecutive_5xx,
        interval=duration(ejection.interval_ms),
        baseEjectionTime=duration(ejection.base_ejection_ms),
        maxEjectionPercent=ejection.max_ejection_percent,
    )


def _connection_pool(limits: ConnectionLimits) -> dict[str, object]:
    http = present(
        http1MaxPendingRequests=limits.max_pending_requests,
        http2MaxRequests=limits.max_requests,
        maxRequestsPerConnection=limits.max_requests_per_connection,
    )
    connections = limits.max_connections
    return present(
        tcp={"maxConnections": connections} if connections else None,
        http=http or None,
    )
