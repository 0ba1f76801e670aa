"""Whether this process lives, can serve, and stands on sound ground; and its metrics."""

from collections.abc import Sequence

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from crossfade.application.health import Check
from crossfade.domain.errors import CrossfadeError, DatabaseUnavailableError
from crossfade.entrypoints.api import surroundings
from crossfade.entrypoints.api.answers import shaped
from crossfade.entrypoints.api.problems import Documented, documented
from crossfade.entrypoints.api.refusals import HostNotAllowedError
from crossfade.entrypoints.api.surface import On, Surface

router = APIRouter(tags=["health"])

NO_STORE = {"Cache-Control": "no-store"}
ALWAYS = documented(HostNotAllowedError, CrossfadeError)
NOT_READY: Documented = {
    503: {"model": surroundings.Health, "description": "Something it needs is missing"}
}


@router.get("/health/live", response_model=surroundings.Health, responses=ALWAYS)
async def live() -> Response:
    """Whether this process answers; whatever else is broken."""
    return shaped(surroundings.Health(status="ok", checks=[]), headers=NO_STORE)


@router.get("/health/ready", response_model=surroundings.Health, responses={**NOT_READY, **ALWAYS})
async def ready(on: On) -> Response:
    """Whether requests can be served, or what is missing."""
    needed = on.options.needed_for_ready
    checks = [check for check in on.health.checks if check.name in needed]
    able = all(on.health.ok(name) for name in needed)
    return shaped(_answer(checks, ok=able), 200 if able else 503, NO_STORE)


@router.get("/health", response_model=surroundings.Health, responses=ALWAYS)
async def health(on: On) -> Response:
    """How everything is that this installation stands on."""
    checks = on.health.checks
    well = all(check.ok for check in checks)
    return shaped(_answer(checks, ok=well), headers=NO_STORE)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **ALWAYS,
    },
)
async def metrics(on: On) -> Response:
    """What Prometheus may know of this process."""
    on.telemetry.look(
        entries=await _audit_entries(on),
        streams=on.streams.count,
        well={check.name: check.ok for check in on.health.checks},
    )
    return Response(on.telemetry.page(), 200, NO_STORE, CONTENT_TYPE_LATEST)


async def _audit_entries(on: Surface) -> int | None:
    try:
        head = await on.ports.chain.head()
    except DatabaseUnavailableError:
        return None
    return head.n if head else 0


def _answer(checks: Sequence[Check], *, ok: bool) -> surroundings.Health:
    found = [_shown(check) for check in checks]
    return surroundings.Health(status="ok" if ok else "degraded", checks=found)


def _shown(check: Check) -> surroundings.Check:
    return surroundings.Check(
        name=check.name,
        ok=check.ok,
        detail=check.detail,
        address=check.address,
        since=check.since,
    )
