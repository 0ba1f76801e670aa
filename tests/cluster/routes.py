"""What Envoy's routes and clusters mean, whoever wrote them: Istio or we."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.route.v3.route_components_pb2 import Route, RouteAction
from envoy.extensions.filters.http.fault.v3.fault_pb2 import HTTPFault
from envoy.extensions.upstreams.http.v3.http_protocol_options_pb2 import HttpProtocolOptions
from envoy.type.v3.percent_pb2 import FractionalPercent
from google.protobuf.json_format import MessageToDict

FAULT = "envoy.filters.http.fault"
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
WHOLE = 10_000
UNLIMITED = 2**32 - 1
PARTS = {
    FractionalPercent.HUNDRED: 100,
    FractionalPercent.TEN_THOUSAND: 10_000,
    FractionalPercent.MILLION: 1_000_000,
}
RETRIES = ("retryOn", "numRetries", "perTryTimeout")
EJECTION = ("consecutive5xx", "interval", "baseEjectionTime", "maxEjectionPercent")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What happens to the requests of one route; shares in hundredths of a percent."""

    name: str
    match: Mapping[str, Any]
    shares: Mapping[str, float]
    mirrors: Mapping[str, float]
    timeout_ms: int
    retries: Mapping[str, Any]
    delay: tuple[float, int] | None
    abort: tuple[float, int] | None


@dataclass(frozen=True, slots=True)
class Bearing:
    """How much the endpoints of one version bear, and when one of them is left out."""

    limits: Mapping[str, int]
    ejection: Mapping[str, Any]


def meaning(route: Route) -> Meaning:
    """What a route means."""
    action, fault = route.route, HTTPFault()
    if FAULT in route.typed_per_filter_config:
        route.typed_per_filter_config[FAULT].Unpack(fault)
    return Meaning(
        name=route.name,
        match=_match(route),
        shares=_shares(action),
        mirrors={_version(one.cluster): _share(one) for one in action.request_mirror_policies},
        timeout_ms=action.timeout.ToMilliseconds(),
        retries=_told(action.retry_policy, RETRIES),
        delay=_delay(fault),
        abort=_abort(fault),
    )


def bearing(cluster: Cluster) -> Bearing:
    """What a cluster is bounded by, and nothing where it is not."""
    thresholds = [MessageToDict(one) for one in cluster.circuit_breakers.thresholds]
    bounds = {
        name: bound
        for one in thresholds
        for name, bound in one.items()
        if isinstance(bound, int) and bound != UNLIMITED
    }
    limits = {**bounds, **_requests_per_connection(cluster)}
    return Bearing(limits, _told(cluster.outlier_detection, EJECTION))


def weights(route: Route) -> list[int]:
    """The weights as the route writes them; none where it names but one receiver."""
    return [one.weight.value for one in route.route.weighted_clusters.clusters]


def _told(message: Any, names: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401  any message
    told = MessageToDict(message)
    return {name: told[name] for name in names if name in told}


def _match(route: Route) -> dict[str, Any]:
    """The conditions; all must hold, so their order says nothing."""
    told = MessageToDict(route.match)
    told.pop("caseSensitive", None)
    for name in ("headers", "queryParameters"):
        if name in told:
            told[name] = sorted(map(_condition, told[name]), key=lambda one: str(one["name"]))
    return told


def _condition(told: dict[str, Any]) -> dict[str, Any]:
    """Istio knows no presence of a parameter: a pattern that takes anything stands for it."""
    anything = {"name": told["name"], "stringMatch": {"safeRegex": {"regex": ".*"}}}
    return {"name": told["name"], "presentMatch": True} if told == anything else told


def _shares(action: RouteAction) -> dict[str, float]:
    if action.cluster:
        return {_version(action.cluster): WHOLE}
    receiving = [one for one in action.weighted_clusters.clusters if one.weight.value]
    total = sum(one.weight.value for one in receiving)
    return {_version(one.name): one.weight.value * WHOLE / total for one in receiving}


def _share(mirror: RouteAction.RequestMirrorPolicy) -> float:
    if not mirror.HasField("runtime_fraction"):
        return WHOLE
    return _hundredths(mirror.runtime_fraction.default_value)


def _delay(fault: HTTPFault) -> tuple[float, int] | None:
    if not fault.HasField("delay"):
        return None
    return _hundredths(fault.delay.percentage), fault.delay.fixed_delay.ToMilliseconds()


def _abort(fault: HTTPFault) -> tuple[float, int] | None:
    if not fault.HasField("abort"):
        return None
    return _hundredths(fault.abort.percentage), fault.abort.http_status


def _hundredths(percent: FractionalPercent) -> float:
    return float(percent.numerator * WHOLE / PARTS[percent.denominator])


def _requests_per_connection(cluster: Cluster) -> dict[str, int]:
    options = HttpProtocolOptions()
    if HTTP_OPTIONS in cluster.typed_extension_protocol_options:
        cluster.typed_extension_protocol_options[HTTP_OPTIONS].Unpack(options)
    most = options.common_http_protocol_options.max_requests_per_connection.value
    return {"maxRequestsPerConnection": most} if most else {}


def _version(cluster: str) -> str:
    """The version in a cluster's name, `outbound|80|v1|host` by Istio, `shop/checkout/v1` by us."""
    return cluster.split("|")[2] if "|" in cluster else cluster.rpartition("/")[2]
