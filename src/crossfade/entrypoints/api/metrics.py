"""What the versions of a rule do: rates, errors, latency, and the split as it is seen."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from crossfade.application.measuring import measure, measure_many
from crossfade.application.ports import Sample, VersionSample
from crossfade.domain import errors
from crossfade.entrypoints.api import schemas
from crossfade.entrypoints.api.answers import shaped
from crossfade.entrypoints.api.paths import LONGEST_ID, RuleId
from crossfade.entrypoints.api.problems import READ, documented
from crossfade.entrypoints.api.surface import On

router = APIRouter(tags=["metrics"])

MOST_SAMPLES = 100
LONGEST_WINDOW_S = 60

Window = Annotated[int, Query(ge=1, le=LONGEST_WINDOW_S, description="Seconds")]
Id = Annotated[str, Query(max_length=LONGEST_ID)]
Ids = Annotated[list[Id], Query(alias="id", min_length=1, max_length=MOST_SAMPLES)]


@router.get(
    "/api/rules/{rule_id}/metrics",
    response_model=schemas.RuleMetrics,
    responses=documented(*READ, errors.RuleNotFoundError),
)
async def get_metrics(on: On, rule_id: RuleId, window: Window = 30) -> Response:
    """What a rule's versions did within the last seconds."""
    return shaped(_metrics(await measure(on.ports, rule_id, window)))


@router.get("/api/samples", response_model=schemas.Samples, responses=documented(*READ))
async def get_samples(on: On, ids: Ids, window: Window = 30) -> Response:
    """The same for many rules at once; rules that are gone are left out."""
    found: Mapping[str, Sample] = await measure_many(on.ports, ids, window)
    items = {rule_id: _metrics(sample) for rule_id, sample in found.items()}
    return shaped(schemas.Samples(at=on.ports.clock.now(), items=items))


def _metrics(sample: Sample) -> schemas.RuleMetrics:
    return schemas.RuleMetrics(
        window_s=sample.window_s,
        rate=sample.rate,
        no_data_since=sample.no_data_since,
        reason=sample.reason,
        series=list(sample.series),
        versions=[_version(version) for version in sample.versions],
    )


def _version(version: VersionSample) -> schemas.VersionMetrics:
    return schemas.VersionMetrics(
        name=version.name,
        share=version.share,
        rate=version.rate,
        error_rate=version.error_rate,
        p50_ms=version.p50_ms,
        p95_ms=version.p95_ms,
        p99_ms=version.p99_ms,
        retried_rate=version.retried_rate,
        requests=version.requests,
    )
