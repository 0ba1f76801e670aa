"""Addresses on this machine, by service."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import local_service_columns, to_local_service
from crossfade.adapters.db.tables import local_endpoints
from crossfade.adapters.db.transaction import Transaction
from crossfade.application.ports import LocalService
from crossfade.domain.names import ServiceKey

_SERVICE = local_endpoints.c


class LocalServiceStore:
    """Rows of local_endpoints."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, key: ServiceKey) -> LocalService | None:
        """The service's addresses."""
        row = await self._transaction.row(select(local_endpoints).where(_of(key)))
        return None if row is None else to_local_service(row)

    async def all(self) -> Sequence[LocalService]:
        """Every local service, by name."""
        query = select(local_endpoints).order_by(_SERVICE.namespace, _SERVICE.service_name)
        return [to_local_service(row) for row in await self._transaction.rows(query)]

    async def put(self, service: LocalService) -> None:
        """Keep the service's addresses, in place of the older ones."""
        kept = insert(local_endpoints).values(local_service_columns(service))
        upsert = kept.on_conflict_do_update(
            index_elements=[_SERVICE.namespace, _SERVICE.service_name, _SERVICE.cluster],
            set_={"versions": kept.excluded.versions},
        )
        await self._transaction.write(upsert.returning(_SERVICE.service_name))

    async def delete(self, key: ServiceKey) -> None:
        """Forget the service."""
        gone = delete(local_endpoints).where(_of(key))
        await self._transaction.write(gone.returning(_SERVICE.service_name))


def _of(key: ServiceKey) -> ColumnElement[bool]:
    return and_(
        _SERVICE.namespace == key.namespace,
        _SERVICE.service_name == key.service,
        _SERVICE.cluster == key.cluster,
    )
