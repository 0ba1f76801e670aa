"""The demo rule of a new installation: the sample service, four fifths to v1."""

from collections.abc import Sequence

from crossfade.application.deployments import deploy
from crossfade.application.desire import Accepted, Request
from crossfade.application.local import put_local_service
from crossfade.application.ports import Ports
from crossfade.application.rules import create_rule
from crossfade.domain.addresses import LocalService
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import DEFAULT_NAMESPACE, ServiceKey

SAMPLE = "dummy-service"
VERSIONS = ("v1", "v2")
SHARES = (80_00, 20_00)
REASON = "the demo rule of a new installation"


def sample_key(cluster: str) -> ServiceKey:
    """The sample service."""
    return ServiceKey(cluster, DEFAULT_NAMESPACE, SAMPLE)


async def known_addresses(ports: Ports) -> tuple[str, ...]:
    """Where the samples listened last time; nothing in a new installation."""
    async with ports.work() as work:
        service = await work.local_services.get(sample_key(ports.installation.cluster))
    found = (addresses for _, addresses in service.versions) if service else ()
    return tuple(addresses[0] for addresses in found if addresses)


async def place_samples(ports: Ports, addresses: Sequence[str]) -> None:
    """Keep where the samples listen, one address a version, where that has changed."""
    key = sample_key(ports.installation.cluster)
    versions = tuple((name, (at,)) for name, at in zip(VERSIONS, addresses, strict=True))
    service = LocalService(key, versions)
    async with ports.work() as work:
        known = await work.local_services.get(key)
    if known != service:
        await put_local_service(ports, service, _request(ports))


async def seed(ports: Ports) -> Accepted | None:
    """The demo rule, deployed, in an installation that was never used; None in any other."""
    key = sample_key(ports.installation.cluster)
    async with ports.work() as work:
        used = await work.revisions.highest(key) > 0 or await work.rules.find(key) is not None
    if used:
        return None
    versions = tuple(Version(name, share) for name, share in zip(VERSIONS, SHARES, strict=True))
    rule = await create_rule(ports, Intent(key, versions), _request(ports))
    return await deploy(ports, rule.id, _request(ports))


def _request(ports: Ports) -> Request:
    return Request(actor=ports.installation.actor, reason=REASON)
