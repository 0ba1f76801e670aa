"""What came of an errand, kept in one work with everything that follows from it."""

from dataclasses import replace

from crossfade.application.aftermath import leave, reissue, restore
from crossfade.application.desire import aim_at_once, live_revision, outcome_act, save_standing
from crossfade.application.ports import Ports
from crossfade.application.work import Errand, Event, Work
from crossfade.domain.delivery import Delivery
from crossfade.domain.errors import LeaseLostError, RuleNotFoundError
from crossfade.domain.operation import Operation, OperationState
from crossfade.domain.outcome import Confirmed, Outcome, Staged
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.rule import Rule
from crossfade.domain.settlement import Settlement, settle
from crossfade.domain.target import Presence, Target


async def record(ports: Ports, errand: Errand, outcome: Outcome) -> None:
    """Keep what came of an errand, and start what must follow; a lost lease keeps nothing."""
    try:
        async with ports.work() as work:
            rule = await work.rules.get(errand.target.rule_id, lock=True)
            await _record(work, ports, rule, errand, outcome)
    except (LeaseLostError, RuleNotFoundError):
        return


async def _record(work: Work, ports: Ports, rule: Rule, errand: Errand, outcome: Outcome) -> None:
    operation = errand.operation and await work.operations.get(errand.operation.id)
    kept = await work.targets.of(rule.id)
    others = tuple(target for target in kept if target.kind is not errand.target.kind)
    delivery = ports.installation.delivery
    settled = settle(errand.target, operation, others, outcome, ports.clock.now(), delivery)
    await work.targets.record(settled.target, retry_in_s=settled.retry_in_s)
    await _save_operation(work, ports, operation, settled.operation)
    await _judge(work, errand.revision, settled, outcome)
    await _hand_on(work, ports, settled, outcome)
    await _follow_up(work, ports, rule, errand, settled, (*others, settled.target))


async def _save_operation(
    work: Work, ports: Ports, before: Operation | None, after: Operation | None
) -> None:
    if before is None or after is None or before == after:
        return
    await work.operations.save(after)
    if before.running and not after.running:
        work.record(outcome_act(after, ports.clock.now()))


async def _judge(work: Work, revision: Revision, settled: Settlement, outcome: Outcome) -> None:
    """Keep the verdict and the commit of the revision; a removal leaves its picture unjudged."""
    key, generation = revision.key, revision.generation
    if settled.verdict is not None and settled.target.presence is Presence.PRESENT:
        await work.revisions.judge(key, generation, settled.verdict)
    if isinstance(outcome, Confirmed | Staged) and outcome.commit is not None:
        await work.revisions.committed(key, generation, outcome.commit)


async def _hand_on(work: Work, ports: Ports, settled: Settlement, outcome: Outcome) -> None:
    """Where the mesh gets a revision from Git, both take their turns, stage by stage."""
    here, target = ports.installation, settled.target
    if here.delivery is not Delivery.GIT_ONLY:
        return
    if target.kind is TargetKind.GIT and (target.confirmed or settled.next_turn):
        await work.targets.hasten(target.rule_id, here.mesh)
        work.announce(Event("due", here.mesh, target.rule_id))
    elif settled.next_turn:
        proven = isinstance(outcome, Staged) and outcome.proven
        await aim_at_once(work, replace(target, kind=TargetKind.GIT, proven=proven))


async def _follow_up(
    work: Work,
    ports: Ports,
    rule: Rule,
    errand: Errand,
    settled: Settlement,
    targets: tuple[Target, ...],
) -> None:
    operation = settled.operation
    if settled.outrun_by is not None:
        await reissue(work, ports, rule, errand, settled.outrun_by)
    elif settled.restore and operation is not None:
        await restore(work, ports, rule, errand, operation)
    elif operation is not None and _has_left(operation):
        await leave(work, rule, operation, targets)
    else:
        newest = operation or await work.operations.newest(rule.id)
        revision = await _desired(work, rule, errand)
        await save_standing(work, _deployed(rule, settled, ports), revision, newest, targets)


def _has_left(operation: Operation) -> bool:
    """Whether the rule, or our hand on it, has now gone from every target."""
    return operation.kind.leaves and operation.state is OperationState.EFFECTIVE


async def _desired(work: Work, rule: Rule, errand: Errand) -> Revision | None:
    if rule.generation == errand.revision.generation:
        return errand.revision
    return await live_revision(work, rule)


def _deployed(rule: Rule, settled: Settlement, ports: Ports) -> Rule:
    target = settled.target
    routed = target.kind.routes and target.confirmed
    if not routed or target.presence is not Presence.PRESENT:
        return rule
    return replace(rule, deployed_at=ports.clock.now())
