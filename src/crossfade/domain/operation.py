"""A person's act on its way: every operation ends in a state that a person can read."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crossfade.domain.delivery import Delivery
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import TargetKind


class OperationKind(StrEnum):
    """What a person asked for."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    REPAIR = "repair"
    RELEASE = "release"
    REMOVE = "remove"

    @property
    def leaves(self) -> bool:
        """Whether the rule, or our hand on it, goes from its targets."""
        return self in _DEEDS

    @property
    def deed(self) -> str:
        """What the act does to the traffic as a whole; nothing where it only changes the split."""
        return _DEEDS.get(self, "")


_TRAFFIC_FIRST = (OperationKind.DEPLOY, OperationKind.ROLLBACK)
_DEEDS = {
    OperationKind.RELEASE: "our hands are taken off it",
    OperationKind.REMOVE: "it is taken away",
}


class OperationState(StrEnum):
    """Where an operation stands; all but RUNNING are final."""

    RUNNING = "running"
    EFFECTIVE = "effective"
    APPLIED_NOT_PROVEN = "applied-not-proven"
    SUPERSEDED = "superseded"
    FAILED = "failed"


class StageName(StrEnum):
    """The steps of an operation; COMMITTED runs side by side with APPLIED and EFFECTIVE."""

    SAVED = "saved"
    COMMITTED = "committed"
    APPLIED = "applied"
    EFFECTIVE = "effective"


class StageState(StrEnum):
    """Where one step stands."""

    PENDING = "pending"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step, when it was reached, and what there is to say of it."""

    name: StageName
    state: StageState = StageState.PENDING
    at: datetime | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The record of an act with its stages. Idempotent by key and by content."""

    id: str
    rule_id: str
    key: ServiceKey
    kind: OperationKind
    generation: int
    edition: int
    actor: str
    created_at: datetime
    state: OperationState = OperationState.RUNNING
    reason: str | None = None
    idempotency_key: str | None = None
    outcome: str | None = None
    ended_at: datetime | None = None
    stages: tuple[Stage, ...] = tuple(Stage(name) for name in StageName)

    @property
    def running(self) -> bool:
        """Whether the operation has not ended yet."""
        return self.state is OperationState.RUNNING

    def stage(self, name: StageName) -> Stage:
        """The stage of this name."""
        return next(stage for stage in self.stages if stage.name is name)

    def with_stage(self, stage: Stage) -> "Operation":
        """The same operation with one stage moved on."""
        stages = (stage if old.name is stage.name else old for old in self.stages)
        return replace(self, stages=tuple(stages))

    def ended(self, state: OperationState, outcome: str, now: datetime) -> "Operation":
        """The operation in its final state; one that has ended stays as it ended."""
        if not self.running:
            return self
        return replace(self, state=state, outcome=outcome, ended_at=now)

    def awaits(self, kind: TargetKind, delivery: Delivery = Delivery.APPLY) -> bool:
        """Whether a target must confirm before the operation is done.

        Git behind never holds a deploy or a rollback back, unless the mesh gets it from there:
        traffic comes first, paperwork after.
        """
        if delivery is Delivery.APPLY and self.kind in _TRAFFIC_FIRST:
            return kind.routes
        return True
