"""Make a picture desired: the one piece of code behind deploy, rollback, repair and removal."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from crossfade.application.ports import Ports
from crossfade.application.work import Errand, Event, Work
from crossfade.domain.audit import Act
from crossfade.domain.delivery import Delivery
from crossfade.domain.intent import Intent
from crossfade.domain.operation import (
    Operation,
    OperationKind,
    OperationState,
    Stage,
    StageName,
    StageState,
)
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.rule import Rule, RuleState, standing
from crossfade.domain.split import describe_change
from crossfade.domain.target import Presence, Target
from crossfade.manifests.render import RENDERER, documents
from crossfade.manifests.rule_document import intent_document

PROGRAM = "crossfade"  # who acts where nobody asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks for an act, why, and under which idempotency key and edition."""

    actor: str
    reason: str | None = None
    idempotency_key: str | None = None
    edition: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What should become true of a rule."""

    kind: OperationKind
    intent: Intent
    live: Intent | None  # what is deployed before it
    origin: int | None = None
    presence: dict[TargetKind, Presence] = field(default_factory=dict)  # PRESENT where unnamed
    reverts: int = 0  # how often it was healed before against `reverted_by`
    reverted_by: str | None = None

    def at(self, kind: TargetKind) -> Presence:
        """What one target should hold."""
        return self.presence.get(kind, Presence.PRESENT)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An operation that is recorded; with the mesh's errand where this process is to run it."""

    operation: Operation
    errand: Errand | None = None


async def desire(work: Work, ports: Ports, rule: Rule, wish: Wish, request: Request) -> Accepted:
    """Record the wish as the rule's newest operation and aim every target at it.

    The rule must be held by this work.
    """
    now = ports.clock.now()
    generation = 1 + await highest_generation(work, rule)
    await _supersede_running(work, rule, generation, now)
    revision = picture(ports, rule, wish, generation, request)
    operation = _operation(rule, wish.kind, generation, request, now)
    await work.operations.add(operation, revision)
    targets = await aim(work, ports, rule, wish, revision, mesh_holder=mesh_driver(ports))
    desired = replace(rule, generation=generation, is_active=True)
    await save_standing(work, desired, revision, operation, targets)
    work.record(_act(rule, revision, wish.live, operation, now))
    return Accepted(operation, mesh_errand(ports, targets, revision, operation, wish.live))


async def highest_generation(work: Work, rule: Rule) -> int:
    """The highest generation of the rule's service; a deployed rule stands at it."""
    if rule.generation is not None:
        return rule.generation
    return await work.revisions.highest(rule.key)


async def live_revision(work: Work, rule: Rule) -> Revision | None:
    """The desired revision of a rule; None before its first deploy."""
    if rule.generation is None:
        return None
    return await work.revisions.get(rule.key, rule.generation)


def picture(ports: Ports, rule: Rule, wish: Wish, generation: int, request: Request) -> Revision:
    """The revision that carries a wish under a generation."""
    here = ports.installation
    return Revision(
        rule_id=rule.id,
        generation=generation,
        intent=wish.intent,
        renderer=RENDERER,
        documents=documents(wish.intent, generation, here.prefix, here.mesh),
        author=request.actor,
        created_at=ports.clock.now(),
        reason=request.reason,
        origin=wish.origin,
    )


async def aim(
    work: Work,
    ports: Ports,
    rule: Rule,
    wish: Wish,
    revision: Revision,
    *,
    mesh_holder: str | None = None,
) -> tuple[Target, ...]:
    """Every target of the rule, aimed at the revision; the mesh's is leased to `mesh_holder`."""
    aimed = (
        Target(
            rule_id=rule.id,
            key=rule.key,
            kind=kind,
            desired_generation=revision.generation,
            presence=wish.at(kind),
            reverts=wish.reverts,
            reverted_by=wish.reverted_by,
        )
        for kind in ports.installation.targets
    )
    return await aim_at_once(work, *aimed, mesh_holder=mesh_holder)


