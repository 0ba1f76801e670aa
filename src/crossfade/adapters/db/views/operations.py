"""One operation with its stages."""

from sqlalchemy import Text, bindparam, text

from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.views.fragments import operation
from crossfade.domain.errors import OperationNotFoundError

_OPERATION = text(f"""
    SELECT {operation("operations")}::text AS body FROM operations WHERE id = :operation_id
""").bindparams(bindparam("operation_id", type_=Text))


async def operation_view(reader: Reader, operation_id: str) -> bytes:
    """One operation; OperationNotFoundError."""
    row = await reader.row(_OPERATION, {"operation_id": operation_id})
    if row is None:
        raise OperationNotFoundError(f"There is no operation {operation_id}.")
    return str(row["body"]).encode()
