"""The history of a rule: what each revision changed, who made it and what became of it."""

from collections.abc import Sequence

import orjson
from sqlalchemy import Integer, RowMapping, Text, bindparam, text

from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.rows import Columns
from crossfade.adapters.db.views.fragments import same_service
from crossfade.application.views import moment_text
from crossfade.domain.errors import RevisionNotFoundError, RuleNotFoundError
from crossfade.domain.operation import OperationKind
from crossfade.domain.share import share
from crossfade.domain.split import Split, describe_change

_NEWEST_OF_ALL = 2**31 - 1
_HISTORY = text(f"""
    SELECT revision.*, previous.versions AS versions_before,
        revision.generation = rule.generation AS current,
        maker.id AS operation_id, maker.kind, maker.state, maker.outcome
    FROM traffic_rules AS rule
    LEFT JOIN LATERAL (
        SELECT * FROM revisions
        WHERE {same_service("revisions", "rule")} AND generation < :before
        ORDER BY generation DESC LIMIT :most
    ) AS revision ON true
    LEFT JOIN LATERAL (
        SELECT intent -> 'versions' AS versions FROM revisions
        WHERE {same_service("revisions", "rule")} AND generation < revision.generation
        ORDER BY generation DESC LIMIT 1
    ) AS previous ON true
    LEFT JOIN LATERAL (
        SELECT id, kind, state, outcome FROM operations
        WHERE rule_id = revision.rule_id AND generation = revision.generation
        ORDER BY n LIMIT 1
    ) AS maker ON true
    WHERE rule.id = :rule_id
    ORDER BY revision.generation DESC
""").bindparams(
    bindparam("rule_id", type_=Text),
    bindparam("before", type_=Integer),
    bindparam("most", type_=Integer),
)


async def revision_page(reader: Reader, rule_id: str, limit: int, before: int | None) -> bytes:
    """A page of the rule's revisions, newest first; RuleNotFoundError."""
    rows = await _history(reader, rule_id, before or _NEWEST_OF_ALL, limit + 1)
    shown = [_revision(row) for row in rows[:limit]]
    following = rows[limit - 1]["generation"] if len(rows) > limit else None
    return orjson.dumps({"items": shown, "next": following})


async def revision_view(reader: Reader, rule_id: str, generation: int) -> bytes:
    """One revision with its documents; RevisionNotFoundError."""
    rows = await _history(reader, rule_id, generation + 1, 1)
    if not rows or rows[0]["generation"] != generation:
        raise RevisionNotFoundError(f"The rule {rule_id} has no revision {generation}.")
    names = ("target", "path", "content")
    documents = [{name: one[name] for name in names} for one in rows[0]["documents"]]
    return orjson.dumps({**_revision(rows[0]), "documents": documents})


async def _history(reader: Reader, rule_id: str, before: int, most: int) -> Sequence[RowMapping]:
    """Revisions, newest first; a rule without any answers one empty row, which is left out."""
    rows = await reader.rows(_HISTORY, {"rule_id": rule_id, "before": before, "most": most})
    if not rows:
        raise RuleNotFoundError(f"There is no rule {rule_id}.")
    return [row for row in rows if row["generation"] is not None]


def _revision(row: RowMapping) -> Columns:
    return {
        "generation": row["generation"],
        "intent": row["intent"],
        "author": row["author"],
        "reason": row["reason"],
        "origin": row["origin"],
        "createdAt": moment_text(row["created_at"]),
        "commit": row["commit"],
        "operation": _maker(row),
        "current": bool(row["current"]),
        "summary": _summary(row),
    }


def _maker(row: RowMapping) -> Columns | None:
    if row["operation_id"] is None:
        return None
    fields = {name: row[name] for name in ("kind", "state", "outcome")}
    return {"id": row["operation_id"], **fields}


def _summary(row: RowMapping) -> str:
    if row["kind"] is not None and (deed := OperationKind(row["kind"]).deed):
        return deed
    before = row["versions_before"]
    return describe_change(before and _split(before), _split(row["intent"]["versions"]))


def _split(versions: Sequence[Columns]) -> Split:
    return Split(tuple((one["name"], share(str(one["weight"]))) for one in versions))
