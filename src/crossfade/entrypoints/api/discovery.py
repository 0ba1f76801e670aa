"""The services that a rule can be made for, and what stands behind the versions of a rule."""

from fastapi import APIRouter, Response

from crossfade.application.backing import backing
from crossfade.domain import errors
from crossfade.domain.around import DiscoveredService, DiscoveredVersion
from crossfade.entrypoints.api import surroundings
from crossfade.entrypoints.api.answers import UNCHANGED, shaped, tagged
from crossfade.entrypoints.api.conditions import IfNoneMatch
from crossfade.entrypoints.api.paths import RuleId
from crossfade.entrypoints.api.problems import READ, documented
from crossfade.entrypoints.api.surface import On

router = APIRouter(tags=["services"])


@router.get(
    "/api/services",
    response_model=surroundings.ServiceList,
    responses={**UNCHANGED, **documented(*READ, errors.UnavailableError)},
)
async def list_services(on: On, if_none_match: IfNoneMatch = None) -> Response:
    """Every service that a rule can be made for: those of the cluster, or of this machine."""
    cluster = on.ports.cluster
    if cluster is None:
        return tagged(await on.views.services(), if_none_match)
    found = cluster.services()
    rules = await on.views.rule_ids([service.key for service in found])
    listed = [_service(service, rules.get(service.key)) for service in found]
    body = surroundings.ServiceList(items=listed).model_dump_json().encode()
    return tagged(body, if_none_match)


@router.get(
    "/api/rules/{rule_id}/backing",
    response_model=surroundings.BackingList,
    responses=documented(*READ, errors.RuleNotFoundError, errors.UnavailableError),
)
async def get_backing(on: On, rule_id: RuleId) -> Response:
    """How many pods stand behind each version of a rule, and how many of them are ready."""
    found = await backing(on.ports, rule_id)
    items = [
        surroundings.Backing(name=name, ready=one.ready, known=one.known)
        for name, one in found.items()
    ]
    return shaped(surroundings.BackingList(items=items))


def _service(service: DiscoveredService, rule_id: str | None) -> surroundings.Service:
    return surroundings.Service(
        namespace=service.key.namespace,
        service_name=service.key.service,
        versions=[_version(version) for version in service.versions],
        rule_id=rule_id,
    )


def _version(version: DiscoveredVersion) -> surroundings.ServiceVersion:
    return surroundings.ServiceVersion(
        name=version.name,
        addresses=[],
        labels=dict(version.labels),
        ready=version.backing.ready,
        known=version.backing.known,
    )
