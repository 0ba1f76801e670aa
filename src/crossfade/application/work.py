"""One unit of work on what Crossfade keeps: rules, revisions, targets, operations, leases."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from crossfade.domain.addresses import LocalService
from crossfade.domain.audit import Act
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation
from crossfade.domain.revision import Revision, TargetKind, Verdict
from crossfade.domain.rule import Rule
from crossfade.domain.target import Drift, Target


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed target with what must become true there: the work of one convergence step."""

    target: Target
    revision: Revision
    operation: Operation | None
    leaving: Intent | None = None  # what the target held before, as far as that is known


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

    async def hasten(self, rule_id: str, kind: TargetKind) -> None:
        """Let a target that waits be tried again at once."""

    async def confirmed(self, kind: TargetKind) -> Sequence[tuple[Target, Revision]]:
        """Every target of a kind that holds a revision, with the confirmed one."""

    async def unproven(self, kind: TargetKind) -> Sequence[tuple[Target, Revision]]:
        """Targets of a kind that hold a revision which nobody could prove in time."""

    async def proven(self, target: Target, proof: str) -> None:
        """Keep a proof that came late, as long as the target still holds what it is about."""

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
