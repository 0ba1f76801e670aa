"""What a deploy would change, before anything happens."""

from fastapi import APIRouter, Response

from crossfade.application.preview import Preview, preview_intent, preview_rule
from crossfade.domain import errors
from crossfade.domain.intent import Intent
from crossfade.entrypoints.api import schemas
from crossfade.entrypoints.api.answers import shaped
from crossfade.entrypoints.api.bodies import ExactRoute
from crossfade.entrypoints.api.documents import edited_intent, new_intent
from crossfade.entrypoints.api.inputs import PreviewedRule
from crossfade.entrypoints.api.paths import RuleId
from crossfade.entrypoints.api.problems import READ, WRITE, documented
from crossfade.entrypoints.api.surface import On, Surface

router = APIRouter(tags=["preview"], route_class=ExactRoute)


@router.get(
    "/api/rules/{rule_id}/preview",
    response_model=schemas.Preview,
    responses=documented(*READ, errors.RuleNotFoundError),
)
async def preview_draft(on: On, rule_id: RuleId) -> Response:
    """The preview of a draft as it is kept."""
    actor = on.ports.installation.actor
    return shaped(_answer(await preview_rule(on.ports, rule_id, actor)))


@router.post(
    "/api/preview",
    response_model=schemas.Preview,
    responses=documented(*WRITE, errors.RuleNotFoundError),
)
async def preview_body(on: On, body: PreviewedRule) -> Response:
    """The preview of a rule that is not kept yet, or of an edit to the one with this `id`."""
    intent = await _intent(on, body)
    actor = on.ports.installation.actor
    return shaped(_answer(await preview_intent(on.ports, intent, actor)))


async def _intent(on: Surface, body: PreviewedRule) -> Intent:
    if body.id is None:
        return new_intent(body, on.ports.installation.cluster)
    async with on.ports.work() as work:
        rule = await work.rules.get(body.id)
    return edited_intent(body, rule.intent)


def _answer(preview: Preview) -> schemas.Preview:
    return schemas.Preview(
        summary=preview.summary,
        findings=[
            schemas.Finding(
                severity=found.severity,
                code=found.code,
                message=found.message,
                pointer=found.pointer,
            )
            for found in preview.findings
        ],
        documents=[
            schemas.PreviewDocument(
                target=one.target, path=one.path, proposed=one.proposed, current=one.current
            )
            for one in preview.documents
        ],
        commit_message=preview.commit_message,
        edition=preview.edition,
        changes=preview.changes,
    )
