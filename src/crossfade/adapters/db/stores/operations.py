"""The record of acts."""

from collections.abc import Sequence

from sqlalchemy import Executable, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import Columns, operation_columns, to_operation
from crossfade.adapters.db.stores.requested import add_requested, key_reused
from crossfade.adapters.db.tables import operations
from crossfade.adapters.db.transaction import Transaction
from crossfade.domain.errors import OperationNotFoundError
from crossfade.domain.operation import Operation, OperationState
from crossfade.domain.revision import Revision

_COLUMN = operations.c
_THIS = _COLUMN.id == bindparam("this_operation")
_OF_RULE = select(operations).where(_COLUMN.rule_id == bindparam("of_rule"))
_NEWEST = _OF_RULE.order_by(_COLUMN.n.desc()).limit(1)
_ADD = insert(operations).on_conflict_do_nothing().returning(_COLUMN.id)
_GET = select(operations).where(_THIS)
_SAVE = update(operations).where(_THIS).returning(_COLUMN.id)
_BY_KEY = select(operations).where(_COLUMN.idempotency_key == bindparam("this_key"))
_RUNNING = _OF_RULE.where(_COLUMN.state == OperationState.RUNNING).order_by(_COLUMN.n)
_OF_GENERATION = _NEWEST.where(_COLUMN.generation == bindparam("this_generation"))


class OperationStore:
    """Rows of operations, in the order in which they were added."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, operation: Operation, revision: Revision | None = None) -> None:
        """Keep a new operation, with the picture that it is to make true where that is new."""
        if revision is not None:
            await add_requested(self._transaction, operation, revision)
        elif await self._transaction.write(_ADD, operation_columns(operation)) is None:
            raise key_reused(operation)

    async def get(self, operation_id: str) -> Operation:
        """The operation."""
        found = await self._first(_GET, {"this_operation": operation_id})
        if found is None:
            raise _missing(operation_id)
        return found

    async def save(self, operation: Operation) -> None:
        """Keep the operation as it is now."""
        columns = {**operation_columns(operation), "this_operation": operation.id}
        if await self._transaction.write(_SAVE, columns) is None:
            raise _missing(operation.id)

    async def by_key(self, idempotency_key: str) -> Operation | None:
        """The operation that was made under an idempotency key."""
        return await self._first(_BY_KEY, {"this_key": idempotency_key})

    async def newest(self, rule_id: str) -> Operation | None:
        """The rule's newest operation."""
        return await self._first(_NEWEST, {"of_rule": rule_id})

    async def running(self, rule_id: str) -> Sequence[Operation]:
        """The rule's operations that have not ended, oldest first."""
        rows = await self._transaction.rows(_RUNNING, {"of_rule": rule_id})
        return [to_operation(row) for row in rows]

    async def of_generation(self, rule_id: str, generation: int) -> Operation | None:
        """The newest operation that made, or repairs, this generation."""
        wanted = {"of_rule": rule_id, "this_generation": generation}
        return await self._first(_OF_GENERATION, wanted)

    async def _first(self, query: Executable, wanted: Columns) -> Operation | None:
        row = await self._transaction.row(query, wanted)
        return None if row is None else to_operation(row)


def _missing(operation_id: str) -> OperationNotFoundError:
    return OperationNotFoundError(f"There is no operation {operation_id}.")
