"""The history of a rule, and what each place holds of it now."""

from fastapi import APIRouter, Response

from crossfade.application.drift import Column, compare
from crossfade.domain import errors
from crossfade.entrypoints.api import schemas
from crossfade.entrypoints.api.answers import json_answer, shaped
from crossfade.entrypoints.api.paths import Before, Generation, Limit, RuleId
from crossfade.entrypoints.api.problems import READ, documented
from crossfade.entrypoints.api.surface import On

router = APIRouter(tags=["revisions"])


@router.get(
    "/api/rules/{rule_id}/revisions",
    response_model=schemas.RevisionPage,
    responses=documented(*READ, errors.RuleNotFoundError),
)
async def list_revisions(
    on: On, rule_id: RuleId, limit: Limit = 50, before: Before = None
) -> Response:
    """What was deployed, newest first."""
    return json_answer(await on.views.revisions(rule_id, limit=limit, before=before))


@router.get(
    "/api/rules/{rule_id}/revisions/{generation}",
    response_model=schemas.RevisionDetail,
    responses=documented(*READ, errors.RuleNotFoundError, errors.RevisionNotFoundError),
)
async def get_revision(on: On, rule_id: RuleId, generation: Generation) -> Response:
    """One revision with its documents."""
    return json_answer(await on.views.revision(rule_id, generation))


@router.get(
    "/api/rules/{rule_id}/drift",
    response_model=schemas.Drift,
    responses=documented(*READ, errors.RuleNotFoundError),
)
async def get_drift(on: On, rule_id: RuleId) -> Response:
    """What database, Git and mesh hold of the rule now, side by side."""
    columns = await compare(on.ports, rule_id)
    targets = [_column(column) for column in columns]
    return shaped(schemas.Drift(checked_at=on.ports.clock.now(), targets=targets))


def _column(column: Column) -> schemas.DriftTarget:
    return schemas.DriftTarget.model_validate(
        {
            "target": column.place,
            "generation": column.generation,
            "document": column.document,
            "differs": column.differs,
            "missing": column.missing,
            "author": column.author,
            "at": column.at,
            "summary": column.summary,
            "error": column.error,
        }
    )
