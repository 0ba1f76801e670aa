"""Whole and ordinary values, so that a test names only what it is about."""

from uuid import uuid4

from tests.fakes.clock import NOON

from crossfade.domain.audit import Act
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation, OperationKind
from crossfade.domain.revision import Document, Revision, TargetKind
from crossfade.domain.rule import Rule
from crossfade.domain.share import WHOLE
from crossfade.domain.target import Target

CHECKOUT = ServiceKey("local", "shop", "checkout")


def an_intent(key: ServiceKey = CHECKOUT, *, canary: int = 2_000) -> Intent:
    """Two versions; the canary's share is in hundredths of a percent."""
    return Intent(key, (Version("v1", WHOLE - canary), Version("v2", canary)))


def a_rule(intent: Intent | None = None, rule_id: str | None = None) -> Rule:
    """A draft that nobody has deployed."""
    chosen = rule_id or str(uuid4())
    return Rule(id=chosen, intent=intent or an_intent(), created_at=NOON, updated_at=NOON)


def a_revision(rule: Rule, generation: int = 1) -> Revision:
    """The picture of the rule's draft."""
    return Revision(
        rule_id=rule.id,
        generation=generation,
        intent=rule.intent,
        renderer=1,
        documents=tuple(_document(kind, rule.key) for kind in TargetKind),
        author="alice",
        created_at=NOON,
    )


def a_target(rule: Rule, kind: TargetKind = TargetKind.ENVOY, generation: int = 1) -> Target:
    """A target that was never aimed at."""
    return Target(rule_id=rule.id, key=rule.key, kind=kind, desired_generation=generation)


def an_operation(rule: Rule, generation: int = 1, key: str | None = None) -> Operation:
    """A deploy on its way."""
    return Operation(
        id=str(uuid4()),
        rule_id=rule.id,
        key=rule.key,
        kind=OperationKind.DEPLOY,
        generation=generation,
        edition=rule.edition,
        actor="alice",
        idempotency_key=key,
        created_at=NOON,
    )


def an_act(summary: str = "alice made a rule") -> Act:
    """Somebody did something."""
    return Act(at=NOON, actor="alice", action="rule.created", key=CHECKOUT, summary=summary)


def _document(kind: TargetKind, key: ServiceKey) -> Document:
    return Document(kind, f"{key.namespace}/{key.service}.yaml", f"kind: {kind}\n", f"sha-{kind}")
