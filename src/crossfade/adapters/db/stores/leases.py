"""Who owns what only one process may own; a lease ends by the database's clock."""

from datetime import timedelta

from sqlalchemy import Interval, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.tables import leases, targets
from crossfade.adapters.db.transaction import Transaction

_COLUMN = leases.c
_NOW = func.clock_timestamp()
_NEW = insert(leases).values(until=_NOW + bindparam("ttl", type_=Interval))
_TAKE = _NEW.on_conflict_do_update(
    index_elements=[_COLUMN.name],
    set_={"holder": _NEW.excluded.holder, "until": _NEW.excluded.until},
    where=or_(_COLUMN.holder == _NEW.excluded.holder, _COLUMN.until <= _NOW),
).returning(_COLUMN.name)
_GIVE_BACK = (
    delete(leases)
    .where(_COLUMN.name == bindparam("this_name"), _COLUMN.holder == bindparam("this_holder"))
    .returning(_COLUMN.name)
)
_HOLDER = select(leases).where(_COLUMN.name == bindparam("this_name"), _COLUMN.until > _NOW)
_FORGET_ALL = delete(leases).returning(_COLUMN.name)
_FREE_TARGETS = (
    update(targets)
    .where(targets.c.holder.is_not(None))
    .values(holder=None, lease_until=None, token=targets.c.token + 1)
    .returning(targets.c.token)
)


class LeaseStore:
    """Rows of leases."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take(self, name: str, holder: str, ttl_s: float) -> bool:
        """Take, or renew, the lease; False where somebody else holds it."""
        wanted = {"name": name, "holder": holder, "ttl": timedelta(seconds=ttl_s)}
        return bool(await self._transaction.lease(_TAKE, wanted))

    async def give_back(self, name: str, holder: str) -> None:
        """Let go of the lease, if it is held."""
        await self._transaction.lease(_GIVE_BACK, {"this_name": name, "this_holder": holder})

    async def holder(self, name: str) -> str | None:
        """Who holds the lease now."""
        row = await self._transaction.row(_HOLDER, {"this_name": name})
        return None if row is None else str(row["holder"])

    async def forget_all(self) -> None:
        """Every lease, of targets too, is void: for whoever alone can reach this database."""
        await self._transaction.lease(_FORGET_ALL)
        await self._transaction.lease(_FREE_TARGETS)
