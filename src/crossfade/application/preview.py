"""What a deploy would change, before anything happens."""

from collections.abc import Sequence
from dataclasses import dataclass

from crossfade.application.desire import Request, Wish, live_revision, picture
from crossfade.application.gates import look_around
from crossfade.application.ports import Ports
from crossfade.domain.errors import UnavailableError
from crossfade.domain.intent import Intent
from crossfade.domain.operation import OperationKind
from crossfade.domain.revision import Document, TargetKind
from crossfade.domain.rule import Rule
from crossfade.manifests.findings import Finding, Severity, summary
from crossfade.manifests.render import commit_message


@dataclass(frozen=True, slots=True)
class Comparison:
    """One target's document as it would be, beside what is there now."""

    target: TargetKind
    path: str
    proposed: str
    current: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a deploy would change, in a sentence, in findings and in documents."""

    summary: str
    findings: tuple[Finding, ...]
    documents: tuple[Comparison, ...]
    commit_message: str
    edition: int | None
    changes: bool


async def preview_rule(ports: Ports, rule_id: str, actor: str) -> Preview:
    """The preview of a kept draft."""
    async with ports.work() as work:
        rule = await work.rules.get(rule_id)
    return await preview_intent(ports, rule.intent, actor)


async def preview_intent(ports: Ports, intent: Intent, actor: str) -> Preview:
    """The preview of an intent, kept or not."""
    async with ports.work() as work:
        rule = await work.rules.find(intent.key)
        live = await live_revision(work, rule) if rule else None
        service = await work.local_services.get(intent.key)
        generation = 1 + await work.revisions.highest(intent.key)
    known = rule or _unsaved(ports, intent)
    wish = Wish(kind=OperationKind.DEPLOY, intent=intent, live=live.intent if live else None)
    proposed = picture(ports, known, wish, generation, Request(actor=actor))
    comparisons, troubles = await _compare(ports, intent, proposed.documents)
    live_intent = live.intent if live else None
    return Preview(
        summary=summary(intent, live_intent),
        findings=(*look_around(ports, intent, live_intent, service), *troubles),
        documents=tuple(comparisons),
        commit_message=commit_message(proposed, OperationKind.DEPLOY),
        edition=rule.edition if rule else None,
        changes=live_intent != intent,
    )


def _unsaved(ports: Ports, intent: Intent) -> Rule:
    now = ports.clock.now()
    return Rule(id="unsaved", intent=intent, created_at=now, updated_at=now)


async def _compare(
    ports: Ports, intent: Intent, documents: Sequence[Document]
) -> tuple[list[Comparison], list[Finding]]:
    comparisons, troubles = [], []
    for document in documents:
        try:
            current = await _current(ports, intent, document)
        except UnavailableError as error:
            current = None
            message = f"What {document.target} holds now cannot be read: {error}"
            troubles.append(Finding(Severity.WARNING, "target-unreadable", message, ""))
        comparisons.append(Comparison(document.target, document.path, document.content, current))
    return comparisons, troubles


async def _current(ports: Ports, intent: Intent, document: Document) -> str | None:
    if document.target is TargetKind.GIT:
        found = await ports.repository.read(document.path)
        return found.content if found else None
    observed = await ports.mesh.observe(intent.key)
    return observed.document if observed else None
