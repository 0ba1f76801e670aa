"""Targets with what must be, or is, true there: rows of three tables in one look."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from crossfade.adapters.db.rows import part_of, to_operation, to_revision, to_target
from crossfade.adapters.db.stores.services import same_service
from crossfade.adapters.db.tables import operations, revisions, targets
from crossfade.adapters.db.transaction import Transaction
from crossfade.application.work import Errand
from crossfade.domain.revision import Revision, TargetKind, Verdict
from crossfade.domain.target import Presence, Target, TargetState
from crossfade.manifests.rule_document import parse_intent

LEASE = timedelta(seconds=10)
_AT_ONCE = 100


def _picture(
    picture: FromClause, target: FromClause, generation: ColumnElement[int]
) -> ColumnElement[bool]:
    """The revision that a target's row names by one of its generations."""
    return and_(same_service(picture, target), picture.c.generation == generation)


_DUE = (
    select(targets.c.rule_id, targets.c.kind)
    .where(
        targets.c.kind == bindparam("due_kind", type_=Text),
        targets.c.next_at <= func.now(),
        or_(targets.c.lease_until.is_(None), targets.c.lease_until <= func.now()),
    )
    .order_by(targets.c.next_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_TAKEN = (
    update(targets)
    .where(targets.c.rule_id == _DUE.c.rule_id, targets.c.kind == _DUE.c.kind)
    .values(
        token=targets.c.token + 1,
        holder=bindparam("taker", type_=Text),
        lease_until=func.clock_timestamp() + literal(LEASE),
    )
    .returning(targets)
    .cte("taken")
)
_NEWEST = (
    select(operations)
    .where(
        operations.c.rule_id == _TAKEN.c.rule_id,
        operations.c.generation == _TAKEN.c.desired_generation,
    )
    .order_by(operations.c.n.desc())
    .limit(1)
    .lateral("newest")
)
_LEFT = revisions.alias("left_behind")
_CLAIM = (
    select(_TAKEN, revisions, _NEWEST, _LEFT.c.intent)
    .join(revisions, _picture(revisions, _TAKEN, _TAKEN.c.desired_generation))
    .join(_LEFT, _picture(_LEFT, _TAKEN, _TAKEN.c.confirmed_generation), isouter=True)
    .join(_NEWEST, true(), isouter=True)
    .order_by(_TAKEN.c.namespace, _TAKEN.c.service_name)
)
_HOLDS_NOTHING = and_(
    targets.c.state == TargetState.CONFIRMED, targets.c.presence != Presence.PRESENT
)
_HELD = (
    select(targets, revisions)
    .join(revisions, _picture(revisions, targets, targets.c.confirmed_generation))
    .where(targets.c.kind == bindparam("held_kind", type_=Text), ~_HOLDS_NOTHING)
    .order_by(targets.c.namespace, targets.c.service_name)
)
_UNPROVEN = _HELD.where(
    revisions.c.verdict == Verdict.NOT_PROVEN, targets.c.state == TargetState.CONFIRMED
)


async def claim_errands(
    transaction: Transaction, kind: TargetKind, holder: str, limit: int
) -> tuple[Errand, ...]:
    """Errands for due targets that nobody holds, leased to `holder`."""
    parameters = {"due_kind": kind, "taker": holder, "most": limit}
    rows = await transaction.lease(_CLAIM, parameters)
    return tuple(_errand(row) for row in rows)


async def confirmed_pictures(
    transaction: Transaction, kind: TargetKind
) -> Sequence[tuple[Target, Revision]]:
    """Every target of a kind that holds a revision, with that revision."""
    return await _pictures(transaction, _HELD, kind)


async def unproven_pictures(
    transaction: Transaction, kind: TargetKind
) -> Sequence[tuple[Target, Revision]]:
    """Every target of a kind that holds a revision which was applied and never proven."""
    return await _pictures(transaction, _UNPROVEN, kind)


async def _pictures(
    transaction: Transaction, held: Select[*tuple[object, ...]], kind: TargetKind
) -> Sequence[tuple[Target, Revision]]:
    rows = await transaction.rows(held, {"held_kind": kind})
    found: list[tuple[Target, Revision]] = []
    for start in range(0, len(rows), _AT_ONCE):
        found += [_pair(row) for row in rows[start : start + _AT_ONCE]]
        await asyncio.sleep(0)  # ten thousand rows take seconds: others must have their turn
    return found


def _pair(row: RowMapping) -> tuple[Target, Revision]:
    return to_target(part_of(row, targets)), to_revision(part_of(row, revisions))


def _errand(row: RowMapping) -> Errand:
    newest, left = part_of(row, _NEWEST), row[_LEFT.c.intent]
    target = to_target(part_of(row, _TAKEN))
    return Errand(
        target=target,
        revision=to_revision(part_of(row, revisions)),
        operation=None if newest["id"] is None else to_operation(newest),
        leaving=None if left is None else parse_intent(left, target.key.cluster),
    )
