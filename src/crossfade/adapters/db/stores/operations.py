"""The record of acts."""

from collections.abc import Sequence

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import operation_columns, to_operation
from crossfade.adapters.db.tables import operations
from crossfade.adapters.db.transaction import Transaction
from crossfade.domain.errors import KeyReusedError, OperationNotFoundError
from crossfade.domain.operation import Operation, OperationState

_OPERATION = operations.c
_NEWEST_FIRST = _OPERATION.n.desc()


class OperationStore:
    """Rows of operations, in the order in which they were added."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, operation: Operation) -> None:
        """Keep a new operation; KeyReusedError where its idempotency key is taken."""
        kept = insert(operations).values(operation_columns(operation)).on_conflict_do_nothing()
        if await self._transaction.write(kept.returning(_OPERATION.id)) is None:
            raise KeyReusedError(
                f"The idempotency key {operation.idempotency_key!r} belongs to another act."
            )

    async def get(self, operation_id: str) -> Operation:
        """The operation."""
        found = await self._first(select(operations).where(_OPERATION.id == operation_id))
        if found is None:
            raise OperationNotFoundError(f"There is no operation {operation_id}.")
        return found

    async def save(self, operation: Operation) -> None:
        """Keep the operation as it is now."""
        change = update(operations).where(_OPERATION.id == operation.id)
        saved = change.values(operation_columns(operation)).returning(_OPERATION.id)
        if await self._transaction.write(saved) is None:
            raise OperationNotFoundError(f"There is no operation {operation.id}.")

    async def by_key(self, idempotency_key: str) -> Operation | None:
        """The operation that was made under an idempotency key."""
        query = select(operations).where(_OPERATION.idempotency_key == idempotency_key)
        return await self._first(query)

    async def newest(self, rule_id: str) -> Operation | None:
        """The rule's newest operation."""
        query = select(operations).where(_OPERATION.rule_id == rule_id)
        return await self._first(query.order_by(_NEWEST_FIRST).limit(1))

    async def running(self, rule_id: str) -> Sequence[Operation]:
        """The rule's operations that have not ended, oldest first."""
        running = _OPERATION.state == OperationState.RUNNING
        query = select(operations).where(_OPERATION.rule_id == rule_id, running)
        rows = await self._transaction.rows(query.order_by(_OPERATION.n))
        return [to_operation(row) for row in rows]

    async def of_generation(self, rule_id: str, generation: int) -> Operation | None:
        """The newest operation that made, or repairs, this generation."""
        query = select(operations).where(
            _OPERATION.rule_id == rule_id, _OPERATION.generation == generation
        )
        return await self._first(query.order_by(_NEWEST_FIRST).limit(1))

    async def _first(self, query: Select[tuple[object, ...]]) -> Operation | None:
        row = await self._transaction.row(query)
        return None if row is None else to_operation(row)
