"""Who did what, when and why; and whether the chain of it is whole."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, AwareDatetime

from crossfade.application.verification import verify
from crossfade.application.views import AuditFilter
from crossfade.entrypoints.api import surroundings
from crossfade.entrypoints.api.answers import UNCHANGED, shaped, tagged
from crossfade.entrypoints.api.conditions import IfNoneMatch
from crossfade.entrypoints.api.paths import Before, Limit, Word
from crossfade.entrypoints.api.problems import READ, documented
from crossfade.entrypoints.api.surface import On


def in_utc(at: datetime | None) -> datetime | None:
    """The moment in UTC; ValueError where the calendar ends before it."""
    try:
        return at and at.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a moment within the calendar") from None


router = APIRouter(tags=["audit"])

Since = Annotated[
    AwareDatetime | None,
    AfterValidator(in_utc),
    Query(description="RFC 3339, with its offset from UTC"),
]


async def _wanted(  # noqa: PLR0913  # each is one filter of the query
    *,
    actor: Word = None,
    action: Word = None,
    service: Word = None,
    namespace: Word = None,
    since: Since = None,
    until: Since = None,
    before: Before = None,
    limit: Limit = 50,
) -> AuditFilter:
    return AuditFilter(
        actor=actor,
        action=action,
        service=service,
        namespace=namespace,
        since=since,
        until=until,
        before=before,
        limit=limit,
    )


@router.get(
    "/api/audit",
    response_model=surroundings.AuditPage,
    responses={**UNCHANGED, **documented(*READ)},
)
async def list_audit(
    on: On, wanted: Annotated[AuditFilter, Depends(_wanted)], if_none_match: IfNoneMatch = None
) -> Response:
    """Acts and their outcomes, newest first."""
    return tagged(await on.views.audit(wanted), if_none_match)


@router.get(
    "/api/audit/verify", response_model=surroundings.AuditVerdict, responses=documented(*READ)
)
async def verify_audit(on: On) -> Response:
    """The chain checked link by link, and against the commits that name its heads."""
    found = await verify(on.ports)
    return shaped(
        surroundings.AuditVerdict(
            ok=not found.problems,
            entries=found.entries,
            head=found.head,
            commits_checked=found.commits_checked,
            problems=list(found.problems),
        )
    )
