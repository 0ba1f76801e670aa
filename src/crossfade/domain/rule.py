"""A rule: the draft of an intent, its edition, and what of it is deployed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation, OperationState
from crossfade.domain.target import Target


class RuleState(StrEnum):
    """What the screen says of a rule."""

    DRAFT = "draft"
    UNDEPLOYED_CHANGES = "undeployed-changes"
    DEPLOYING = "deploying"
    LIVE = "live"
    ROLLING_OUT = "rolling-out"
    DRIFT = "drift"
    FAILED = "failed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as it is kept. `generation` is the desired revision's; None until deployed."""

    id: str
    intent: Intent
    created_at: datetime
    updated_at: datetime
    edition: int = 1
    state: RuleState = RuleState.DRAFT
    is_active: bool = True
    generation: int | None = None
    deployed_at: datetime | None = None

    @property
    def key(self) -> ServiceKey:
        """The service this rule is for."""
        return self.intent.key

    def edited(self, intent: Intent, now: datetime) -> "Rule":
        """The rule with a new draft; an edit that changes nothing keeps its edition."""
        if intent == self.intent:
            return self
        return replace(self, intent=intent, edition=self.edition + 1, updated_at=now)


def standing(
    rule: Rule, live: Intent | None, targets: Iterable[Target], operation: Operation | None
) -> RuleState:
    """The state of a rule, from its newest operation, its targets and its deployed intent."""
    if operation is not None and operation.running:
        return RuleState.DEPLOYING
    if not rule.is_active:
        return RuleState.RELEASED
    if _failed(rule, operation):
        return RuleState.FAILED
    if any(target.drift is not None for target in targets):
        return RuleState.DRIFT
    return _draft_state(rule, live)


def _draft_state(rule: Rule, live: Intent | None) -> RuleState:
    if live is None:
        return RuleState.DRAFT
    return RuleState.LIVE if live == rule.intent else RuleState.UNDEPLOYED_CHANGES


def _failed(rule: Rule, operation: Operation | None) -> bool:
    return (
        operation is not None
        and operation.state is OperationState.FAILED
        and operation.edition == rule.edition
    )
