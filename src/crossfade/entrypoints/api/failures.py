"""What FastAPI and Starlette raise, in our own words."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from crossfade.domain.errors import (
    CrossfadeError,
    Fault,
    InvalidRuleError,
    NotFoundError,
    StaleEditionError,
    below,
)
from crossfade.entrypoints.api.inputs import Form
from crossfade.entrypoints.api.problems import problem
from crossfade.entrypoints.api.refusals import InvalidParameterError, MethodNotAllowedError
from crossfade.entrypoints.api.surface import Surface

# What pydantic expected, by the type of its error; the rest of its types speak for themselves.
_EXPECTED = {
    "missing": "expected a value, found nothing",
    "extra_forbidden": "expected no such field",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
    "dict_type": "expected an object",
    "list_type": "expected a list",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "bool_type": "expected true or false",
    "string_too_long": "expected at most {max_length} characters",
    "string_too_short": "expected at least {min_length} characters",
    "string_pattern_mismatch": "expected text like {pattern}",
    "too_long": "expected at most {max_length} items",
    "too_short": "expected at least {min_length} items",
    "greater_than_equal": "expected at least {ge}",
    "less_than_equal": "expected at most {le}",
    "enum": "expected one of {expected}",
    "literal_error": "expected one of {expected}",
}
_WITHOUT_FOUND = frozenset({"missing", "extra_forbidden", "too_long", "too_short"})
_LONGEST_SHOWN = 60


async def answer_invalid(request: Request, error: Exception) -> Response:
    """422 with every fault of the request, each with its pointer or its parameter."""
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    in_body = [fault for fault in faults if fault["loc"][0] == "body"]
    if in_body:
        found = InvalidRuleError(Fault(_pointer(f["loc"][1:]), _sentence(f)) for f in in_body)
        return problem(found, request.url.path)
    details = {_parameter(fault["loc"]): _sentence(fault) for fault in faults}
    return problem(InvalidParameterError(details), request.url.path)


def _parameter(location: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in location[1:])


def _pointer(location: Sequence[str | int]) -> str:
    parts = location[1:] if location and location[0] in tuple(Form) else location
    return reduce(below, parts, "")


def _sentence(fault: Mapping[str, Any]) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    expected = _EXPECTED.get(kind, str(fault["msg"])).format_map(context)
    if kind in _WITHOUT_FOUND:
        return expected
    return f"{expected}, found {_shown(fault.get('input'))}"


def _shown(found: object) -> str:
    match found:
        case None:
            return "null"
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            text = repr(found) if isinstance(found, str) else str(found)
            return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


async def answer_stale(request: Request, error: Exception) -> Response:
    """412 with both sides: the rule as it is now, and the edition that was sent."""
    assert isinstance(error, StaleEditionError)
    surface: Surface = request.app.state.surface
    current = await surface.views.rule(request.path_params["rule_id"])
    return problem(error, request.url.path, {"current": orjson.Fragment(current.body)})


async def answer_unrouted(request: Request, error: Exception) -> Response:
    """404 or 405 for an address or a method that is not ours."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 405:  # noqa: PLR2004  # HTTP
        allowed = ", ".join(sorted(_methods(request)))
        response = problem(
            MethodNotAllowedError(f"{path} takes {allowed}, not {request.method}."), path
        )
        response.headers["Allow"] = allowed
        return response
    if error.status_code == 404:  # noqa: PLR2004  # HTTP
        return problem(NotFoundError(f"There is nothing at {path}."), path)
    raise CrossfadeError(f"unexpected status {error.status_code}: {error.detail}")


def _methods(request: Request) -> Iterable[str]:
    """Every method that some route takes at this address."""
    return {
        method
        for room in request.app.state.rooms
        for route in room.routes
        if route.path_regex.match(request.url.path)
        for method in route.methods
    }
