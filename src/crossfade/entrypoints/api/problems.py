"""Errors as the API answers them: one table from error class to status and title (RFC 9457)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson
from starlette.responses import Response

from crossfade.domain import errors
from crossfade.domain.errors import CrossfadeError, Fault
from crossfade.entrypoints.api import refusals
from crossfade.entrypoints.api.surroundings import Problem

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1


@dataclass(frozen=True, slots=True)
class Kind:
    """How errors of one class are answered."""

    status: int
    title: str


KINDS: Mapping[type[CrossfadeError], Kind] = MappingProxyType(
    {
        errors.InvalidRuleError: Kind(422, "The request breaks a rule of the API"),
        refusals.InvalidParameterError: Kind(422, "The request breaks a rule of the API"),
        errors.BlockedError: Kind(422, "The deploy would break traffic"),
        errors.NotFoundError: Kind(404, "There is nothing at this address"),
        errors.RuleNotFoundError: Kind(404, "No rule has this id"),
        errors.RevisionNotFoundError: Kind(404, "The rule has no such revision"),
        errors.OperationNotFoundError: Kind(404, "No operation has this id"),
        errors.ServiceNotFoundError: Kind(404, "No local service has this name"),
        errors.ConflictError: Kind(409, "The act does not fit what is there now"),
        errors.RuleExistsError: Kind(409, "The service already has a rule"),
        errors.NothingToRollBackToError: Kind(409, "There is nothing to go back to"),
        errors.NotDeployedError: Kind(409, "The rule is not deployed"),
        errors.EndpointsInUseError: Kind(409, "A live rule still uses these addresses"),
        errors.KeyReusedError: Kind(409, "The idempotency key belongs to another act"),
        errors.UnsupportedModeError: Kind(409, "This installation cannot do that"),
        errors.OutrunError: Kind(409, "A newer revision is already there"),
        errors.LeaseLostError: Kind(409, "Somebody else works on it"),
        errors.HalfwayError: Kind(409, "A stage of it has arrived"),
        errors.RefusedError: Kind(409, "A target refuses it"),
        errors.StaleEditionError: Kind(412, "Somebody else edited first"),
        refusals.IfMatchMissingError: Kind(428, "The edition is missing"),
        refusals.CrossSiteError: Kind(403, "The request comes from another site"),
        refusals.MethodNotAllowedError: Kind(405, "This address does not take the method"),
        refusals.BodyTooLargeError: Kind(413, "The body is too large"),
        refusals.JsonExpectedError: Kind(415, "The body is not JSON"),
        refusals.HostNotAllowedError: Kind(421, "This name is not served here"),
        errors.DatabaseUnavailableError: Kind(503, "The database cannot be reached"),
        errors.UnavailableError: Kind(503, "A target cannot be reached"),
        errors.UntoldError: Kind(503, "A target cannot be reached"),
        refusals.TimeLimitError: Kind(503, "The request took too long"),
        CrossfadeError: Kind(500, "Something went wrong here"),
    }
)
_LATER = frozenset({503})


def problem(
    error: CrossfadeError,
    instance: str,
    extensions: Mapping[str, object] = MappingProxyType({}),
) -> Response:
    """The answer for an error of ours."""
    kind = KINDS[type(error)]
    body = {
        "type": page_of(type(error)),
        "title": kind.title,
        "status": kind.status,
        "detail": _detail(error),
        "instance": instance,
        "errors": [dict(part) for part in _parts(error)],
        **_extensions(error),
        **extensions,
    }
    headers = {"Cache-Control": "no-store"}
    if kind.status in _LATER:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return Response(orjson.dumps(body), kind.status, headers, MEDIA_TYPE)


def page_of(error: type[CrossfadeError]) -> str:
    """Where a person reads what an error means."""
    return f"/docs/problems/{error.code}"


def _detail(error: CrossfadeError) -> str:
    match error:
        case errors.DatabaseUnavailableError():
            # Its own text may name hosts and users of the database.
            return "The database cannot be reached. Traffic in the mesh goes on as it is."
        case errors.InvalidRuleError(faults=[_]):
            return "One part of the request is not valid."
        case errors.InvalidRuleError():
            return f"{len(error.faults)} parts of the request are not valid."
        case _:
            return str(error)


def _parts(error: CrossfadeError) -> Iterable[Mapping[str, str]]:
    match error:
        case errors.InvalidRuleError() | errors.BlockedError():
            return [_part(fault) for fault in error.faults]
        case refusals.InvalidParameterError():
            details = error.details.items()
            return [{"pointer": "", "detail": text, "parameter": name} for name, text in details]
        case _:
            return []


def _part(fault: Fault) -> Mapping[str, str]:
    return {"pointer": fault.pointer, "detail": fault.detail}


def _extensions(error: CrossfadeError) -> Mapping[str, object]:
    match error:
        case errors.RuleExistsError():
            return {"ruleId": error.rule_id}
        case errors.StaleEditionError():
            return {"yours": error.expected}
        case _:
            return {}


Documented = dict[int | str, dict[str, Any]]  # as FastAPI takes it
PROBLEM_SCHEMA = {"$ref": f"#/components/schemas/{Problem.__name__}"}

READ: tuple[type[CrossfadeError], ...] = (
    errors.InvalidRuleError,
    refusals.HostNotAllowedError,
    CrossfadeError,
    errors.DatabaseUnavailableError,
    refusals.TimeLimitError,
)
WRITE: tuple[type[CrossfadeError], ...] = (
    *READ,
    refusals.CrossSiteError,
    refusals.BodyTooLargeError,
    refusals.JsonExpectedError,
)


def documented(*found: type[CrossfadeError]) -> Documented:
    """The part of OpenAPI that says which problems a route answers."""
    by_status: dict[int, list[type[CrossfadeError]]] = {}
    for error in dict.fromkeys(found):
        by_status.setdefault(KINDS[error].status, []).append(error)
    return {status: _documented(of_status) for status, of_status in sorted(by_status.items())}


def _documented(found: list[type[CrossfadeError]]) -> dict[str, object]:
    titles = dict.fromkeys(f"{error.code}: {KINDS[error].title}" for error in found)
    return {"description": "; ".join(titles), "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}}
