"""What follows where a try did not simply come true: issue anew, restore, or let go."""

from collections.abc import Sequence
from dataclasses import replace

from crossfade.application.desire import (
    PROGRAM,
    Request,
    Wish,
    aim,
    highest_generation,
    picture,
    save_standing,
)
from crossfade.application.ports import Ports
from crossfade.application.work import Errand, Event, Work
from crossfade.domain.audit import Act
from crossfade.domain.operation import Operation, OperationKind
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.rule import Rule
from crossfade.domain.target import Presence, Target


async def reissue(work: Work, ports: Ports, rule: Rule, errand: Errand, found: int) -> None:
    """Issue the same picture above a generation that a target already holds.

    That happens after the database was restored from an older copy.
    """
    old, operation = errand.revision, errand.operation
    generation = 1 + max(found, await highest_generation(work, rule))
    presence = {target.kind: target.presence for target in await work.targets.of(rule.id)}
    kind = operation.kind if operation else OperationKind.DEPLOY
    wish = Wish(kind=kind, intent=old.intent, live=None, origin=old.origin, presence=presence)
    request = Request(actor=old.author, reason=old.reason)
    if operation is not None:
        operation = replace(await work.operations.get(operation.id), generation=generation)
        await work.operations.save(operation)
    issued = picture(ports, rule, wish, generation, request)
    await _aim_at(work, ports, rule, issued, wish, operation)


async def restore(work: Work, ports: Ports, rule: Rule, errand: Errand, failed: Operation) -> None:
    """Make the last confirmed picture desired again after a refusal; none: nothing may remain."""
    generation = 1 + await highest_generation(work, rule)
    proven = errand.target.confirmed_generation
    last = errand.revision if proven is None else await work.revisions.get(rule.key, proven)
    presence = {} if proven is not None else dict.fromkeys(TargetKind, Presence.ABSENT)
    wish = Wish(
        kind=OperationKind.ROLLBACK,
        intent=last.intent,
        live=errand.revision.intent,
        origin=last.root,
        presence=presence,
    )
    reason = f"revision {errand.revision.generation} was refused: {failed.outcome}"
    request = Request(actor=PROGRAM, reason=reason)
    restored = picture(ports, rule, wish, generation, request)
    work.record(_restoration(restored, failed, proven))
    await _aim_at(work, ports, rule, restored, wish, failed)


async def leave(work: Work, rule: Rule, operation: Operation, targets: Sequence[Target]) -> None:
    """The last step of a removal, after which the rule is gone, or of a release."""
    if operation.kind is OperationKind.RELEASE:
        await save_standing(work, replace(rule, is_active=False), None, operation, targets)
        return
    await work.rules.delete(rule.id)
    work.announce(Event("operation", operation.id, rule.id, operation.state))
    work.announce(Event("rule", rule.id, rule.id))


async def _aim_at(
    work: Work,
    ports: Ports,
    rule: Rule,
    revision: Revision,
    wish: Wish,
    operation: Operation | None,
) -> None:
    await work.revisions.add(revision)
    targets = await aim(work, ports, rule, wish, revision)
    desired = replace(rule, generation=revision.generation)
    await save_standing(work, desired, revision, operation, targets)


def _restoration(restored: Revision, failed: Operation, proven: int | None) -> Act:
    what = "nothing is left" if proven is None else f"revision {proven} is restored"
    return Act(
        at=restored.created_at,
        actor=PROGRAM,
        action=f"{failed.kind}.undone",
        key=restored.key,
        rule_id=restored.rule_id,
        operation_id=failed.id,
        generation=restored.generation,
        reason=restored.reason,
        summary=f"{failed.kind} of {restored.key} is undone: {what}",
    )
