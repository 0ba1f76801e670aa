"""The audit chain: entries written as the last step of a transaction, and read for a check."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import RowMapping, bindparam, column, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from crossfade.adapters.db.notices import NOTIFY, words
from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.rows import Columns, key_columns
from crossfade.adapters.db.tables import audit, audit_head
from crossfade.adapters.db.transaction import Transaction
from crossfade.application.work import Event
from crossfade.domain.audit import Act, Link, link

_LOCKED_HEAD = select(audit_head.c.n, audit_head.c.hash).with_for_update()
_HEAD = select(
    audit_head.c.n, audit_head.c.hash, func.coalesce(audit.c.body, b"").label("body")
).join_from(audit_head, audit, audit.c.n == audit_head.c.n, isouter=True)
_LINKS = select(audit.c.n, audit.c.body, audit.c.hash).order_by(audit.c.n)
_COLUMNS = tuple(column.name for column in audit.c)
_ENTRIES = (
    func.unnest(*(bindparam(f"entry_{name}", type_=ARRAY(audit.c[name].type)) for name in _COLUMNS))
    .table_valued(*(column(name, audit.c[name].type) for name in _COLUMNS), name="entries")
    .render_derived()
)
_ENTERED = insert(audit).from_select(_COLUMNS, select(_ENTRIES)).cte("entered")
_MOVED = (
    update(audit_head).values(n=bindparam("newest_n"), hash=bindparam("newest_hash")).cte("moved")
)
_APPEND = NOTIFY.add_cte(_ENTERED, _MOVED)


async def append(transaction: Transaction, acts: Sequence[Act], events: Sequence[Event]) -> None:
    """Add the acts to the chain and tell so, after the other events.

    Every other writer waits from here until the commit.
    Under READ COMMITTED the head is read again once its lock is ours, so two never share a place.
    """
    head = await transaction.row(_LOCKED_HEAD)
    assert head is not None, "the first migration makes the head"
    links = list(_linked(Link(head["n"], b"", head["hash"]), acts))
    entries = [_entry(*pair) for pair in zip(acts, links, strict=True)]
    columns = {f"entry_{name}": [entry[name] for entry in entries] for name in _COLUMNS}
    newest = {"newest_n": links[-1].n, "newest_hash": links[-1].hash}
    told = words([*events, Event("audit", str(links[-1].n))])
    await transaction.write(_APPEND, {**columns, **newest, **told})


class AuditChain:
    """The chain as it is kept."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def head(self) -> Link | None:
        """The newest entry by the word of the head row, without bytes where its entry is gone."""
        row = await self._reader.row(_HEAD)
        return _to_link(row) if row else None

    async def links(self) -> Sequence[Link]:
        """Every entry, from the first on."""
        return [_to_entry(row) for row in await self._reader.rows(_LINKS)]


def _linked(head: Link, acts: Iterable[Act]) -> Iterator[Link]:
    """The acts as links; the head of an empty chain is number 0 with the first hash."""
    newest = head
    for act in acts:
        newest = link(newest, act)
        yield newest


def _to_link(row: RowMapping) -> Link | None:
    """The newest link; None where the chain is still empty."""
    return _to_entry(row) if row["n"] else None


def _to_entry(row: RowMapping) -> Link:
    return Link(row["n"], row["body"], row["hash"])


def _entry(act: Act, at: Link) -> Columns:
    return {
        "n": at.n,
        "at": act.at,
        "actor": act.actor,
        "action": act.action,
        **key_columns(act.key),
        "body": at.body,
        "hash": at.hash,
    }
