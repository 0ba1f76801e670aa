"""Small readers of what we render, written apart from it: they route requests and tell shares.

Each knows only the documents: Istio's VirtualService and DestinationRule, or Envoy's
RouteConfiguration and clusters.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import re2
from tests.strategies import Request

from crossfade.domain.cohort import Condition, Operator, Source
from crossfade.domain.intent import Intent

Document = Mapping[str, Any]


def chosen_cohort(intent: Intent, request: Request) -> str | None:
    """By the rule itself: the first cohort that the request belongs to."""
    for cohort in intent.cohorts:
        if all(_holds(condition, request) for condition in cohort.conditions):
            return cohort.name
    return None


def _holds(condition: Condition, request: Request) -> bool:
    match condition.source:
        case Source.PATH:
            return _compares(condition, request.path)
        case Source.HEADER:
            return _compares(condition, request.headers.get(condition.name.lower()))
        case Source.QUERY:
            return _compares(condition, request.parameters.get(condition.name))
        case Source.COOKIE:
            values = [value for name, value in request.cookies if name == condition.name]
            return any(_compares(condition, value) for value in values)


def _compares(condition: Condition, found: str | None) -> bool:
    if found is None:
        return False
    match condition.operator:
        case Operator.EXACT:
            return found == condition.value
        case Operator.PREFIX:
            return found.startswith(condition.value)
        case Operator.REGEX:
            return re2.fullmatch(condition.value, found) is not None
        case Operator.PRESENT:
            return True


def istio_route(virtual_service: Document, request: Request) -> Document:
    """The first http entry of a VirtualService that matches."""
    headers = _headers(request)
    for entry in virtual_service["spec"]["http"]:
        matches = entry.get("match")
        if matches is None or any(_istio_matches(match, request, headers) for match in matches):
            return entry
    raise AssertionError("no entry matches")


def _istio_matches(match: Document, request: Request, headers: Mapping[str, str]) -> bool:
    assert set(match) <= {"uri", "headers", "queryParams"}
    return (
        ("uri" not in match or _istio_compares(match["uri"], request.path))
        and all(_istio_compares(m, headers.get(n)) for n, m in match.get("headers", {}).items())
        and all(
            _istio_compares(m, request.parameters.get(n))
            for n, m in match.get("queryParams", {}).items()
        )
    )


def _istio_compares(match: Document, found: str | None) -> bool:
    if found is None or not match:
        return found is not None
    [(operator, value)] = match.items()
    return _COMPARISONS[operator](value, found)


_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "exact": lambda value, found: found == value,
    "prefix": lambda value, found: found.startswith(value),
    "regex": lambda value, found: re2.fullmatch(value, found) is not None,
}


def istio_shares(entry: Document) -> dict[str, Decimal]:
    """Each subset's share of an entry's requests."""
    route = entry["route"]
    weights = {arm["destination"]["subset"]: arm.get("weight") for arm in route}
    if len(weights) == 1:
        return dict.fromkeys(weights, Decimal(1))
    total = sum(weights.values())
    return {subset: Decimal(weight) / total for subset, weight in weights.items() if weight}


def envoy_route(configuration: Document, request: Request) -> Document:
    """The first route of a RouteConfiguration that matches."""
    [virtual_host] = configuration["virtual_hosts"]
    assert virtual_host["domains"] == ["*"]
    headers = _headers(request)
    for route in virtual_host["routes"]:
        if _envoy_matches(route["match"], request, headers):
            return route
    raise AssertionError("no route matches")


def _envoy_matches(match: Document, request: Request, headers: Mapping[str, str]) -> bool:
    assert set(match) <= {"prefix", "path", "safe_regex", "headers", "query_parameters"}
    return (
        _envoy_path_matches(match, request.path)
        and all(_envoy_compares(m, headers.get(m["name"])) for m in match.get("headers", ()))
        and all(
            _envoy_compares(m, request.parameters.get(m["name"]))
            for m in match.get("query_parameters", ())
        )
    )


def _envoy_path_matches(match: Document, path: str) -> bool:
    if "path" in match:
        return path == match["path"]
    if "safe_regex" in match:
        return re2.fullmatch(match["safe_regex"]["regex"], path) is not None
    return path.startswith(match["prefix"])


def _envoy_compares(match: Document, found: str | None) -> bool:
    if found is None or match.get("present_match"):
        return found is not None
    [(operator, value)] = match["string_match"].items()
    if operator == "safe_regex":
        return re2.fullmatch(value["regex"], found) is not None
    return _COMPARISONS[operator](value, found)


def envoy_shares(route: Document) -> dict[str, Decimal]:
    """Each cluster's share of a route's requests."""
    action = route["route"]
    if "cluster" in action:
        return {action["cluster"]: Decimal(1)}
    arms = action["weighted_clusters"]["clusters"]
    total = sum(arm["weight"] for arm in arms)
    return {arm["name"]: Decimal(arm["weight"]) / total for arm in arms}


def _headers(request: Request) -> dict[str, str]:
    cookies = request.cookie_header
    return request.headers if cookies is None else {**request.headers, "cookie": cookies}
