"""The drafts."""

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import rule_columns, to_rule
from crossfade.adapters.db.tables import traffic_rules
from crossfade.adapters.db.transaction import Transaction
from crossfade.domain.errors import RuleExistsError, RuleNotFoundError
from crossfade.domain.names import ServiceKey
from crossfade.domain.rule import Rule

_RULE = traffic_rules.c


class RuleStore:
    """Rows of traffic_rules."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, rule_id: str, *, lock: bool = False) -> Rule:
        """The rule; with `lock`, nobody else locks or changes it until this work ends."""
        query = select(traffic_rules).where(_RULE.id == rule_id)
        if lock:
            # Weaker than FOR UPDATE: a new target may still point at the row.
            query = query.with_for_update(key_share=True)
        row = await self._transaction.row(query)
        if row is None:
            raise RuleNotFoundError(f"There is no rule {rule_id}.")
        return to_rule(row)

    async def find(self, key: ServiceKey) -> Rule | None:
        """The rule of a service."""
        row = await self._transaction.row(select(traffic_rules).where(_of(key)))
        return None if row is None else to_rule(row)

    async def add(self, rule: Rule) -> None:
        """Keep a new rule."""
        kept = insert(traffic_rules).values(rule_columns(rule)).on_conflict_do_nothing()
        if await self._transaction.write(kept.returning(_RULE.id)) is None:
            raise await self._exists(rule.key)

    async def save(self, rule: Rule) -> None:
        """Keep the rule as it is now."""
        change = update(traffic_rules).where(_RULE.id == rule.id).values(rule_columns(rule))
        if await self._transaction.write(change.returning(_RULE.id)) is None:
            raise RuleNotFoundError(f"There is no rule {rule.id}.")

    async def delete(self, rule_id: str) -> None:
        """Forget the rule; its targets go with it."""
        gone = delete(traffic_rules).where(_RULE.id == rule_id)
        await self._transaction.write(gone.returning(_RULE.id))

    async def _exists(self, key: ServiceKey) -> RuleExistsError:
        present = await self._transaction.row(select(_RULE.id).where(_of(key)))
        rule_id = "" if present is None else present["id"]
        return RuleExistsError(f"{key} already has a rule ({rule_id}).", rule_id)


def _of(key: ServiceKey) -> ColumnElement[bool]:
    return and_(
        _RULE.namespace == key.namespace,
        _RULE.service_name == key.service,
        _RULE.cluster == key.cluster,
    )
