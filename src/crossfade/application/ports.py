"""What the application needs from the world, named by need. Adapters meet these; fakes do too."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crossfade.application.work import Event, Work
from crossfade.domain.around import Around, DiscoveredService
from crossfade.domain.audit import Link
from crossfade.domain.delivery import Delivery
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind


@dataclass(frozen=True, slots=True)
class Change:
    """One operation's change to one file of the repository."""

    path: str
    content: str | None  # None: the file must go
    desired: Picture
    confirmed: str | None  # digest of the document that we last saw committed by our own hand
    forced: bool
    message: str  # subject, blank line, body; trailers are added by the repository


@dataclass(frozen=True, slots=True)
class Committed:
    """The change is in the authoritative repository: by this commit, or one that was there."""

    commit: str


@dataclass(frozen=True, slots=True)
class Uncommitted:
    """The change was left out, for a reason that a person must see."""

    reason: str
    outrun_by: int | None = None  # the higher generation found there
    author: str | None = None


@dataclass(frozen=True, slots=True)
class CommittedFile:
    """A file as the authoritative repository holds it now."""

    content: str
    picture: Picture
    commit: str
    author: str
    at: datetime


class Repository(Protocol):
    """The authoritative GitOps repository. UnavailableError where it cannot be reached."""

    async def commit(
        self, changes: Sequence[Change], audit_head: Link | None
    ) -> tuple[Committed | Uncommitted, ...]:
        """One commit for each change, one push for all; the answers are in their order."""

    async def read(self, path: str) -> CommittedFile | None:
        """The newest content of a file."""

    async def head(self) -> str | None:
        """The newest commit; None in an empty repository."""

    async def pictures(self) -> Mapping[str, Picture]:
        """What every file of ours holds at the head, by path."""

    def audit_heads(self) -> AsyncIterator[tuple[str, int, str]]:
        """(commit, entry number, entry hash) of each commit that names the audit chain."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a mesh holds for a service now, also as text; who else wrote it, where that shows."""

    picture: Picture
    document: str
    author: str | None = None
    at: datetime | None = None


class Mesh(Protocol):
    """Where traffic is really divided.

    `apply`, `effective` and `release` raise RefusedError, OutrunError or UnavailableError.
    """

    @property
    def held(self) -> bool:
        """Whether this process may write to the mesh now."""

    async def observe(self, key: ServiceKey) -> Observed | None:
        """What the mesh holds for a service now."""

    async def apply(self, revision: Revision) -> None:
        """Write the revision, once; what is already there stays untouched."""

    async def effective(self, revision: Revision) -> str:
        """Proof in words that the proxies route by the revision, as soon as they do.

        UnavailableError says what is missing where it does not come within a few seconds.
        """

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Take our hands off the service's objects, or take the objects away; proof in words."""


class Stages(Protocol):
    """The ordered stages in which others bring a revision from Git to the mesh."""

    async def document(self, revision: Revision, *, proven: bool) -> str:
        """What Git must hold next on the way from what is there; at the end, the revision's own.

        `proven` tells that the proxies already route by the revision.
        """


class Cluster(Protocol):
    """What is heard from the cluster that the mesh lives in. Nothing here asks over the network."""

    def around(self, intent: Intent) -> Around:
        """What stands around a rule; UnavailableError until all of it was heard once."""

    def services(self) -> Sequence[DiscoveredService]:
        """Every service in our namespaces, by name; UnavailableError likewise."""

    def pruned(self, key: ServiceKey) -> str | None:
        """Why a service's objects cannot stay when its rule is released; None where they can."""

    def changed(self) -> frozenset[ServiceKey]:
        """Services whose routing objects changed since this was last asked."""


@dataclass(frozen=True, slots=True)
class VersionSample:
    """What one version did within a window; by its name alone, a version without data.

    Rates are per second, errors in percent.
    """

    name: str
    requests: int = 0
    share: float | None = None  # of the requests outside cohorts, in percent
    rate: float | None = None
    error_rate: float | None = None
    retried_rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What a service did within a window; None means no data, never zero."""

    window_s: int
    rate: float | None
    versions: tuple[VersionSample, ...]
    series: tuple[float | None, ...]  # requests a second, one a second, newest last
    no_data_since: datetime | None = None
    reason: str | None = None


class MetricSource(Protocol):
    """Samples for many services at once."""

    async def samples(
        self, services: Mapping[ServiceKey, tuple[str, ...]], window_s: int
    ) -> Mapping[ServiceKey, Sample]:
        """What each service's named versions did within the last `window_s` seconds."""


class Events(Protocol):
    """The words that all processes announce."""

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Every event from now on, until the block ends."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """The present moment, in UTC."""


class Chain(Protocol):
    """The audit chain as it is kept, for those who verify it."""

    async def head(self) -> Link | None:
        """The newest entry."""

    async def links(self) -> Sequence[Link]:
        """Every entry, from the first on."""


@dataclass(frozen=True, slots=True)
class Installation:
    """Who and where we are."""

    cluster: str
    holder: str  # names this process in leases
    actor: str  # the person on whose behalf requests act until login exists
    branch: str
    prefix: str  # folder of the repository under which our files live
    mesh: TargetKind = TargetKind.ENVOY  # where traffic is divided
    delivery: Delivery = Delivery.APPLY
    heals: bool = False  # whether drift at the mesh is repaired without being asked
    releases: bool = False  # whether the mesh can be left as it is when a rule goes

    @property
    def targets(self) -> tuple[TargetKind, ...]:
        """Where every rule of this installation must become true."""
        return TargetKind.GIT, self.mesh


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the application works with."""

    installation: Installation
    work: Callable[[], AbstractAsyncContextManager[Work]]
    chain: Chain
    repository: Repository
    mesh: Mesh
    metrics: MetricSource
    events: Events
    clock: Clock
    stages: Stages | None = None  # None: this process writes to the mesh itself, in order
    cluster: Cluster | None = None  # None: versions are addresses on this machine
