"""Addresses on this machine, by service."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import local_service_columns, to_local_service
from crossfade.adapters.db.stores.services import named, of_service
from crossfade.adapters.db.tables import local_endpoints
from crossfade.adapters.db.transaction import Transaction
from crossfade.domain.addresses import LocalService
from crossfade.domain.names import ServiceKey

_COLUMN = local_endpoints.c
_THIS = of_service(local_endpoints)
_GET = select(local_endpoints).where(_THIS)
_ALL = select(local_endpoints).order_by(_COLUMN.namespace, _COLUMN.service_name)
_NEW = insert(local_endpoints)
_PUT = _NEW.on_conflict_do_update(
    index_elements=[_COLUMN.namespace, _COLUMN.service_name, _COLUMN.cluster],
    set_={"versions": _NEW.excluded.versions},
).returning(_COLUMN.service_name)
_DELETE = delete(local_endpoints).where(_THIS).returning(_COLUMN.service_name)


class LocalServiceStore:
    """Rows of local_endpoints."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, key: ServiceKey) -> LocalService | None:
        """The service's addresses."""
        row = await self._transaction.row(_GET, named(key))
        return None if row is None else to_local_service(row)

    async def all(self) -> Sequence[LocalService]:
        """Every local service, by name."""
        return [to_local_service(row) for row in await self._transaction.rows(_ALL)]

    async def put(self, service: LocalService) -> None:
        """Keep the service's addresses, in place of the older ones."""
        await self._transaction.write(_PUT, local_service_columns(service))

    async def delete(self, key: ServiceKey) -> None:
        """Forget the service."""
        await self._transaction.write(_DELETE, named(key))
