"""Where each rule must become true; these rows are what is claimed.

A lease ends by the database's clock. Whoever takes a row raises its token, and a result counts
only under the token it was claimed with.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Executable, and_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import drift_columns, key_columns, progress_columns, to_target
from crossfade.adapters.db.stores.errands import LEASE, claim_errands, confirmed_pictures
from crossfade.adapters.db.tables import targets
from crossfade.adapters.db.transaction import Transaction
from crossfade.application.ports import Errand
from crossfade.domain.errors import LeaseLostError
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.target import Drift, Target, TargetState

_TARGET = targets.c
_KINDS = list(TargetKind)


class TargetStore:
    """Rows of targets."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, rule_id: str) -> tuple[Target, ...]:
        """The rule's targets, in the order of their kinds."""
        rows = await self._transaction.rows(select(targets).where(_TARGET.rule_id == rule_id))
        found = (to_target(row) for row in rows)
        return tuple(sorted(found, key=lambda target: _KINDS.index(target.kind)))

    async def aim(self, target: Target, *, holder: str | None = None) -> Target:
        """Set what the target should hold, due now, and take it from whoever works on it."""
        row = await self._transaction.write(_aim(target, holder))
        assert row is not None, "an upsert always answers its row"
        return to_target(row)

    async def claim(self, kind: TargetKind, holder: str, limit: int) -> tuple[Errand, ...]:
        """Lease due targets that nobody holds, each with its revision and operation."""
        return await claim_errands(self._transaction, kind, holder, limit)

    async def record(self, target: Target, *, retry_in_s: float | None = None) -> None:
        """Keep how far the target came and give the lease back."""
        if await self._transaction.write(_record(target, retry_in_s)) is None:
            raise LeaseLostError(
                f"Somebody else works on the {target.kind} target of {target.key}."
            )

    async def confirmed(self, kind: TargetKind) -> Sequence[tuple[Target, Revision]]:
        """Every target of a kind that holds a revision, with the confirmed one."""
        return await confirmed_pictures(self._transaction, kind)

    async def drifted(self, rule_id: str, kind: TargetKind, drift: Drift | None) -> None:
        """Keep (or clear) how a confirmed target differs, without touching its lease."""
        mine = and_(_TARGET.rule_id == rule_id, _TARGET.kind == kind)
        confirmed = _TARGET.state == TargetState.CONFIRMED
        change = update(targets).where(mine, confirmed).values(drift_columns(drift))
        await self._transaction.write(change.returning(_TARGET.token))


def _aim(target: Target, holder: str | None) -> Executable:
    lease_until = None if holder is None else func.clock_timestamp() + literal(LEASE)
    aimed = {
        "desired_generation": target.desired_generation,
        "presence": target.presence,
        "state": TargetState.PENDING,
        "error": None,
        "attempts": 0,
        "holder": holder,
        "lease_until": lease_until,
        "next_at": func.now(),
    }
    created = {"rule_id": target.rule_id, "kind": target.kind, **key_columns(target.key)}
    upsert = insert(targets).values({**created, **aimed, "token": 1})
    return upsert.on_conflict_do_update(
        index_elements=[_TARGET.rule_id, _TARGET.kind],
        set_={**aimed, "token": _TARGET.token + 1},
    ).returning(targets)


def _record(target: Target, retry_in_s: float | None) -> Executable:
    mine = (
        _TARGET.rule_id == target.rule_id,
        _TARGET.kind == target.kind,
        _TARGET.token == target.token,
    )
    pause = None if retry_in_s is None else literal(timedelta(seconds=retry_in_s))
    next_at = None if pause is None else func.clock_timestamp() + pause
    kept = {**progress_columns(target), "holder": None, "lease_until": None, "next_at": next_at}
    return update(targets).where(*mine).values(kept).returning(_TARGET.token)
