"""What Envoy's routes and clusters mean, so that two that look different can be compared."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from crossfade.manifests.envoy import FAULT_FILTER, HTTP_OPTIONS

_UNLIMITED: Final = 2**32 - 1
_WHOLE: Final = {"HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000}
_ANY_REGEX: Final = ("regex", ".*")
_PRESENT: Final = ("present", "")
_EVERYTHING: Final = (("path", "", ("prefix", "/")), ("path", "", _ANY_REGEX))
_NAME_PART: Final = re.compile(r"_([a-z0-9])")

Json = Mapping[str, Any]
VersionOf = Callable[[str], str]  # the version that a cluster is, by the cluster's name
Condition = tuple[str, str, tuple[str, str]]  # part of the request, name, comparison


@dataclass(frozen=True, slots=True)
class Retrying:
    """How a failed request is tried again; None for times that are not limited."""

    attempts: int
    per_try_ms: int | None
    reasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Routing:
    """Where one route sends which requests, and how: all of it that a rule can say."""

    name: str
    conditions: tuple[Condition, ...]
    shares: tuple[tuple[str, Fraction], ...]
    timeout_ms: int
    retries: Retrying | None
    mirrors: tuple[tuple[str, Fraction], ...]
    delay: tuple[int, Fraction] | None
    abort: tuple[int, Fraction] | None

    @property
    def catches_all(self) -> bool:
        """Whether no request goes past it."""
        return self.conditions in {(everything,) for everything in _EVERYTHING}


@dataclass(frozen=True, slots=True)
class Bearing:
    """How much a version bears, and when one of its addresses is ejected."""

    ejection: tuple[int, int, int, int] | None
    limits: tuple[int, ...]


def routing(route: Json, version_of: VersionOf) -> Routing:
    """What a route of Envoy means."""
    action = route.get("route", {})
    fault = route.get("typedPerFilterConfig", {}).get(FAULT_FILTER, {})
    return Routing(
        name=route.get("name", ""),
        conditions=_conditions(route.get("match", {})),
        shares=_shares(action, version_of),
        timeout_ms=_milliseconds(action.get("timeout", "0s")),
        retries=_retrying(action.get("retryPolicy")),
        mirrors=tuple(
            (version_of(mirror["cluster"]), _fraction(mirror.get("runtimeFraction", {})))
            for mirror in action.get("requestMirrorPolicies", ())
        ),
        delay=_trouble(fault.get("delay"), lambda it: _milliseconds(it["fixedDelay"])),
        abort=_trouble(fault.get("abort"), lambda it: it["httpStatus"]),
    )


def bearing(cluster: Json) -> Bearing:
    """What a cluster of Envoy means."""
    thresholds: Json = next(iter(cluster.get("circuitBreakers", {}).get("thresholds", ())), {})
    options = cluster.get("typedExtensionProtocolOptions", {}).get(HTTP_OPTIONS, {})
    common = options.get("commonHttpProtocolOptions", {})
    names = ("maxConnections", "maxPendingRequests", "maxRequests")
    limits = (thresholds.get(name, _UNLIMITED) for name in names)
    return Bearing(
        ejection=_ejection(cluster.get("outlierDetection")),
        limits=(*limits, common.get("maxRequestsPerConnection", 0)),
    )


def until_all_is_caught(routings: Iterable[Routing]) -> tuple[Routing, ...]:
    """The routes that a request can come to: istiod leaves out what stands behind the others."""
    reached: list[Routing] = []
    for one in routings:
        reached.append(one)
        if one.catches_all:
            break
    return tuple(reached)


def as_json(message: object) -> Any:  # noqa: ANN401  it has the shape of what it is given
    """A message with its fields named as JSON names them: circuitBreakers."""
    match message:
        case Mapping():
            return {_json_name(name): as_json(value) for name, value in message.items()}
        case list() | tuple():
            return [as_json(value) for value in message]
        case _:
            return message


def retrying(attempts: int, per_try: str | None, reasons: str) -> Retrying:
    """Retries as texts say them; status codes beside the reasons are left out."""
    names = {reason.strip() for reason in reasons.split(",")} - {"retriable-status-codes", ""}
    words = frozenset(name for name in names if not name.isdigit())
    return Retrying(attempts, _milliseconds(per_try) if per_try else None, words)


def _json_name(name: str) -> str:
    return _NAME_PART.sub(lambda part: part[1].upper(), name)


def _retrying(policy: Json | None) -> Retrying | None:
    if policy is None:
        return None
    return retrying(
        policy.get("numRetries", 1), policy.get("perTryTimeout"), policy.get("retryOn", "")
    )


def _shares(action: Json, version_of: VersionOf) -> tuple[tuple[str, Fraction], ...]:
    """The share of each version that gets any, by the version's name."""
    if "cluster" in action:
        return ((version_of(action["cluster"]), Fraction(1)),)
    arms = action.get("weightedClusters", {}).get("clusters", ())
    weights = [(version_of(arm["name"]), arm.get("weight", 0)) for arm in arms]
    total = sum(weight for _, weight in weights)
    return tuple(sorted((name, Fraction(weight, total)) for name, weight in weights if weight))


def _conditions(match: Json) -> tuple[Condition, ...]:
    headers = [("header", it["name"], _comparison(it)) for it in match.get("headers", ())]
    parameters = [("query", it["name"], _comparison(it)) for it in match.get("queryParameters", ())]
    # A parameter that may be anything need only be there.
    parameters = [
        (part, name, _PRESENT if it == _ANY_REGEX else it) for part, name, it in parameters
    ]
    return tuple(sorted([("path", "", _path(match)), *headers, *parameters]))


def _path(match: Json) -> tuple[str, str]:
    if "safeRegex" in match:
        return "regex", match["safeRegex"]["regex"]
    return ("exact", match["path"]) if "path" in match else ("prefix", match.get("prefix", "/"))


def _comparison(matcher: Json) -> tuple[str, str]:
    compared = matcher.get("stringMatch")
    if compared is None:
        return _PRESENT
    if "safeRegex" in compared:
        return "regex", compared["safeRegex"]["regex"]
    return next(((kind, str(value)) for kind, value in compared.items()), _PRESENT)


def _trouble(found: Json | None, amount: Callable[[Json], int]) -> tuple[int, Fraction] | None:
    if found is None:
        return None
    return amount(found), _fraction({"defaultValue": found.get("percentage", {})})


def _fraction(runtime: Json) -> Fraction:
    """A share as Envoy says it: all, where it says nothing."""
    value = runtime.get("defaultValue")
    if value is None:
        return Fraction(1)
    return Fraction(value.get("numerator", 0), _WHOLE[value.get("denominator", "HUNDRED")])


def _ejection(found: Json | None) -> tuple[int, int, int, int] | None:
    if found is None:
        return None
    return (
        found.get("consecutive5xx", 5),
        _milliseconds(found.get("interval", "10s")),
        _milliseconds(found.get("baseEjectionTime", "30s")),
        found.get("maxEjectionPercent", 10),
    )


def _milliseconds(duration: str) -> int:
    return round(float(duration.removesuffix("s")) * 1000)
