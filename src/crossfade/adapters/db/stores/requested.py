"""A new operation with the picture that it is to make true: rows of two tables in one go."""

from typing import Final

from sqlalchemy import CTE, ColumnElement, Table, bindparam, select, true
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import Columns, operation_columns, revision_columns
from crossfade.adapters.db.tables import operations, revisions
from crossfade.adapters.db.transaction import Transaction
from crossfade.domain.errors import ConflictError, KeyReusedError
from crossfade.domain.operation import Operation
from crossfade.domain.revision import Revision

NUMBERED_BY_THE_DATABASE: Final = "n"


def _added(table: Table, answer: ColumnElement[object]) -> CTE:
    """A new row of a table, of parameters that carry its name; no row where its key is taken."""
    columns = (column for column in table.c if column.name != NUMBERED_BY_THE_DATABASE)
    row = {
        column.name: bindparam(f"{table.name}_{column.name}", type_=column.type)
        for column in columns
    }
    return (
        insert(table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(answer)
        .cte(table.name + "_added")
    )


def _of(table: Table, columns: Columns) -> Columns:
    """The parameters of a new row of a table."""
    return {f"{table.name}_{name}": value for name, value in columns.items()}


_OPERATION = _added(operations, operations.c.id)
_REVISION = _added(revisions, revisions.c.generation)
_ADD = select(_OPERATION.c.id, _REVISION.c.generation).join_from(
    _OPERATION, _REVISION, true(), full=True
)


async def add_requested(transaction: Transaction, operation: Operation, revision: Revision) -> None:
    """Keep both; KeyReusedError or ConflictError where the key or the generation is taken."""
    rows = {
        **_of(operations, operation_columns(operation)),
        **_of(revisions, revision_columns(revision)),
    }
    added = await transaction.write(_ADD, rows)
    if added is None or added["id"] is None:
        raise key_reused(operation)
    if added["generation"] is None:
        raise generation_taken(revision)


def key_reused(operation: Operation) -> KeyReusedError:
    """The refusal of an operation whose idempotency key is taken."""
    return KeyReusedError(
        f"The idempotency key {operation.idempotency_key!r} belongs to another act."
    )


def generation_taken(revision: Revision) -> ConflictError:
    """The refusal of a picture whose generation is taken."""
    return ConflictError(f"{revision.key} already has a revision {revision.generation}.")
