"""Make every target hold what is desired: observe, decide, record, for one errand or a batch."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crossfade.application.desire import (
    Accepted,
    Request,
    Wish,
    aim,
    live_revision,
    outcome_act,
    picture,
    save_standing,
)
from crossfade.application.ports import (
    Change,
    Committed,
    Errand,
    Event,
    Ports,
    Uncommitted,
    Work,
)
from crossfade.domain.errors import (
    LeaseLostError,
    OutrunError,
    RefusedError,
    RuleNotFoundError,
    UnavailableError,
)
from crossfade.domain.operation import Operation, OperationKind, OperationState
from crossfade.domain.outcome import Confirmed, Outcome, Outrun, Refused, Waiting
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.rule import Rule
from crossfade.domain.settlement import Settlement, settle
from crossfade.domain.target import Presence
from crossfade.manifests.render import commit_message

MESH_BATCH = 64
GIT_BATCH = 250
_FORCING = (OperationKind.REPAIR, OperationKind.REMOVE, OperationKind.RELEASE)
PROGRAM = "crossfade"


async def pursue(ports: Ports, accepted: Accepted) -> None:
    """Run the mesh's part of an accepted operation at once, where it is ours to run."""
    if accepted.errand is not None:
        await fulfil_at_mesh(ports, accepted.errand)


async def converge_mesh(ports: Ports) -> int:
    """How many mesh targets this pass worked on; other processes' and later ones stay."""
    if not ports.mesh.held:
        return 0
    async with ports.work() as work:
        errands = await work.targets.claim(TargetKind.ENVOY, ports.installation.holder, MESH_BATCH)
    await asyncio.gather(*(fulfil_at_mesh(ports, errand) for errand in errands))
    return len(errands)


async def converge_git(ports: Ports) -> int:
    """How many files this pass brought to the repository: one commit each, one push for all."""
    async with ports.work() as work:
        errands = await work.targets.claim(TargetKind.GIT, ports.installation.holder, GIT_BATCH)
    if not errands:
        return 0
    outcomes = await _commit(ports, errands)
    for errand, outcome in zip(errands, outcomes, strict=True):
        await record(ports, errand, outcome)
    return len(errands)


async def fulfil_at_mesh(ports: Ports, errand: Errand) -> None:
    """Make one errand true at the mesh and record what came of it."""
    await record(ports, errand, await _at_mesh(ports, errand))


async def _at_mesh(ports: Ports, errand: Errand) -> Outcome:
    revision, presence = errand.revision, errand.target.presence
    try:
        if presence is not Presence.PRESENT:
            remove = presence is Presence.ABSENT
            proof = await ports.mesh.release(revision.key, revision.generation, remove=remove)
            return Confirmed(proof)
        await ports.mesh.apply(revision)
        applied_at = ports.clock.now()
        proof = await ports.mesh.effective(revision)
    except RefusedError as error:
        return Refused(str(error))
    except OutrunError as error:
        return Outrun(error.generation)
    except UnavailableError as error:
        return Waiting(str(error))
    digest = revision.document(TargetKind.ENVOY).digest
    return Confirmed(proof, digest=digest, applied_at=applied_at)


async def _commit(ports: Ports, errands: Sequence[Errand]) -> Sequence[Outcome]:
    head = await ports.chain.head()
    changes = [_change(errand) for errand in errands]
    try:
        answers = await ports.repository.commit(changes, head)
    except UnavailableError as error:
        return [Waiting(str(error))] * len(errands)
    branch = ports.installation.branch
    return [
        _committed(answer, change, branch) for answer, change in zip(answers, changes, strict=True)
    ]


def _change(errand: Errand) -> Change:
    document = errand.revision.document(TargetKind.GIT)
    present = errand.target.presence is Presence.PRESENT
    kind = errand.operation.kind if errand.operation else OperationKind.DEPLOY
    return Change(
        path=document.path,
        content=document.content if present else None,
        desired=Picture(errand.revision.generation, document.digest),
        confirmed=errand.target.digest,
        forced=kind in _FORCING,
        message=commit_message(errand.revision, kind),
    )


def _committed(answer: Committed | Uncommitted, change: Change, branch: str) -> Outcome:
    if isinstance(answer, Committed):
        digest = change.desired.digest if change.content is not None else None
        proof = f"commit {answer.commit[:7]} on {branch}"
        return Confirmed(proof, digest=digest, commit=answer.commit)
    if answer.outrun_by is not None:
        return Outrun(answer.outrun_by)
    return Refused(answer.reason, answer.author)


async def record(ports: Ports, errand: Errand, outcome: Outcome) -> None:
    """Keep what came of an errand, and start what must follow; a lost lease keeps nothing."""
    try:
        async with ports.work() as work:
            rule = await work.rules.get(errand.target.rule_id, lock=True)
            await _record(work, ports, rule, errand, outcome)
    except (LeaseLostError, RuleNotFoundError):
        return


