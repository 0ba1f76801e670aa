"""What stands around a rule where it is to become true: pods, other people's objects."""

from collections.abc import Mapping
from dataclasses import dataclass

from crossfade.domain.names import ServiceKey


@dataclass(frozen=True, slots=True)
class Backing:
    """What answers for a version: endpoints that are ready, of those that are known."""

    ready: int
    known: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A host that somebody else's object already routes on one of the rule's gateways."""

    host: str
    gateway: str
    owner: str  # kind, namespace and name, as a person would look it up


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the rule may not be written, in a sentence that says what to do about it."""

    code: str
    message: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """Everything around one rule that a gate must know, as it was last heard."""

    backing: Mapping[str, Backing] | None = None  # by version; None: nobody has looked
    claims: tuple[Claim, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    local: bool = False  # versions are addresses on this machine, routed by the local proxy


@dataclass(frozen=True, slots=True)
class DiscoveredVersion:
    """Pods of a service that share a version label."""

    name: str
    labels: tuple[tuple[str, str], ...]
    backing: Backing


@dataclass(frozen=True, slots=True)
class DiscoveredService:
    """A service that a rule could be made for, with the versions seen behind it."""

    key: ServiceKey
    versions: tuple[DiscoveredVersion, ...]
    ports: tuple[int, ...] = ()
