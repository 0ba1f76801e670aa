"""Where each rule must become true; these rows are what is claimed.

A lease ends by the database's clock. Whoever takes a row raises its token, and a result counts
only under the token it was claimed with.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import (
    Interval,
    RowMapping,
    and_,
    bindparam,
    case,
    column,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from crossfade.adapters.db.rows import (
    AIM_COLUMNS,
    aim_columns,
    drift_columns,
    progress_columns,
    to_target,
)
from crossfade.adapters.db.stores.errands import (
    LEASE,
    claim_errands,
    confirmed_pictures,
    unproven_pictures,
)
from crossfade.adapters.db.tables import targets
from crossfade.adapters.db.transaction import Transaction
from crossfade.application.work import Errand
from crossfade.domain.errors import LeaseLostError
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.target import Drift, Target, TargetState

_COLUMN = targets.c
_KINDS = list(TargetKind)
_THIS = and_(
    _COLUMN.rule_id == bindparam("this_rule"),
    _COLUMN.kind == bindparam("this_kind"),
)
_OF = select(targets).where(_COLUMN.rule_id == bindparam("this_rule"))
# A span that is not given makes no moment: nothing is due.
_DUE = func.clock_timestamp() + bindparam("pause", type_=Interval)
_AIMS = (
    func.unnest(
        *(bindparam(f"aim_{name}", type_=ARRAY(_COLUMN[name].type)) for name in AIM_COLUMNS)
    )
    .table_valued(*(column(name, _COLUMN[name].type) for name in AIM_COLUMNS), name="aims")
    .render_derived()
)
_LEASED = case((_AIMS.c.holder.is_not(None), func.clock_timestamp() + literal(LEASE)))
_NEW = insert(targets).from_select(
    [*AIM_COLUMNS, "token", "lease_until", "next_at"],
    select(_AIMS, literal(1), _LEASED, func.now()),
)
_AIMED = (
    *("desired_generation", "presence", "state", "error", "attempts"),
    *("proof", "applied_at", "proven", "reverts", "reverted_by", "holder"),
)
_AIM = _NEW.on_conflict_do_update(
    index_elements=[_COLUMN.rule_id, _COLUMN.kind],
    set_={
        **{name: _NEW.excluded[name] for name in (*_AIMED, "lease_until", "next_at")},
        "token": _COLUMN.token + 1,
    },
).returning(targets)
_RECORD = (
    update(targets)
    .where(_THIS, _COLUMN.token == bindparam("this_token"))
    .values(holder=None, lease_until=None, next_at=_DUE)
    .returning(_COLUMN.token)
)
_HASTEN = (
    update(targets)
    .where(_THIS, _COLUMN.state.in_((TargetState.PENDING, TargetState.WAITING)))
    .values(next_at=func.now())
    .returning(_COLUMN.token)
)
_PROVEN = (
    update(targets)
    .where(_THIS, _COLUMN.token == bindparam("this_token"))
    .values(proof=bindparam("late_proof"))
    .returning(_COLUMN.token)
)
_DRIFTED = (
    update(targets).where(_THIS, _COLUMN.state == TargetState.CONFIRMED).returning(_COLUMN.token)
)


class TargetStore:
    """Rows of targets."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, rule_id: str) -> tuple[Target, ...]:
        """The rule's targets, in the order of their kinds."""
        return _in_order(await self._transaction.rows(_OF, {"this_rule": rule_id}))

    async def aim(self, *aimed: Target, mesh_holder: str | None = None) -> tuple[Target, ...]:
        """Set what the targets should hold, due now, and take them from whoever works on them."""
        rows = [aim_columns(target, mesh_holder) for target in aimed]
        columns = {f"aim_{name}": [row[name] for row in rows] for name in AIM_COLUMNS}
        return _in_order(await self._transaction.writes(_AIM, columns))

    async def claim(self, kind: TargetKind, holder: str, limit: int) -> tuple[Errand, ...]:
        """Lease due targets that nobody holds, each with its revision and operation."""
        return await claim_errands(self._transaction, kind, holder, limit)

    async def record(self, target: Target, *, retry_in_s: float | None = None) -> None:
        """Keep how far the target came and give the lease back."""
        pause = None if retry_in_s is None else timedelta(seconds=retry_in_s)
        mine = {"this_rule": target.rule_id, "this_kind": target.kind, "this_token": target.token}
        columns = {**progress_columns(target), **mine, "pause": pause}
        if await self._transaction.write(_RECORD, columns) is None:
            detail = f"Somebody else works on the {target.kind} target of {target.key}."
            raise LeaseLostError(detail)

    async def hasten(self, rule_id: str, kind: TargetKind) -> None:
        """Let a target that waits be tried again at once."""
        await self._transaction.write(_HASTEN, {"this_rule": rule_id, "this_kind": kind})

    async def confirmed(self, kind: TargetKind) -> Sequence[tuple[Target, Revision]]:
        """Every target of a kind that holds a revision, with the confirmed one."""
        return await confirmed_pictures(self._transaction, kind)

    async def unproven(self, kind: TargetKind) -> Sequence[tuple[Target, Revision]]:
        """Targets of a kind that hold a revision which nobody could prove in time."""
        return await unproven_pictures(self._transaction, kind)

    async def proven(self, target: Target, proof: str) -> None:
        """Keep a proof that came late, as long as the target still holds what it is about."""
        this = {"this_rule": target.rule_id, "this_kind": target.kind, "this_token": target.token}
        await self._transaction.write(_PROVEN, {**this, "late_proof": proof})

    async def drifted(self, rule_id: str, kind: TargetKind, drift: Drift | None) -> None:
        """Keep (or clear) how a confirmed target differs, without touching its lease."""
        this = {"this_rule": rule_id, "this_kind": kind}
        await self._transaction.write(_DRIFTED, {**drift_columns(drift), **this})


def _in_order(rows: Sequence[RowMapping]) -> tuple[Target, ...]:
    """The targets of the rows, in the order of their kinds."""
    found = (to_target(row) for row in rows)
    return tuple(sorted(found, key=lambda target: _KINDS.index(target.kind)))
