"""What the API shows: JSON that is ready to be sent, as bytes.

Every moment in it has one form, `moment_text`; every weight and share is a number in percent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from crossfade.domain.names import ServiceKey


def moment_text(at: datetime) -> str:
    """A moment as RFC 3339 in UTC with microseconds: "2026-03-01T12:00:00.000000Z"."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFilter:
    """Which rules a page shows, and after which one it begins.

    `service` is an exact name, `q` a part of the name of a service or namespace. Counts and the
    total heed everything but `state` and `cursor`.
    """

    namespace: str | None = None
    service: str | None = None
    state: str | None = None
    q: str | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries of the audit chain a page shows, newest first, below the number `before`."""

    actor: str | None = None
    action: str | None = None
    service: str | None = None
    namespace: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule as the API shows it, with the edition that its ETag carries."""

    edition: int
    body: bytes


class Views(Protocol):
    """Reads for the screen, each in one short look at the database."""

    async def rules(self, wanted: RuleFilter) -> bytes:
        """A page of rules, by namespace and service."""

    async def rule(self, rule_id: str) -> RuleView:
        """One rule with its targets and its newest operation; RuleNotFoundError."""

    async def operation(self, operation_id: str) -> bytes:
        """An operation with its stages; OperationNotFoundError."""

    async def revisions(self, rule_id: str, *, limit: int = 50, before: int | None = None) -> bytes:
        """A page of the rule's revisions, newest first; RuleNotFoundError."""

    async def revision(self, rule_id: str, generation: int) -> bytes:
        """One revision with its documents; RevisionNotFoundError."""

    async def audit(self, wanted: AuditFilter) -> bytes:
        """A page of the audit chain, newest first."""

    async def services(self) -> bytes:
        """Every local service, with the rule that divides its traffic."""

    async def rule_ids(self, keys: Sequence[ServiceKey]) -> Mapping[ServiceKey, str]:
        """The rule of each of these services, by its id; those without one are left out."""