async def _record(work: Work, ports: Ports, rule: Rule, errand: Errand, outcome: Outcome) -> None:
    now = ports.clock.now()
    operation = errand.operation and await work.operations.get(errand.operation.id)
    targets = await work.targets.of(rule.id)
    others = [target for target in targets if target.kind is not errand.target.kind]
    settled = settle(errand.target, operation, others, outcome, now)
    await work.targets.record(settled.target, retry_in_s=settled.retry_in_s)
    if settled.operation is not None and settled.operation != operation:
        await work.operations.save(settled.operation)
    if operation is not None and operation.running and not _running(settled.operation):
        work.record(outcome_act(settled.operation or operation, now))
    await _judge(work, errand.revision, settled, outcome)
    await _follow_up(work, ports, rule, errand, settled)


def _running(operation: Operation | None) -> bool:
    return operation is not None and operation.running


async def _judge(work: Work, revision: Revision, settled: Settlement, outcome: Outcome) -> None:
    """Keep the verdict and the commit of the revision; a removal leaves its picture unjudged."""
    key, generation = revision.key, revision.generation
    if settled.verdict is not None and settled.target.presence is Presence.PRESENT:
        await work.revisions.judge(key, generation, settled.verdict)
    if isinstance(outcome, Confirmed) and outcome.commit is not None:
        await work.revisions.committed(key, generation, outcome.commit)


async def _follow_up(
    work: Work, ports: Ports, rule: Rule, errand: Errand, settled: Settlement
) -> None:
    if settled.outrun_by is not None:
        await _reissue(work, ports, rule, errand, settled.outrun_by)
    elif settled.restore:
        await _restore(work, ports, rule, errand, settled)
    elif await _left(work, rule, settled):
        return
    else:
        reached = _deployed(rule, settled, ports.clock.now())
        revision = await live_revision(work, rule)
        operation = settled.operation or await work.operations.newest(rule.id)
        await save_standing(work, reached, revision, operation)


def _deployed(rule: Rule, settled: Settlement, now: datetime) -> Rule:
    target = settled.target
    if target.kind is TargetKind.GIT or not target.confirmed:
        return rule
    if target.presence is Presence.PRESENT:
        return replace(rule, deployed_at=now)
    return rule


async def _left(work: Work, rule: Rule, settled: Settlement) -> bool:
    """Whether this was the last step of a removal or a release; the rule is kept or goes."""
    operation = settled.operation
    if operation is None or operation.state is not OperationState.EFFECTIVE:
        return False
    if operation.kind is OperationKind.REMOVE:
        await work.rules.delete(rule.id)
        work.announce(Event("operation", operation.id, rule.id, operation.state))
        work.announce(Event("rule", rule.id, rule.id))
        return True
    if operation.kind is OperationKind.RELEASE:
        await save_standing(work, replace(rule, is_active=False), None, operation)
        return True
    return False


async def _reissue(work: Work, ports: Ports, rule: Rule, errand: Errand, found: int) -> None:
    """Issue the same picture above a generation that a target already holds.

    That happens after the database was restored from an older copy.
    """
    old, operation = errand.revision, errand.operation
    generation = 1 + max(found, await work.revisions.highest(rule.key))
    kind = operation.kind if operation else OperationKind.DEPLOY
    presence = {errand.target.kind: errand.target.presence}
    for target in await work.targets.of(rule.id):
        presence[target.kind] = target.presence
    wish = Wish(kind=kind, intent=old.intent, origin=old.origin, presence=presence)
    request = Request(actor=old.author, reason=old.reason)
    revision = picture(ports, rule, wish, generation, request, ports.clock.now())
    await work.revisions.add(revision)
    await aim(work, rule, revision, wish)
    if operation is not None:
        operation = replace(await work.operations.get(operation.id), generation=generation)
        await work.operations.save(operation)
    await save_standing(work, replace(rule, generation=generation), revision, operation)


async def _restore(
    work: Work, ports: Ports, rule: Rule, errand: Errand, settled: Settlement
) -> None:
    """Make the last confirmed picture desired again after a refusal; none: nothing may remain."""
    generation = 1 + await work.revisions.highest(rule.key)
    proven = errand.target.confirmed_generation
    last = errand.revision if proven is None else await work.revisions.get(rule.key, proven)
    presence = {} if proven is not None else dict.fromkeys(TargetKind, Presence.ABSENT)
    kind = OperationKind.ROLLBACK
    wish = Wish(kind=kind, intent=last.intent, origin=last.root, presence=presence)
    reason = f"revision {errand.revision.generation} was refused: {settled.target.error}"
    request = Request(actor=PROGRAM, reason=reason)
    revision = picture(ports, rule, wish, generation, request, ports.clock.now())
    await work.revisions.add(revision)
    await aim(work, rule, revision, wish)
    desired = replace(rule, generation=generation)
    await save_standing(work, desired, revision, settled.operation)
