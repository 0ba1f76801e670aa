"""An intent as the JSON that the API, the database and the audit keep of it."""

from collections.abc import Mapping
from typing import Final

from crossfade.domain.cohort import MOST_CONDITIONS, Cohort, Condition, Operator, Source
from crossfade.domain.errors import Fault, InvalidRuleError
from crossfade.domain.intent import (
    MOST_COHORTS,
    MOST_HOSTS,
    MOST_VERSIONS,
    Intent,
    Mirror,
    RuleType,
    Version,
)
from crossfade.domain.names import DEFAULT_NAMESPACE, ServiceKey
from crossfade.domain.policies import (
    RETRY_REASONS,
    Abort,
    ConnectionLimits,
    Delay,
    FaultInjection,
    OutlierDetection,
    Policies,
    Retries,
)
from crossfade.domain.share import percent
from crossfade.manifests.json_reader import Fields, Spot

RULE_FIELDS: Final = (
    *("namespace", "serviceName", "hosts", "gateways", "ruleType"),
    *("versions", "cohorts", "mirror", "policies"),
)


def intent_document(intent: Intent) -> dict[str, object]:
    """The intent as JSON values; all but its cluster, which is the installation's."""
    mirror = intent.mirror
    return {
        "namespace": intent.key.namespace,
        "serviceName": intent.key.service,
        "hosts": list(intent.hosts),
        "gateways": list(intent.gateways),
        "ruleType": intent.rule_type.value,
        "versions": [
            {"name": arm.name, "weight": percent(arm.weight), "labels": dict(arm.labels)}
            for arm in intent.versions
        ],
        "cohorts": [_cohort_document(cohort) for cohort in intent.cohorts],
        "mirror": mirror and {"version": mirror.version, "share": percent(mirror.share)},
        "policies": _policies_document(intent.policies),
    }


def parse_intent(document: object, cluster: str) -> Intent:
    """The intent in a JSON document; InvalidRuleError with every fault and its pointer."""
    faults: list[Fault] = []
    fields = Spot(document, "", faults).fields(*RULE_FIELDS)
    intent = _intent(fields, cluster) if isinstance(document, Mapping) else None
    if faults or intent is None:
        raise InvalidRuleError(faults)
    return intent


def _cohort_document(cohort: Cohort) -> dict[str, object]:
    conditions = [
        {
            "source": one.source.value,
            "name": one.name,
            "operator": one.operator.value,
            "value": one.value,
        }
        for one in cohort.conditions
    ]
    return {"name": cohort.name, "version": cohort.version, "conditions": conditions}


def _policies_document(policies: Policies) -> dict[str, object]:
    retries, ejection, limits = (
        policies.retries,
        policies.outlier_detection,
        policies.connection_limits,
    )
    return {
        "timeoutMs": policies.timeout_ms,
        "retries": retries
        and {
            "attempts": retries.attempts,
            "perTryTimeoutMs": retries.per_try_timeout_ms,
            "retryOn": list(retries.retry_on),
        },
        "fault": policies.fault and _fault_document(policies.fault),
        "outlierDetection": ejection
        and {
            "consecutive5xx": ejection.consecutive_5xx,
            "intervalMs": ejection.interval_ms,
            "baseEjectionMs": ejection.base_ejection_ms,
            "maxEjectionPercent": ejection.max_ejection_percent,
        },
        "connectionLimits": limits
        and {
            "maxConnections": limits.max_connections,
            "maxPendingRequests": limits.max_pending_requests,
            "maxRequests": limits.max_requests,
            "maxRequestsPerConnection": limits.max_requests_per_connection,
        },
    }


def _fault_document(fault: FaultInjection) -> dict[str, object]:
    delay, abort = fault.delay, fault.abort
    return {
        "delay": delay and {"share": percent(delay.share), "durationMs": delay.duration_ms},
        "abort": abort and {"share": percent(abort.share), "status": abort.status},
    }


def _intent(fields: Fields, cluster: str) -> Intent | None:
    """The intent, or as many of its faults as can be told from the parts that are sound."""
    key = _key(fields.afresh(), cluster)
    versions = fields["versions"].every(MOST_VERSIONS, _version)
    hosts = fields["hosts"].optional(_texts)
    gateways = fields["gateways"].optional(_texts)
    policies = fields["policies"].optional(_policies)
    named = fields.afresh()
    cohorts = fields["cohorts"].optional(_cohorts)
    mirror = fields["mirror"].optional(_mirror)
    complete = named.sound  # else a type that asks for cohorts would miss those that were refused
    rule_type = fields["ruleType"].optional(_rule_type)
    if key is None or versions is None:
        return None
    return fields.afresh().build(
        Intent,
        key=key,
        versions=versions,
        rule_type=rule_type if complete else None,
        hosts=hosts,
        gateways=gateways,
        cohorts=cohorts,
        mirror=mirror,
        policies=policies,
    )


