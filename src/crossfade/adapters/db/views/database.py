"""Every view, on one reader."""

from collections.abc import Mapping, Sequence

from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.views.audit import audit_page
from crossfade.adapters.db.views.operations import operation_view
from crossfade.adapters.db.views.revisions import revision_page, revision_view
from crossfade.adapters.db.views.rules import rule_page, rule_view
from crossfade.adapters.db.views.services import rule_ids, service_list
from crossfade.application.views import AuditFilter, RuleFilter, RuleView
from crossfade.domain.names import ServiceKey


class DatabaseViews:
    """JSON for the API, ready to be sent."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def rules(self, wanted: RuleFilter) -> bytes:
        """A page of rules, by namespace and service."""
        return await rule_page(self._reader, wanted)

    async def rule(self, rule_id: str) -> RuleView:
        """One rule with its targets and its newest operation."""
        return await rule_view(self._reader, rule_id)

    async def operation(self, operation_id: str) -> bytes:
        """An operation with its stages."""
        return await operation_view(self._reader, operation_id)

    async def revisions(self, rule_id: str, *, limit: int = 50, before: int | None = None) -> bytes:
        """A page of the rule's revisions, newest first."""
        return await revision_page(self._reader, rule_id, limit, before)

    async def revision(self, rule_id: str, generation: int) -> bytes:
        """One revision with its documents."""
        return await revision_view(self._reader, rule_id, generation)

    async def audit(self, wanted: AuditFilter) -> bytes:
        """A page of the audit chain, newest first."""
        return await audit_page(self._reader, wanted)

    async def services(self) -> bytes:
        """Every local service, with the rule that divides its traffic."""
        return await service_list(self._reader)

    async def rule_ids(self, keys: Sequence[ServiceKey]) -> Mapping[ServiceKey, str]:
        """The rule of each of these services, by its id."""
        return await rule_ids(self._reader, keys)
