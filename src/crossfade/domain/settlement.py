"""What the outcome of one try means for its target and its operation."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from crossfade.domain.delivery import Delivery
from crossfade.domain.operation import (
    Operation,
    OperationKind,
    OperationState,
    Stage,
    StageName,
    StageState,
)
from crossfade.domain.outcome import Confirmed, Outcome, Outrun, Refused, Staged, Waiting
from crossfade.domain.revision import TargetKind, Verdict
from crossfade.domain.target import Drift, Presence, Target, pause_s

ON_ITS_WAY = "Git holds it, and it is on its way to the cluster."


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be recorded after one try, and what must follow from it."""

    target: Target
    operation: Operation | None
    retry_in_s: float | None = None
    verdict: Verdict | None = None
    restore: bool = False  # the last confirmed picture must become desired again
    next_turn: bool = False  # the rule's other target has the next stage to make true
    outrun_by: int | None = None  # the revision must be issued anew above this generation


def settle(
    target: Target,
    operation: Operation | None,
    others: Iterable[Target],
    outcome: Outcome,
    now: datetime,
    delivery: Delivery = Delivery.APPLY,
) -> Settlement:
    """The settlement of one outcome; `others` are the rule's targets beside this one."""
    match outcome:
        case Confirmed():
            settled = _confirmed(target, operation, outcome, now)
            if target.kind is TargetKind.GIT and delivery is Delivery.GIT_ONLY:
                settled = _handed_on(settled, now)
            return _ended(settled, (settled.target, *others), outcome, now, delivery)
        case Staged():
            return _staged(target, operation, tuple(others), outcome, now)
        case Waiting():
            return _waiting(target, operation, outcome, now)
        case Refused():
            return _refused(target, operation, outcome, now, delivery)
        case Outrun(generation):
            return Settlement(target, operation, outrun_by=generation)
        case _:
            assert_never(outcome)


def _confirmed(
    target: Target, operation: Operation | None, outcome: Confirmed, now: datetime
) -> Settlement:
    confirmed = target.confirm(outcome.digest, outcome.proof)
    verdict = outcome.verdict if target.kind.routes else None
    for stage in _done_stages(target.kind, outcome, now):
        operation = _moved(operation, stage)
    return Settlement(confirmed, operation, verdict=verdict)


def _handed_on(settled: Settlement, now: datetime) -> Settlement:
    """The settlement that says where the revision is now, until others tell of it."""
    operation = settled.operation
    if operation is None or operation.stage(StageName.APPLIED).state is StageState.DONE:
        return settled
    on_its_way = _next_stage(TargetKind.CLUSTER, StageState.WAITING, now, ON_ITS_WAY)
    return replace(settled, operation=operation.with_stage(on_its_way))


def _ended(
    settled: Settlement,
    targets: Iterable[Target],
    outcome: Confirmed,
    now: datetime,
    delivery: Delivery,
) -> Settlement:
    """The settlement with its operation ended, where that was the last thing it awaited."""
    operation = settled.operation
    if operation is None or not finished(operation, targets, delivery):
        return settled
    ended = operation.ended(_end(outcome), _success(operation, outcome), now)
    return replace(settled, operation=ended)


def _staged(
    target: Target,
    operation: Operation | None,
    others: tuple[Target, ...],
    outcome: Staged,
    now: datetime,
) -> Settlement:
    if target.kind.routes and all(other.confirmed for other in others):
        # Git holds the last stage already: whoever applies it is on the way.
        return _waiting(target, operation, Waiting(outcome.reached), now)
    waiting = replace(target.wait(outcome.reached), digest=outcome.digest or target.digest)
    stage = _next_stage(target.kind, StageState.WAITING, now, outcome.reached)
    return Settlement(waiting, _moved(operation, stage), next_turn=True)


def _waiting(
    target: Target, operation: Operation | None, outcome: Waiting, now: datetime
) -> Settlement:
    waiting = target.wait(outcome.cause, outcome.applied_at)
    for stage in _waiting_stages(target.kind, outcome, now):
        operation = _moved(operation, stage)
    return Settlement(waiting, operation, retry_in_s=pause_s(waiting.attempts))


def _refused(
    target: Target,
    operation: Operation | None,
    outcome: Refused,
    now: datetime,
    delivery: Delivery,
) -> Settlement:
    reason = outcome.reason
    refused = target.refuse(reason)
    if target.kind is TargetKind.GIT:
        refused = replace(refused, drift=Drift(reason, outcome.author, now))
    if operation is None:
        return Settlement(refused, None)
    operation = operation.with_stage(_next_stage(target.kind, StageState.FAILED, now, reason))
    if not operation.awaits(target.kind, delivery):
        return Settlement(refused, operation)
    failed = operation.ended(OperationState.FAILED, reason, now)
    at_mesh = target.kind.routes
    return Settlement(
        refused,
        failed,
        verdict=Verdict.REFUSED if at_mesh else None,
        restore=at_mesh and target.presence is Presence.PRESENT,
    )


def finished(
    operation: Operation, targets: Iterable[Target], delivery: Delivery = Delivery.APPLY
) -> bool:
    """Whether every target that the operation awaits holds what it asked for."""
    return all(target.confirmed for target in targets if operation.awaits(target.kind, delivery))


def _end(outcome: Confirmed) -> OperationState:
    if outcome.verdict is Verdict.NOT_PROVEN:
        return OperationState.APPLIED_NOT_PROVEN
    return OperationState.EFFECTIVE


_DEEDS = {
    OperationKind.DEPLOY: "Revision {} is effective",
    OperationKind.ROLLBACK: "Rolled back; revision {} is effective",
    OperationKind.REPAIR: "Restored; revision {} is effective",
    OperationKind.RELEASE: "Released; revision {} was the last",
    OperationKind.REMOVE: "Removed; revision {} was the last",
}


def _success(operation: Operation, outcome: Confirmed) -> str:
    if outcome.verdict is Verdict.NOT_PROVEN:
        return f"Revision {operation.generation} is applied, not proven: {outcome.proof}"
    return f"{_DEEDS[operation.kind].format(operation.generation)}: {outcome.proof}"


def _done_stages(kind: TargetKind, outcome: Confirmed, now: datetime) -> tuple[Stage, ...]:
    if kind is TargetKind.GIT:
        return (Stage(StageName.COMMITTED, StageState.DONE, now, outcome.proof),)
    return (
        Stage(StageName.APPLIED, StageState.DONE, outcome.applied_at or now),
        Stage(StageName.EFFECTIVE, _shown(outcome), now, outcome.proof),
    )


def _shown(outcome: Confirmed) -> StageState:
    unproven = outcome.verdict is Verdict.NOT_PROVEN
    return StageState.SKIPPED if unproven else StageState.DONE


def _waiting_stages(kind: TargetKind, outcome: Waiting, now: datetime) -> tuple[Stage, ...]:
    if outcome.applied_at is None:
        return (_next_stage(kind, StageState.WAITING, now, outcome.cause),)
    return (
        Stage(StageName.APPLIED, StageState.DONE, outcome.applied_at),
        Stage(StageName.EFFECTIVE, StageState.WAITING, now, outcome.cause),
    )


def _next_stage(kind: TargetKind, state: StageState, now: datetime, detail: str) -> Stage:
    name = StageName.COMMITTED if kind is TargetKind.GIT else StageName.APPLIED
    return Stage(name, state, now, detail)


def _moved(operation: Operation | None, stage: Stage) -> Operation | None:
    return None if operation is None else operation.with_stage(stage)
