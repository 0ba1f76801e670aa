"""Who owns what only one process may own; a lease ends by the database's clock."""

from datetime import timedelta

from sqlalchemy import delete, func, literal, or_, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.tables import leases, targets
from crossfade.adapters.db.transaction import Transaction

_LEASE = leases.c


class LeaseStore:
    """Rows of leases."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take(self, name: str, holder: str, ttl_s: float) -> bool:
        """Take, or renew, the lease; False where somebody else holds it."""
        now = func.clock_timestamp()
        until = now + literal(timedelta(seconds=ttl_s))
        taken = insert(leases).values(name=name, holder=holder, until=until)
        upsert = taken.on_conflict_do_update(
            index_elements=[_LEASE.name],
            set_={"holder": taken.excluded.holder, "until": taken.excluded.until},
            where=or_(_LEASE.holder == holder, _LEASE.until <= now),
        )
        return bool(await self._transaction.lease(upsert.returning(_LEASE.name)))

    async def give_back(self, name: str, holder: str) -> None:
        """Let go of the lease, if it is held."""
        gone = delete(leases).where(_LEASE.name == name, _LEASE.holder == holder)
        await self._transaction.lease(gone.returning(_LEASE.name))

    async def forget_all(self) -> None:
        """Every lease is void: for a process that alone can reach this database."""
        held = update(targets).where(targets.c.holder.is_not(None))
        freed = held.values(holder=None, lease_until=None, token=targets.c.token + 1)
        await self._transaction.lease(delete(leases).returning(_LEASE.name))
        await self._transaction.lease(freed.returning(targets.c.token))
