"""The drafts."""

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import rule_columns, to_rule
from crossfade.adapters.db.stores.held import hold
from crossfade.adapters.db.stores.services import named, of_service
from crossfade.adapters.db.tables import traffic_rules
from crossfade.adapters.db.transaction import Transaction
from crossfade.application.work import HeldRule
from crossfade.domain.errors import RuleExistsError, RuleNotFoundError
from crossfade.domain.names import ServiceKey
from crossfade.domain.rule import Rule

_ID = traffic_rules.c.id
_THIS = bindparam("this_rule") == _ID
_GET = select(traffic_rules).where(_THIS)
# Weaker than FOR UPDATE: a new target may still point at the row.
_LOCK = _GET.with_for_update(key_share=True)
_FIND = select(traffic_rules).where(of_service(traffic_rules))
_ADD = insert(traffic_rules).on_conflict_do_nothing().returning(_ID)
_SAVE = update(traffic_rules).where(_THIS).returning(_ID)
_DELETE = delete(traffic_rules).where(_THIS).returning(_ID)


class RuleStore:
    """Rows of traffic_rules."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, rule_id: str, *, lock: bool = False) -> Rule:
        """The rule; with `lock`, nobody else locks or changes it until this work ends."""
        row = await self._transaction.row(_LOCK if lock else _GET, {"this_rule": rule_id})
        if row is None:
            raise _missing(rule_id)
        return to_rule(row)

    async def hold(self, rule_id: str) -> HeldRule:
        """The rule, locked, with its deployed picture and its local service."""
        held = await hold(self._transaction, rule_id)
        if held is None:
            raise _missing(rule_id)
        return held

    async def find(self, key: ServiceKey) -> Rule | None:
        """The rule of a service."""
        row = await self._transaction.row(_FIND, named(key))
        return None if row is None else to_rule(row)

    async def add(self, rule: Rule) -> None:
        """Keep a new rule."""
        if await self._transaction.write(_ADD, rule_columns(rule)) is None:
            present = await self._transaction.row(_FIND, named(rule.key))
            rule_id = "" if present is None else present["id"]
            raise RuleExistsError(f"{rule.key} already has a rule ({rule_id}).", rule_id)

    async def save(self, rule: Rule) -> None:
        """Keep the rule as it is now."""
        columns = {**rule_columns(rule), "this_rule": rule.id}
        if await self._transaction.write(_SAVE, columns) is None:
            raise _missing(rule.id)

    async def delete(self, rule_id: str) -> None:
        """Forget the rule; its targets go with it."""
        await self._transaction.write(_DELETE, {"this_rule": rule_id})


def _missing(rule_id: str) -> RuleNotFoundError:
    return RuleNotFoundError(f"There is no rule {rule_id}.")