async def aim_at_once(
    work: Work, *wanted: Target, mesh_holder: str | None = None
) -> tuple[Target, ...]:
    """The targets, aimed; those that `mesh_holder` does not drive itself are told to be due."""
    aimed = await work.targets.aim(*wanted, mesh_holder=mesh_holder)
    for target in aimed:
        if mesh_holder is None or not target.kind.routes:
            work.announce(Event("due", target.kind, target.rule_id))
    return aimed


async def save_standing(
    work: Work,
    rule: Rule,
    revision: Revision | None,
    operation: Operation | None,
    targets: Sequence[Target],
) -> Rule:
    """Keep the rule with the state that follows from its targets and its newest operation."""
    gone = any(target.presence is not Presence.PRESENT for target in targets)
    live = None if revision is None or gone else revision.intent
    saved = replace(rule, state=standing(rule, live, targets, operation))
    await work.rules.save(saved)
    work.announce(Event("rule", rule.id, rule.id, saved.state))
    if operation is not None:
        work.announce(Event("operation", operation.id, rule.id, operation.state))
    return saved


async def _supersede_running(work: Work, rule: Rule, generation: int, now: datetime) -> None:
    if rule.state is not RuleState.DEPLOYING:
        return
    for operation in await work.operations.running(rule.id):
        outcome = f"Revision {generation} was asked for before this was done."
        superseded = operation.ended(OperationState.SUPERSEDED, outcome, now)
        await work.operations.save(superseded)
        work.record(outcome_act(superseded, now))
        work.announce(Event("operation", operation.id, rule.id, superseded.state))


def _operation(
    rule: Rule, kind: OperationKind, generation: int, request: Request, now: datetime
) -> Operation:
    saved = Stage(StageName.SAVED, StageState.DONE, now, f"revision {generation}")
    return Operation(
        id=str(uuid4()),
        rule_id=rule.id,
        key=rule.key,
        kind=kind,
        generation=generation,
        edition=rule.edition,
        actor=request.actor,
        reason=request.reason,
        idempotency_key=request.idempotency_key,
        created_at=now,
    ).with_stage(saved)


def mesh_driver(ports: Ports) -> str | None:
    """This process, where it takes what it aims to the mesh itself, at once."""
    here = ports.installation
    return here.holder if ports.mesh.held and here.delivery is Delivery.APPLY else None


def mesh_errand(
    ports: Ports,
    aimed: Sequence[Target],
    revision: Revision,
    operation: Operation,
    leaving: Intent | None,
) -> Errand | None:
    """The errand of the mesh's target; None where it was not aimed, or is not ours to run."""
    if mesh_driver(ports) is None:
        return None
    found = (target for target in aimed if target.kind.routes)
    return next((Errand(target, revision, operation, leaving) for target in found), None)


def _act(
    rule: Rule, revision: Revision, live: Intent | None, operation: Operation, now: datetime
) -> Act:
    before = live.split if live else None
    change = operation.kind.deed or describe_change(before, revision.intent.split)
    return Act(
        at=now,
        actor=operation.actor,
        action=f"{operation.kind}.requested",
        key=rule.key,
        rule_id=rule.id,
        operation_id=operation.id,
        generation=revision.generation,
        reason=operation.reason,
        summary=f"{operation.kind} of {rule.key}, revision {revision.generation}: {change}",
        before=intent_document(live) if live else None,
        after=intent_document(revision.intent),
    )


def outcome_act(operation: Operation, now: datetime) -> Act:
    """The audit entry of an operation's terminal outcome."""
    return Act(
        at=now,
        actor=operation.actor,
        action=f"{operation.kind}.{operation.state}",
        key=operation.key,
        rule_id=operation.rule_id,
        operation_id=operation.id,
        generation=operation.generation,
        reason=operation.reason,
        summary=f"{operation.kind} of {operation.key}: {operation.outcome}",
    )
