"""What the application needs from the world, named by need. Adapters meet these; fakes do too."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crossfade.domain.addresses import LocalService
from crossfade.domain.audit import Act, Link
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind, Verdict
from crossfade.domain.rule import Rule
from crossfade.domain.target import Drift, Target


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed target with what must become true there: the work of one convergence step."""

    target: Target
    revision: Revision
    operation: Operation | None


@dataclass(frozen=True, slots=True)
class Event:
    """A small word that something changed; who needs more asks for it."""

    # rule, operation, drift, audit, local; due: a target of the kind that the id names waits for
    # whoever holds its place; gap: some words may have been lost
    type: str
    id: str
    rule_id: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A rule that nobody else locks or changes, with what an act on it must know.

    The verdict and the commit of its picture may be as they were before the wait for the rule.
    """

    rule: Rule
    live: Revision | None  # what is deployed; None before the first deploy
    service: LocalService | None  # where its versions listen on this machine


class Rules(Protocol):
    """The drafts, one a service."""

    async def get(self, rule_id: str, *, lock: bool = False) -> Rule:
        """The rule; RuleNotFoundError. `lock` holds its row until the work ends."""

    async def hold(self, rule_id: str) -> HeldRule:
        """The rule, locked until the work ends, with what is deployed; RuleNotFoundError."""

    async def find(self, key: ServiceKey) -> Rule | None:
        """The rule of a service."""

    async def add(self, rule: Rule) -> None:
        """Keep a new rule; RuleExistsError names the service's present one."""

    async def save(self, rule: Rule) -> None:
        """Keep the rule as it is now."""

    async def delete(self, rule_id: str) -> None:
        """Forget the rule and its targets; revisions, operations and audit stay."""


class Revisions(Protocol):
    """Every picture that was deployed; they outlive their rule."""

    async def add(self, revision: Revision) -> None:
        """Keep a new picture."""

    async def get(self, key: ServiceKey, generation: int) -> Revision:
        """The picture; RevisionNotFoundError."""

    async def highest(self, key: ServiceKey) -> int:
        """The highest generation ever given to this service; 0 at first."""

    async def before(self, key: ServiceKey, generation: int) -> Sequence[Revision]:
        """Pictures that were effective or applied-not-proven below a generation, newest first."""

    async def judge(self, key: ServiceKey, generation: int, verdict: Verdict) -> None:
        """Keep what became of the picture at the proxies."""

    async def committed(self, key: ServiceKey, generation: int, commit: str) -> None:
        """Keep the commit that carries the picture."""


class Targets(Protocol):
    """Where each rule must become true; these rows are what is claimed."""

    async def of(self, rule_id: str) -> tuple[Target, ...]:
        """The rule's targets, in the order of their kinds."""

    async def aim(self, *aimed: Target, mesh_holder: str | None = None) -> tuple[Target, ...]:
        """Set (or create) what the targets should hold, due now; in the order of their kinds.

        A new aim always takes the lease away from whoever works on an older one; the lease of a
        mesh's target is given to `mesh_holder` at once. Digest and confirmed generation stay as
        they are kept.
        """

    async def claim(self, kind: TargetKind, holder: str, limit: int) -> tuple[Errand, ...]:
        """Lease due targets that nobody holds (10 s), each with its revision and operation."""

    async def record(self, target: Target, *, retry_in_s: float | None = None) -> None:
        """Keep how far the target came and give the lease back; LeaseLostError by its token."""

    async def confirmed(self, kind: TargetKind) -> Sequence[tuple[Target, Revision]]:
        """Every target of a kind that holds a revision, with the confirmed one."""

    async def drifted(self, rule_id: str, kind: TargetKind, drift: Drift | None) -> None:
        """Keep (or clear) how a confirmed target differs, without touching its lease."""


class Operations(Protocol):
    """The record of acts."""

    async def add(self, operation: Operation, revision: Revision | None = None) -> None:
        """Keep a new operation, with the picture that it is to make true where that is new."""

    async def get(self, operation_id: str) -> Operation:
        """The operation; OperationNotFoundError."""

    async def save(self, operation: Operation) -> None:
        """Keep the operation as it is now."""

    async def by_key(self, idempotency_key: str) -> Operation | None:
        """The operation that was made under an idempotency key."""

    async def newest(self, rule_id: str) -> Operation | None:
        """The rule's newest operation."""

    async def running(self, rule_id: str) -> Sequence[Operation]:
        """The rule's operations that have not ended."""

    async def of_generation(self, rule_id: str, generation: int) -> Operation | None:
        """The newest operation that made, or repairs, this generation."""


class LocalServices(Protocol):
    """Addresses on this machine, by service."""

    async def get(self, key: ServiceKey) -> LocalService | None:
        """The service's addresses."""

    async def all(self) -> Sequence[LocalService]:
        """Every local service, by name."""

    async def put(self, service: LocalService) -> None:
        """Keep the service's addresses, in place of the older ones."""

    async def delete(self, key: ServiceKey) -> None:
        """Forget the service."""


class Leases(Protocol):
    """Who owns what only one process may own (the repository, the local Envoy)."""

    async def take(self, name: str, holder: str, ttl_s: float) -> bool:
        """Take, or renew, the lease; False where somebody else holds it."""

    async def give_back(self, name: str, holder: str) -> None:
        """Let go of the lease, if it is held."""

    async def holder(self, name: str) -> str | None:
        """Who holds the lease now."""

    async def forget_all(self) -> None:
        """Every lease, of targets too, is void: for whoever alone can reach this database."""


class Work(Protocol):
    """One unit of work: all of it is committed together, or nothing.

    Opened by `async with ports.work() as work`; commits where the block ends well.
    """

    @property
    def rules(self) -> Rules:
        """The drafts."""

    @property
    def revisions(self) -> Revisions:
        """The pictures."""

    @property
    def targets(self) -> Targets:
        """Where rules must become true."""

    @property
    def operations(self) -> Operations:
        """The acts."""

    @property
    def local_services(self) -> LocalServices:
        """Addresses on this machine."""

    @property
    def leases(self) -> Leases:
        """Who owns what."""

    def record(self, act: Act) -> None:
        """Append to the audit chain when the work commits, with the chain's head locked last.

        An event of type audit tells the newest entry's number.
        """

    def announce(self, event: Event) -> None:
        """Tell every process when the work has committed."""


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


class Mesh(Protocol):
    """Where traffic is really divided.

    `apply` and `effective` raise RefusedError, OutrunError or UnavailableError.
    """

    @property
    def held(self) -> bool:
        """Whether this process may write to the mesh now."""

    async def observe(self, key: ServiceKey) -> tuple[Picture, str] | None:
        """What the proxies hold for a service now, and the same as text."""

    async def apply(self, revision: Revision) -> None:
        """Write the revision, once; what is already there stays untouched."""

    async def effective(self, revision: Revision) -> str:
        """Proof in words that the proxies route by the revision, as soon as they do."""

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Take our hands off the service's objects, or take the objects away; proof in words."""


@dataclass(frozen=True, slots=True)
class VersionSample:
    """What one version did within a window. Rates are per second, errors in percent."""

    name: str
    requests: int
    share: float | None  # of the requests outside cohorts, in percent
    rate: float | None
    error_rate: float | None
    retried_rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


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
    releases: bool = False  # whether the mesh can be left as it is when a rule goes


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
