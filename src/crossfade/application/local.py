"""Services on this machine: where their versions listen."""

from crossfade.application.desire import Request, live_revision
from crossfade.application.ports import Ports
from crossfade.application.work import Event, Work
from crossfade.domain.addresses import LocalService
from crossfade.domain.audit import Act
from crossfade.domain.errors import EndpointsInUseError, ServiceNotFoundError
from crossfade.domain.names import ServiceKey


async def put_local_service(ports: Ports, service: LocalService, request: Request) -> None:
    """Keep the addresses of a service; refused where a live rule would lose a version's."""
    async with ports.work() as work:
        await _keep_receivers(work, service.key, service)
        await work.local_services.put(service)
        listed = ", ".join(f"{name}={'+'.join(found)}" for name, found in service.versions)
        _tell(work, ports, service.key, request, f"local service {service.key}: {listed}")


async def remove_local_service(ports: Ports, key: ServiceKey, request: Request) -> None:
    """Forget the addresses of a service; refused while a live rule uses them."""
    async with ports.work() as work:
        if await work.local_services.get(key) is None:
            raise ServiceNotFoundError(f"No local service {key} is known.")
        await _keep_receivers(work, key, LocalService(key, ()))
        await work.local_services.delete(key)
        _tell(work, ports, key, request, f"local service {key} removed")


async def _keep_receivers(work: Work, key: ServiceKey, service: LocalService) -> None:
    rule = await work.rules.find(key)
    live = await live_revision(work, rule) if rule and rule.is_active else None
    lost = [name for name in (live.intent.receivers if live else ()) if not service.addresses(name)]
    if lost:
        raise EndpointsInUseError(
            f"The live rule of {key} still sends traffic to {', '.join(lost)}; "
            "shift the traffic away, or remove the rule, first."
        )


def _tell(work: Work, ports: Ports, key: ServiceKey, request: Request, summary: str) -> None:
    act = Act(
        at=ports.clock.now(),
        actor=request.actor,
        action="local.changed",
        key=key,
        reason=request.reason,
        summary=summary,
    )
    work.record(act)
    work.announce(Event("local", str(key)))
