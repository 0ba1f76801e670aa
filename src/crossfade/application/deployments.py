"""A person's acts on live traffic: deploy, roll back, repair, release, remove, try again."""

from collections.abc import Sequence
from dataclasses import replace

from crossfade.application.desire import (
    PROGRAM,
    Accepted,
    Request,
    Wish,
    aim_at_once,
    desire,
    mesh_driver,
    mesh_errand,
    save_standing,
)
from crossfade.application.gates import look_around, pass_gates
from crossfade.application.ports import Ports
from crossfade.application.rules import check_edition, discard_draft
from crossfade.application.work import Errand, HeldRule, Work
from crossfade.domain.errors import (
    BlockedError,
    ConflictError,
    KeyReusedError,
    NotDeployedError,
    NothingToRollBackToError,
    UnsupportedModeError,
)
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation, OperationKind, OperationState
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.rule import Rule, RuleState
from crossfade.domain.target import Drift, Presence, Target

REMOVED = dict.fromkeys(TargetKind, Presence.ABSENT)
RELEASED = {kind: Presence.RELEASED if kind.routes else Presence.ABSENT for kind in TargetKind}


async def deploy(ports: Ports, rule_id: str, request: Request) -> Accepted:
    """Make the draft true everywhere; asked again for the same, it answers the same operation."""
    async with ports.work() as work:
        held = await work.rules.hold(rule_id)
        rule, live = held.rule, held.live
        if (same := await _same_key(work, rule, OperationKind.DEPLOY, request)) is not None:
            return Accepted(same)
        check_edition(rule, request.edition)
        if (same := await _same_content(work, rule, live)) is not None:
            return Accepted(await _under_key(work, same, request))
        _pass_gates(ports, held, rule.intent)
        wish = Wish(
            kind=OperationKind.DEPLOY, intent=rule.intent, live=live.intent if live else None
        )
        return await desire(work, ports, rule, wish, request)


async def roll_back(
    ports: Ports, rule_id: str, generation: int | None, request: Request
) -> Accepted:
    """Make an older picture true again, as a new generation.

    Without a generation: the newest proven picture that differs from the current one, taken
    from before the root of the current one, so that rolling back twice goes two back.
    """
    async with ports.work() as work:
        held = await work.rules.hold(rule_id)
        rule, current = held.rule, held.live
        if (same := await _same_act(work, rule, OperationKind.ROLLBACK, request)) is not None:
            return Accepted(same)
        if current is None or not rule.is_active:
            raise NotDeployedError(f"The rule of {rule.key} is not deployed.")
        restored = await _earlier(work, current, generation)
        _pass_gates(ports, held, restored.intent)
        followed = _follow(ports, rule, current, restored)
        wish = Wish(
            kind=OperationKind.ROLLBACK,
            intent=restored.intent,
            live=current.intent,
            origin=restored.root,
        )
        return await desire(work, ports, followed, wish, request)


async def repair(ports: Ports, rule_id: str, request: Request) -> Accepted:
    """Make every target hold the deployed picture again, over whatever somebody else wrote."""
    async with ports.work() as work:
        held = await work.rules.hold(rule_id)
        rule, live = held.rule, held.live
        if (same := await _same_act(work, rule, OperationKind.REPAIR, request)) is not None:
            return Accepted(same)
        if live is None or not rule.is_active:
            raise NotDeployedError(f"The rule of {rule.key} is not deployed.")
        _pass_gates(ports, held, live.intent)
        return await desire(work, ports, rule, _restoring(live), request)


async def heal(ports: Ports, target: Target, drift: Drift) -> Accepted | None:
    """Repair what drifted without being asked; None where a gate forbids it for now."""
    again = target.reverts + 1 if target.reverted_by == drift.author else 1
    request = Request(actor=PROGRAM, reason=f"healed: {drift.summary}")
    async with ports.work() as work:
        held = await work.rules.hold(target.rule_id)
        rule, live = held.rule, held.live
        if live is None or live.generation != target.confirmed_generation:
            return None
        if rule.state is RuleState.DEPLOYING or not rule.is_active:
            return None
        try:
            _pass_gates(ports, held, live.intent)
        except BlockedError:
            return None
        wish = replace(_restoring(live), reverts=again, reverted_by=drift.author)
        return await desire(work, ports, rule, wish, request)


def _restoring(live: Revision) -> Wish:
    return Wish(kind=OperationKind.REPAIR, intent=live.intent, live=live.intent, origin=live.origin)


async def remove(
    ports: Ports, rule_id: str, kind: OperationKind, request: Request
) -> Accepted | None:
    """Take the rule away (REMOVE), or only our hands off it (RELEASE); None for a mere draft."""
    async with ports.work() as work:
        held = await work.rules.hold(rule_id)
        rule, live = held.rule, held.live
        if (same := await _same_act(work, rule, kind, request)) is not None:
            return Accepted(same)
        check_edition(rule, request.edition)
        if kind is OperationKind.RELEASE and (reason := _why_not_released(ports, rule.key)):
            raise UnsupportedModeError(reason)
        if live is None:
            await discard_draft(work, rule, request, ports)
            return None
        if kind is OperationKind.RELEASE and not rule.is_active:
            raise ConflictError(f"The rule of {rule.key} is released already.")
        presence = REMOVED if kind is OperationKind.REMOVE else RELEASED
        wish = Wish(kind=kind, intent=live.intent, live=live.intent, presence=presence)
        return await desire(work, ports, rule, wish, request)


