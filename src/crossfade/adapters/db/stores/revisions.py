"""Every picture that was deployed."""

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from crossfade.adapters.db.rows import revision_columns, to_revision
from crossfade.adapters.db.stores.requested import generation_taken
from crossfade.adapters.db.stores.services import named, of_service
from crossfade.adapters.db.tables import revisions
from crossfade.adapters.db.transaction import Transaction
from crossfade.domain.errors import RevisionNotFoundError
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision, Verdict

_GENERATION = revisions.c.generation
_OF_SERVICE = of_service(revisions)
_THIS = and_(_OF_SERVICE, bindparam("this_generation") == _GENERATION)
_ADD = insert(revisions).on_conflict_do_nothing().returning(_GENERATION)
_GET = select(revisions).where(_THIS)
_HIGHEST = select(func.coalesce(func.max(_GENERATION), 0).label("highest")).where(_OF_SERVICE)
_BEFORE = (
    select(revisions)
    .where(
        _OF_SERVICE,
        bindparam("this_generation") > _GENERATION,
        revisions.c.verdict.in_([Verdict.EFFECTIVE, Verdict.NOT_PROVEN]),
    )
    .order_by(_GENERATION.desc())
)
_CHANGE = update(revisions).where(_THIS).returning(_GENERATION)


class RevisionStore:
    """Rows of revisions."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, revision: Revision) -> None:
        """Keep a new picture; ConflictError where its generation is taken."""
        if await self._transaction.write(_ADD, revision_columns(revision)) is None:
            raise generation_taken(revision)

    async def get(self, key: ServiceKey, generation: int) -> Revision:
        """The picture."""
        wanted = {**named(key), "this_generation": generation}
        row = await self._transaction.row(_GET, wanted)
        if row is None:
            raise RevisionNotFoundError(f"{key} has no revision {generation}.")
        return to_revision(row)

    async def highest(self, key: ServiceKey) -> int:
        """The highest generation ever given to this service; 0 at first."""
        row = await self._transaction.row(_HIGHEST, named(key))
        return 0 if row is None else int(row["highest"])

    async def before(self, key: ServiceKey, generation: int) -> Sequence[Revision]:
        """The pictures below a generation that came to the proxies, newest first."""
        wanted = {**named(key), "this_generation": generation}
        return [to_revision(row) for row in await self._transaction.rows(_BEFORE, wanted)]

    async def judge(self, key: ServiceKey, generation: int, verdict: Verdict) -> None:
        """Keep what became of the picture."""
        change = {**named(key), "this_generation": generation, "verdict": verdict}
        await self._transaction.write(_CHANGE, change)

    async def committed(self, key: ServiceKey, generation: int, commit: str) -> None:
        """Keep the commit that carries the picture."""
        change = {**named(key), "this_generation": generation, "commit": commit}
        await self._transaction.write(_CHANGE, change)
