"""Services, their versions and what answers for them, read from objects of a cluster."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from crossfade.adapters.kubernetes.objects import Object, being_deleted, labels, name, spec
from crossfade.domain.around import Backing, DiscoveredService, DiscoveredVersion
from crossfade.domain.names import ServiceKey

SERVICE_NAME: Final = "kubernetes.io/service-name"
VERSION_LABELS: Final = ("version", "app.kubernetes.io/version")
API_SERVER: Final = ("default", "kubernetes")  # nobody splits the way to the API server

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A pod behind a service."""

    labels: Labels
    ready: bool


def endpoints(
    service: str, slices: Iterable[Object], pods: Mapping[str, Object]
) -> tuple[Endpoint, ...]:
    """The pods behind a service that stay there, each of them once.

    One pod may be in several slices: one for each family of addresses, or set of ports.
    """
    ready: dict[str, bool] = {}
    for found in slices:
        if labels(found).get(SERVICE_NAME) == service:
            for pod, is_ready in _listed(found):
                ready[pod] = is_ready or ready.get(pod, False)
    return tuple(
        Endpoint(labels(pods[pod]), is_ready)
        for pod, is_ready in ready.items()
        if pod in pods and not being_deleted(pods[pod])
    )


def backing(behind: Iterable[Endpoint], wanted: Iterable[tuple[str, str]]) -> Backing:
    """What answers for a version: those of the endpoints that carry all of its labels."""
    asked = dict(wanted).items()
    matching = [endpoint for endpoint in behind if asked <= endpoint.labels.items()]
    return Backing(sum(endpoint.ready for endpoint in matching), len(matching))


def discovered(key: ServiceKey, service: Object, behind: tuple[Endpoint, ...]) -> DiscoveredService:
    """A service, with the versions seen behind it."""
    found = sorted(set(filter(None, (_version_label(endpoint.labels) for endpoint in behind))))
    # Labels that make the same name are one version to a person: the plainer one stands for it.
    chosen = {_version_name(label[1]): label for label in found}
    versions = (
        DiscoveredVersion(version, (label,), backing(behind, (label,)))
        for version, label in sorted(chosen.items())
        if version
    )
    ports = tuple(int(port["port"]) for port in spec(service).get("ports") or ())
    return DiscoveredService(key, tuple(versions), ports)


def _listed(found: Object) -> Iterator[tuple[str, bool]]:
    """Each pod of a slice that is not on its way out, and whether it is ready."""
    for endpoint in found.get("endpoints") or ():
        conditions, target = endpoint.get("conditions") or {}, endpoint.get("targetRef") or {}
        if target.get("kind") == "Pod" and not conditions.get("terminating"):
            # Where nothing is said, the endpoint is ready.
            yield name({"metadata": target}), conditions.get("ready") is not False


def _version_label(found: Labels) -> tuple[str, str] | None:
    return next(((key, found[key]) for key in VERSION_LABELS if found.get(key)), None)


def _version_name(value: str) -> str:
    """The version as a name that a subset may have: 1.4.0 is called 1-4-0."""
    kept = "".join(one if one.isalnum() else "-" for one in value.lower())
    return kept.strip("-")