def _why_not_released(ports: Ports, key: ServiceKey) -> str | None:
    if ports.cluster is None:
        return "The embedded mesh cannot keep routes that no rule owns; remove the rule instead."
    if ports.installation.releases:
        return ports.cluster.pruned(key)
    return (
        "Whoever applies Git takes the objects away with their file, so they cannot be left "
        "behind; remove the rule instead."
    )


async def retry(ports: Ports, operation_id: str) -> Accepted:
    """Try what an operation waits for again, now."""
    async with ports.work() as work:
        known = await work.operations.get(operation_id)
        rule = await work.rules.get(known.rule_id, lock=True)
        operation = await work.operations.get(operation_id)
        if operation.state in (OperationState.SUPERSEDED, OperationState.FAILED):
            raise ConflictError(
                f"The operation ended as {operation.state}: {operation.outcome} "
                "Deploy again to make a new one."
            )
        if operation.generation != rule.generation:
            raise ConflictError("A newer operation has taken over; retry that one.")
        errand = await _aim_again(work, ports, rule, operation)
        return Accepted(operation, errand)


async def _aim_again(work: Work, ports: Ports, rule: Rule, operation: Operation) -> Errand | None:
    revision = await work.revisions.get(rule.key, operation.generation)
    behind = [target for target in await work.targets.of(rule.id) if not target.confirmed]
    aimed = await aim_at_once(work, *behind, mesh_holder=mesh_driver(ports))
    targets = await work.targets.of(rule.id)
    await save_standing(work, rule, revision, operation, targets)
    return mesh_errand(ports, aimed, revision, operation, None)


async def _same_key(
    work: Work, rule: Rule, kind: OperationKind, request: Request
) -> Operation | None:
    if request.idempotency_key is None:
        return None
    operation = await work.operations.by_key(request.idempotency_key)
    if operation is None or (operation.rule_id, operation.kind) == (rule.id, kind):
        return operation
    raise KeyReusedError(
        f"The idempotency key belongs to the {operation.kind} of {operation.key} "
        f"({operation.id}); use a new key for another act."
    )


async def _under_key(work: Work, operation: Operation, request: Request) -> Operation:
    """The operation, which a late repetition of the request finds again by its key.

    An operation keeps the first key it was asked for under.
    """
    if request.idempotency_key is None or operation.idempotency_key is not None:
        return operation
    bound = replace(operation, idempotency_key=request.idempotency_key)
    await work.operations.save(bound)
    return bound


async def _same_act(
    work: Work, rule: Rule, kind: OperationKind, request: Request
) -> Operation | None:
    if (same := await _same_key(work, rule, kind, request)) is not None:
        return same
    newest = await work.operations.newest(rule.id)
    running = newest is not None and newest.running and newest.kind is kind
    return newest if running else None


async def _same_content(work: Work, rule: Rule, live: Revision | None) -> Operation | None:
    """The operation that already makes, or made, the draft true."""
    if live is None or not rule.is_active or live.intent != rule.intent:
        return None
    operation = await work.operations.of_generation(rule.id, live.generation)
    if operation is None or operation.state in (OperationState.FAILED, OperationState.SUPERSEDED):
        return None
    return None if operation.kind.leaves or await _undone(work, rule) else operation


async def _undone(work: Work, rule: Rule) -> bool:
    """Whether somebody else has changed what routes since it was proven."""
    targets = await work.targets.of(rule.id)
    return any(target.kind.routes and target.drift is not None for target in targets)


def _pass_gates(ports: Ports, held: HeldRule, intent: Intent) -> None:
    live = held.live.intent if held.live else None
    pass_gates(look_around(ports, intent, live, held.service))


async def _earlier(work: Work, current: Revision, generation: int | None) -> Revision:
    if generation is None:
        proven = await work.revisions.before(current.key, current.root)
        # A rule made anew does not go back behind the removal of the one before it by itself.
        own = [revision for revision in proven if revision.rule_id == current.rule_id]
        return _differing(current, own)
    chosen = await work.revisions.get(current.key, generation)
    return _differing(current, [chosen])


def _differing(current: Revision, candidates: Sequence[Revision]) -> Revision:
    for candidate in candidates:
        if candidate.intent != current.intent:
            return candidate
    raise NothingToRollBackToError(
        f"No earlier proven revision of {current.key} differs from revision {current.generation}."
    )


def _follow(ports: Ports, rule: Rule, current: Revision, restored: Revision) -> Rule:
    """The draft follows a rollback unless it holds changes that were never deployed."""
    if rule.intent != current.intent:
        return rule
    return rule.edited(restored.intent, ports.clock.now())
