"""Acts on live traffic: deploy, roll back, repair, try again; and the operations they make."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from crossfade.application.deployments import deploy, repair, retry, roll_back
from crossfade.application.desire import Request
from crossfade.domain import errors
from crossfade.domain.errors import CrossfadeError
from crossfade.entrypoints.api import schemas
from crossfade.entrypoints.api.acts import carry_out
from crossfade.entrypoints.api.answers import json_answer
from crossfade.entrypoints.api.conditions import ActTerms, IfMatch, Prefer, Terms, edition_of
from crossfade.entrypoints.api.inputs import ReasonInput, RollbackInput
from crossfade.entrypoints.api.paths import OperationId, RuleId
from crossfade.entrypoints.api.problems import READ, WRITE, Documented, documented
from crossfade.entrypoints.api.surface import On, Surface

router = APIRouter(tags=["deployments"])

ReasonBody = Annotated[ReasonInput | None, Body()]


def _acting(*found: type[CrossfadeError]) -> Documented:
    going = {
        "model": schemas.Operation,
        "description": "Still going: ask its Location, or listen",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
    return {202: going, **documented(*WRITE, errors.ConflictError, *found)}


@router.post(
    "/api/deploy-rule/{rule_id}",
    response_model=schemas.Operation,
    responses=_acting(
        errors.RuleNotFoundError,
        errors.KeyReusedError,
        errors.StaleEditionError,
        errors.BlockedError,
    ),
)
async def deploy_rule(
    on: On,
    rule_id: RuleId,
    terms: Terms,
    body: ReasonBody = None,
    if_match: IfMatch = None,
) -> Response:
    """Make the draft true everywhere. Asked again for the same, it answers the same operation."""
    request = _request(on, body, terms, edition_of(if_match))
    return await carry_out(on, deploy(on.ports, rule_id, request), terms.prefer)


@router.post(
    "/api/rules/{rule_id}/rollback",
    response_model=schemas.Operation,
    responses=_acting(
        errors.RuleNotFoundError,
        errors.RevisionNotFoundError,
        errors.KeyReusedError,
        errors.NotDeployedError,
        errors.NothingToRollBackToError,
        errors.BlockedError,
    ),
)
async def roll_back_rule(
    on: On,
    rule_id: RuleId,
    terms: Terms,
    body: Annotated[RollbackInput | None, Body()] = None,
) -> Response:
    """Make an older revision true again; without one, the newest proven one that differs."""
    request = _request(on, body, terms)
    generation = body.generation if body else None
    return await carry_out(on, roll_back(on.ports, rule_id, generation, request), terms.prefer)


@router.post(
    "/api/rules/{rule_id}/repair",
    response_model=schemas.Operation,
    responses=_acting(
        errors.RuleNotFoundError,
        errors.KeyReusedError,
        errors.NotDeployedError,
        errors.BlockedError,
    ),
)
async def repair_rule(
    on: On,
    rule_id: RuleId,
    terms: Terms,
    body: ReasonBody = None,
) -> Response:
    """Make every target hold the deployed revision again, over whatever others wrote there."""
    request = _request(on, body, terms)
    return await carry_out(on, repair(on.ports, rule_id, request), terms.prefer)


@router.get(
    "/api/operations/{operation_id}",
    response_model=schemas.Operation,
    responses=documented(*READ, errors.OperationNotFoundError),
)
async def get_operation(on: On, operation_id: OperationId) -> Response:
    """An operation with its stages."""
    return json_answer(await on.views.operation(operation_id))


@router.post(
    "/api/operations/{operation_id}/retry",
    response_model=schemas.Operation,
    responses=_acting(errors.OperationNotFoundError, errors.RuleNotFoundError),
)
async def retry_operation(on: On, operation_id: OperationId, prefer: Prefer = None) -> Response:
    """Try what the operation waits for again, now."""
    return await carry_out(on, retry(on.ports, operation_id), prefer)


def _request(
    on: Surface, body: ReasonInput | None, terms: ActTerms, edition: int | None = None
) -> Request:
    return Request(
        actor=on.ports.installation.actor,
        reason=body.reason if body else None,
        idempotency_key=terms.idempotency_key,
        edition=edition,
    )
