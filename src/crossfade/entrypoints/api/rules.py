"""Rules: list, make, read, edit, remove."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from crossfade.application import deployments, rules
from crossfade.application.desire import Request
from crossfade.application.views import RuleFilter
from crossfade.domain import errors
from crossfade.domain.operation import OperationKind
from crossfade.domain.rule import RuleState
from crossfade.entrypoints.api import schemas
from crossfade.entrypoints.api.acts import carry_out
from crossfade.entrypoints.api.answers import UNCHANGED, edition_tag, json_answer, tagged
from crossfade.entrypoints.api.bodies import ExactRoute
from crossfade.entrypoints.api.conditions import (
    IfMatch,
    IfNoneMatch,
    Terms,
    edition_of,
    needed_edition_of,
)
from crossfade.entrypoints.api.documents import edited_intent, new_intent
from crossfade.entrypoints.api.inputs import EditedRule, NewRule, RuleEdit
from crossfade.entrypoints.api.paths import LONGEST_WORD, Limit, RuleId, WhyQuery, Word
from crossfade.entrypoints.api.problems import READ, WRITE, documented
from crossfade.entrypoints.api.refusals import IfMatchMissingError
from crossfade.entrypoints.api.surface import On, Surface

router = APIRouter(tags=["rules"], route_class=ExactRoute)

TAGGED = {"headers": {"ETag": {"schema": {"type": "string"}}}}
LOCATED = {"headers": {"Location": {"schema": {"type": "string"}}}}


async def _wanted(
    *,
    namespace: Word = None,
    service: Annotated[str | None, Query(max_length=LONGEST_WORD, description="Exact name")] = None,
    state: RuleState | None = None,
    q: Annotated[str | None, Query(max_length=LONGEST_WORD, description="Part of a name")] = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> RuleFilter:
    return RuleFilter(
        namespace=namespace, service=service, state=state, q=q, limit=limit, cursor=cursor
    )


@router.get(
    "/api/rules", response_model=schemas.RulePage, responses={**UNCHANGED, **documented(*READ)}
)
async def list_rules(
    on: On, wanted: Annotated[RuleFilter, Depends(_wanted)], if_none_match: IfNoneMatch = None
) -> Response:
    """A page of rules, by namespace and service."""
    return tagged(await on.views.rules(wanted), if_none_match)


@router.post(
    "/api/rules",
    status_code=201,
    response_model=schemas.Rule,
    responses={201: {**TAGGED, **LOCATED}, **documented(*WRITE, errors.RuleExistsError)},
)
async def create_rule(on: On, body: NewRule) -> Response:
    """A new draft; no traffic moves before it is deployed."""
    request = Request(actor=on.ports.installation.actor, reason=body.reason)
    intent = new_intent(body, on.ports.installation.cluster)
    rule = await rules.create_rule(on.ports, intent, request)
    return await _shown(on, rule.id, 201, {"Location": f"/api/rules/{rule.id}"})


@router.get(
    "/api/rules/{rule_id}",
    response_model=schemas.Rule,
    responses={200: TAGGED, **documented(*READ, errors.RuleNotFoundError)},
)
async def get_rule(on: On, rule_id: RuleId) -> Response:
    """One rule; its ETag is the edition that a write must name."""
    return await _shown(on, rule_id)


@router.put(
    "/api/rules/{rule_id}",
    response_model=schemas.Rule,
    responses={
        200: TAGGED,
        **documented(
            *WRITE,
            errors.RuleNotFoundError,
            errors.ConflictError,
            errors.StaleEditionError,
            IfMatchMissingError,
        ),
    },
)
async def edit_rule(
    on: On, rule_id: RuleId, body: EditedRule, if_match: IfMatch = None
) -> Response:
    """The draft as it shall be, whole; in the two-version form only what is named changes."""
    read = needed_edition_of if isinstance(body, RuleEdit) else edition_of
    request = Request(actor=on.ports.installation.actor, reason=body.reason, edition=read(if_match))
    await rules.edit_rule(on.ports, rule_id, lambda kept: edited_intent(body, kept), request)
    return await _shown(on, rule_id)


@router.delete(
    "/api/rules/{rule_id}",
    response_model=schemas.Operation,
    responses={
        202: {"model": schemas.Operation, "description": "Still going", **LOCATED},
        204: {"description": "It was never deployed, and is gone"},
        **documented(
            *WRITE,
            errors.RuleNotFoundError,
            errors.ConflictError,
            errors.UnsupportedModeError,
            errors.KeyReusedError,
            errors.StaleEditionError,
            IfMatchMissingError,
        ),
    },
)
async def delete_rule(
    on: On,
    rule_id: RuleId,
    terms: Terms,
    *,
    mode: Annotated[
        Literal["remove", "release"] | None,
        Query(description="release, where the mesh can keep what is there; else remove"),
    ] = None,
    reason: WhyQuery = None,
    if_match: IfMatch = None,
) -> Response:
    """Take the rule away from every target, or only our hands off it."""
    request = Request(
        actor=on.ports.installation.actor,
        reason=reason,
        idempotency_key=terms.idempotency_key,
        edition=needed_edition_of(if_match),
    )
    return await carry_out(
        on, deployments.remove(on.ports, rule_id, _kind(on, mode), request), terms.prefer
    )


def _kind(on: Surface, mode: str | None) -> OperationKind:
    usual = OperationKind.RELEASE if on.ports.installation.releases else OperationKind.REMOVE
    return OperationKind(mode) if mode else usual


async def _shown(
    on: Surface, rule_id: str, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    found = await on.views.rule(rule_id)
    return json_answer(found.body, status, {**edition_tag(found.edition), **(headers or {})})
