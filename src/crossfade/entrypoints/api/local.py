"""Services on this machine: where their versions listen."""

from fastapi import APIRouter, Response

from crossfade.application.desire import Request
from crossfade.application.local import put_local_service, remove_local_service
from crossfade.domain import errors
from crossfade.domain.addresses import LocalService
from crossfade.domain.names import ServiceKey
from crossfade.entrypoints.api import surroundings
from crossfade.entrypoints.api.answers import shaped
from crossfade.entrypoints.api.inputs import LocalServiceInput
from crossfade.entrypoints.api.paths import Namespace, Service, WhyQuery
from crossfade.entrypoints.api.problems import WRITE, documented
from crossfade.entrypoints.api.surface import On, Surface

router = APIRouter(tags=["services"])


@router.put(
    "/api/local/{namespace}/{service}",
    response_model=surroundings.LocalAddresses,
    responses=documented(*WRITE, errors.EndpointsInUseError, errors.UnsupportedModeError),
)
async def put_local(
    on: On, namespace: Namespace, service: Service, body: LocalServiceInput
) -> Response:
    """Where each version of a service on this machine listens."""
    _need_addresses(on)
    key = ServiceKey(on.ports.installation.cluster, namespace, service)
    versions = tuple((name, tuple(found)) for name, found in body.versions.items())
    request = Request(actor=on.ports.installation.actor, reason=body.reason)
    await put_local_service(on.ports, LocalService(key, versions), request)
    return shaped(
        surroundings.LocalAddresses(
            namespace=namespace, service_name=service, versions=body.versions
        )
    )


@router.delete(
    "/api/local/{namespace}/{service}",
    status_code=204,
    response_class=Response,
    responses=documented(*WRITE, errors.ServiceNotFoundError, errors.EndpointsInUseError),
)
async def delete_local(
    on: On, namespace: Namespace, service: Service, reason: WhyQuery = None
) -> Response:
    """Forget a service on this machine."""
    key = ServiceKey(on.ports.installation.cluster, namespace, service)
    request = Request(actor=on.ports.installation.actor, reason=reason)
    await remove_local_service(on.ports, key, request)
    return Response(None, 204)


def _need_addresses(on: Surface) -> None:
    if on.ports.cluster is not None:
        raise errors.UnsupportedModeError(
            "Versions are pods of the cluster here; they are found by their labels, not by address."
        )