def _key(fields: Fields, cluster: str) -> ServiceKey | None:
    return fields.build(
        ServiceKey,
        cluster=cluster,
        namespace=fields["namespace"].optional(Spot.text) or DEFAULT_NAMESPACE,
        service=fields["serviceName"].text(),
    )


def _texts(spot: Spot) -> tuple[str, ...] | None:
    return spot.every(MOST_HOSTS, Spot.text)


def _rule_type(spot: Spot) -> RuleType | None:
    return spot.word(RuleType)


def _version(spot: Spot) -> Version | None:
    fields = spot.fields("name", "weight", "labels")
    return fields.build(
        Version,
        name=fields["name"].text(),
        weight=fields["weight"].share(),
        labels=fields["labels"].optional(_labels),
    )


def _labels(spot: Spot) -> tuple[tuple[str, str], ...]:
    return tuple((key, value.text() or "") for key, value in spot.members())


def _cohorts(spot: Spot) -> tuple[Cohort, ...] | None:
    return spot.every(MOST_COHORTS, _cohort)


def _cohort(spot: Spot) -> Cohort | None:
    fields = spot.fields("name", "version", "conditions")
    return fields.build(
        Cohort,
        name=fields["name"].text(),
        version=fields["version"].text(),
        conditions=fields["conditions"].every(MOST_CONDITIONS, _condition),
    )


def _condition(spot: Spot) -> Condition | None:
    fields = spot.fields("source", "name", "operator", "value")
    return fields.build(
        Condition,
        source=fields["source"].word(Source),
        operator=fields["operator"].word(Operator),
        name=fields["name"].optional(Spot.text),
        value=fields["value"].optional(Spot.text),
    )


def _mirror(spot: Spot) -> Mirror | None:
    fields = spot.fields("version", "share")
    return fields.build(
        Mirror, version=fields["version"].text(), share=fields["share"].optional(Spot.share)
    )


def _policies(spot: Spot) -> Policies | None:
    fields = spot.fields("timeoutMs", "retries", "fault", "outlierDetection", "connectionLimits")
    return fields.build(
        Policies,
        timeout_ms=fields["timeoutMs"].optional(Spot.whole),
        retries=fields["retries"].optional(_retries),
        fault=fields["fault"].optional(_fault),
        outlier_detection=fields["outlierDetection"].optional(_outlier_detection),
        connection_limits=fields["connectionLimits"].optional(_connection_limits),
    )


def _retries(spot: Spot) -> Retries | None:
    fields = spot.fields("attempts", "perTryTimeoutMs", "retryOn")
    return fields.build(
        Retries,
        attempts=fields["attempts"].whole(),
        per_try_timeout_ms=fields["perTryTimeoutMs"].optional(Spot.whole),
        retry_on=fields["retryOn"].optional(_retry_reasons),
    )


def _retry_reasons(spot: Spot) -> tuple[str, ...] | None:
    return spot.every(len(RETRY_REASONS), Spot.text)


def _fault(spot: Spot) -> FaultInjection | None:
    fields = spot.fields("delay", "abort")
    return fields.build(
        FaultInjection,
        delay=fields["delay"].optional(_delay),
        abort=fields["abort"].optional(_abort),
    )


def _delay(spot: Spot) -> Delay | None:
    fields = spot.fields("share", "durationMs")
    return fields.build(
        Delay, share=fields["share"].share(), duration_ms=fields["durationMs"].whole()
    )


def _abort(spot: Spot) -> Abort | None:
    fields = spot.fields("share", "status")
    return fields.build(Abort, share=fields["share"].share(), status=fields["status"].whole())


def _outlier_detection(spot: Spot) -> OutlierDetection | None:
    fields = spot.fields("consecutive5xx", "intervalMs", "baseEjectionMs", "maxEjectionPercent")
    return fields.build(
        OutlierDetection,
        consecutive_5xx=fields["consecutive5xx"].optional(Spot.whole),
        interval_ms=fields["intervalMs"].optional(Spot.whole),
        base_ejection_ms=fields["baseEjectionMs"].optional(Spot.whole),
        max_ejection_percent=fields["maxEjectionPercent"].optional(Spot.whole),
    )


def _connection_limits(spot: Spot) -> ConnectionLimits | None:
    fields = spot.fields(
        "maxConnections", "maxPendingRequests", "maxRequests", "maxRequestsPerConnection"
    )
    return fields.build(
        ConnectionLimits,
        max_connections=fields["maxConnections"].optional(Spot.whole),
        max_pending_requests=fields["maxPendingRequests"].optional(Spot.whole),
        max_requests=fields["maxRequests"].optional(Spot.whole),
        max_requests_per_connection=fields["maxRequestsPerConnection"].optional(Spot.whole),
    )
