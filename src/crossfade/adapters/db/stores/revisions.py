"""Every picture that was deployed."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import revision_columns, to_revision
from crossfade.adapters.db.tables import revisions
from crossfade.adapters.db.transaction import Transaction
from crossfade.domain.errors import ConflictError, RevisionNotFoundError
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision, Verdict

_REVISION = revisions.c
_PROVEN = (Verdict.EFFECTIVE, Verdict.NOT_PROVEN)


class RevisionStore:
    """Rows of revisions."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, revision: Revision) -> None:
        """Keep a new picture; ConflictError where its generation is taken."""
        kept = insert(revisions).values(revision_columns(revision)).on_conflict_do_nothing()
        if await self._transaction.write(kept.returning(_REVISION.generation)) is None:
            raise ConflictError(f"{revision.key} already has a revision {revision.generation}.")

    async def get(self, key: ServiceKey, generation: int) -> Revision:
        """The picture."""
        row = await self._transaction.row(select(revisions).where(_at(key, generation)))
        if row is None:
            raise RevisionNotFoundError(f"{key} has no revision {generation}.")
        return to_revision(row)

    async def highest(self, key: ServiceKey) -> int:
        """The highest generation ever given to this service; 0 at first."""
        query = select(func.coalesce(func.max(_REVISION.generation), 0).label("highest")).where(
            _of(key)
        )
        row = await self._transaction.row(query)
        return 0 if row is None else int(row["highest"])

    async def before(self, key: ServiceKey, generation: int) -> Sequence[Revision]:
        """The pictures below a generation that came to the proxies, newest first."""
        proven = _REVISION.verdict.in_(_PROVEN)
        query = select(revisions).where(_of(key), _REVISION.generation < generation, proven)
        rows = await self._transaction.rows(query.order_by(_REVISION.generation.desc()))
        return [to_revision(row) for row in rows]

    async def judge(self, key: ServiceKey, generation: int, verdict: Verdict) -> None:
        """Keep what became of the picture."""
        change = update(revisions).where(_at(key, generation)).values(verdict=verdict)
        await self._transaction.write(change.returning(_REVISION.generation))

    async def committed(self, key: ServiceKey, generation: int, commit: str) -> None:
        """Keep the commit that carries the picture."""
        change = update(revisions).where(_at(key, generation)).values(commit=commit)
        await self._transaction.write(change.returning(_REVISION.generation))


def _of(key: ServiceKey) -> ColumnElement[bool]:
    return and_(
        _REVISION.cluster == key.cluster,
        _REVISION.namespace == key.namespace,
        _REVISION.service_name == key.service,
    )


def _at(key: ServiceKey, generation: int) -> ColumnElement[bool]:
    return and_(_of(key), _REVISION.generation == generation)
