"""What the outcome of one try means for its target and its operation."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from crossfade.domain.operation import (
    Operation,
    OperationKind,
    OperationState,
    Stage,
    StageName,
    StageState,
)
from crossfade.domain.outcome import Confirmed, Outcome, Outrun, Refused, Waiting
from crossfade.domain.revision import TargetKind, Verdict
from crossfade.domain.target import Drift, Presence, Target, pause_s


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is to be recorded after one try, and what must follow from it."""

    target: Target
    operation: Operation | None
    retry_in_s: float | None = None
    verdict: Verdict | None = None
    restore: bool = False  # the last confirmed picture must become desired again
    outrun_by: int | None = None  # the revision must be issued anew above this generation


def settle(
    target: Target,
    operation: Operation | None,
    others: Iterable[Target],
    outcome: Outcome,
    now: datetime,
) -> Settlement:
    """The settlement of one outcome; `others` are the rule's targets beside this one."""
    match outcome:
        case Confirmed():
            return _confirmed(target, operation, tuple(others), outcome, now)
        case Waiting(cause):
            waiting = target.wait(cause)
            pause = pause_s(waiting.attempts)
            stage = _next_stage(target.kind, StageState.WAITING, now, cause)
            return Settlement(waiting, _staged(operation, stage), retry_in_s=pause)
        case Refused():
            return _refused(target, operation, outcome, now)
        case Outrun(generation):
            return Settlement(target, operation, outrun_by=generation)
        case _:
            assert_never(outcome)


def _confirmed(
    target: Target,
    operation: Operation | None,
    others: tuple[Target, ...],
    outcome: Confirmed,
    now: datetime,
) -> Settlement:
    confirmed = target.confirm(outcome.digest)
    verdict = outcome.verdict if target.kind is not TargetKind.GIT else None
    if operation is None:
        return Settlement(confirmed, None, verdict=verdict)
    for stage in _done_stages(target.kind, outcome, now):
        operation = operation.with_stage(stage)
    if finished(operation, (confirmed, *others)):
        operation = operation.ended(_end(outcome), _success(operation, outcome), now)
    return Settlement(confirmed, operation, verdict=verdict)


def _refused(
    target: Target, operation: Operation | None, outcome: Refused, now: datetime
) -> Settlement:
    reason = outcome.reason
    refused = target.refuse(reason)
    if target.kind is TargetKind.GIT:
        refused = replace(refused, drift=Drift(reason, outcome.author, now))
    if operation is None:
        return Settlement(refused, None)
    operation = operation.with_stage(_next_stage(target.kind, StageState.FAILED, now, reason))
    if target.kind not in operation.awaited:
        return Settlement(refused, operation)
    failed = operation.ended(OperationState.FAILED, reason, now)
    at_mesh = target.kind is not TargetKind.GIT
    return Settlement(
        refused,
        failed,
        verdict=Verdict.REFUSED if at_mesh else None,
        restore=at_mesh and target.presence is Presence.PRESENT,
    )


def finished(operation: Operation, targets: Iterable[Target]) -> bool:
    """Whether every target that the operation awaits holds what it asked for."""
    return all(target.confirmed for target in targets if target.kind in operation.awaited)


def _end(outcome: Confirmed) -> OperationState:
    if outcome.verdict is Verdict.NOT_PROVEN:
        return OperationState.APPLIED_NOT_PROVEN
    return OperationState.EFFECTIVE


_DEEDS = {
    OperationKind.DEPLOY: "Revision {} is effective",
    OperationKind.ROLLBACK: "Rolled back; revision {} is effective",
    OperationKind.REPAIR: "Restored; revision {} is effective",
    OperationKind.RELEASE: "Released; revision {} was the last",
    OperationKind.REMOVE: "Removed everywhere; revision {} was the last",
}


def _success(operation: Operation, outcome: Confirmed) -> str:
    return f"{_DEEDS[operation.kind].format(operation.generation)}: {outcome.proof}"


def _done_stages(kind: TargetKind, outcome: Confirmed, now: datetime) -> tuple[Stage, ...]:
    if kind is TargetKind.GIT:
        return (Stage(StageName.COMMITTED, StageState.DONE, now, outcome.proof),)
    return (
        Stage(StageName.APPLIED, StageState.DONE, outcome.applied_at or now),
        Stage(StageName.EFFECTIVE, StageState.DONE, now, outcome.proof),
    )


def _next_stage(kind: TargetKind, state: StageState, now: datetime, detail: str) -> Stage:
    name = StageName.COMMITTED if kind is TargetKind.GIT else StageName.APPLIED
    return Stage(name, state, now, detail)


def _staged(operation: Operation | None, stage: Stage) -> Operation | None:
    return None if operation is None else operation.with_stage(stage)
