"""Drafts: make, edit and discard rules. Nothing here touches traffic."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

from crossfade.application.desire import Request, live_revision, save_standing
from crossfade.application.ports import Ports
from crossfade.application.work import Event, Work
from crossfade.domain.audit import Act
from crossfade.domain.errors import ConflictError, RuleExistsError, StaleEditionError
from crossfade.domain.intent import Intent
from crossfade.domain.operation import OperationKind
from crossfade.domain.rule import Rule
from crossfade.domain.split import describe_change
from crossfade.manifests.rule_document import intent_document


async def create_rule(ports: Ports, intent: Intent, request: Request) -> Rule:
    """A new draft; RuleExistsError where the service has a rule already."""
    now = ports.clock.now()
    rule = Rule(id=str(uuid4()), intent=intent, created_at=now, updated_at=now)
    async with ports.work() as work:
        if (present := await work.rules.find(intent.key)) is not None:
            raise RuleExistsError(_present(present), present.id)
        await work.rules.add(rule)
        work.record(_act(rule, "rule.created", request, None, intent))
        work.announce(Event("rule", rule.id, rule.id, rule.state))
    return rule


async def edit_rule(
    ports: Ports, rule_id: str, change: Callable[[Intent], Intent], request: Request
) -> Rule:
    """The draft with what `change` makes of its intent, which nobody else edits meanwhile.

    StaleEditionError where somebody edited before, and the request names another edition.
    """
    async with ports.work() as work:
        rule = await work.rules.get(rule_id, lock=True)
        check_edition(rule, request.edition)
        intent = change(rule.intent)
        _check_same_service(rule, intent)
        operation = await work.operations.newest(rule_id)
        if operation and operation.running and operation.kind is OperationKind.REMOVE:
            raise ConflictError(f"The rule of {rule.key} is being removed.")
        edited = rule.edited(intent, ports.clock.now())
        if edited == rule:
            return rule
        work.record(_act(edited, "rule.edited", request, rule.intent, intent))
        live = await live_revision(work, rule)
        targets = await work.targets.of(rule_id)
        return await save_standing(work, edited, live, operation, targets)


async def discard_draft(work: Work, rule: Rule, request: Request, ports: Ports) -> None:
    """Forget a rule that was never deployed."""
    await work.rules.delete(rule.id)
    deleted = replace(rule, updated_at=ports.clock.now())
    work.record(_act(deleted, "rule.deleted", request, rule.intent, None))
    work.announce(Event("rule", rule.id, rule.id))


def check_edition(rule: Rule, edition: int | None) -> None:
    """Refuse an act that was made for another edition of the rule."""
    if edition is not None and edition != rule.edition:
        raise StaleEditionError(rule.edition, edition)


def _check_same_service(rule: Rule, intent: Intent) -> None:
    if intent.key != rule.key:
        raise ConflictError(
            f"A rule stays with its service: expected {rule.key}, found {intent.key}. "
            "Make a new rule for another service."
        )


def _present(rule: Rule) -> str:
    kept = "" if rule.is_active else " It is released; deploying it revives it."
    return f"{rule.key} already has a rule ({rule.id}).{kept}"


def _act(
    rule: Rule, action: str, request: Request, before: Intent | None, after: Intent | None
) -> Act:
    split = (after or rule.intent).split
    change = describe_change(before.split if before and after else None, split)
    return Act(
        at=rule.updated_at,
        actor=request.actor,
        action=action,
        key=rule.key,
        rule_id=rule.id,
        reason=request.reason,
        summary=f"{action.replace('.', ' ')} for {rule.key}: {change}",
        before=intent_document(before) if before else None,
        after=intent_document(after) if after else None,
    )
