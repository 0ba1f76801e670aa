"""Pages of the audit chain.

What is shown is read from the bytes that the hash covers; the columns beside them only find it.
"""

from collections.abc import Iterator
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, RowMapping, select

from crossfade.adapters.db.reader import Reader
from crossfade.adapters.db.rows import Columns
from crossfade.adapters.db.tables import audit
from crossfade.application.views import AuditFilter, moment_text

_SHOWN = (
    *("actor", "action", "namespace", "serviceName", "ruleId", "operationId"),
    *("generation", "reason", "summary", "before", "after"),
)
_UNREADABLE = "The bytes of this entry cannot be read; verify the chain."


async def audit_page(reader: Reader, wanted: AuditFilter) -> bytes:
    """A page of entries, newest first."""
    query = select(audit.c.n, audit.c.at, audit.c.body, audit.c.hash).where(*_conditions(wanted))
    rows = await reader.rows(query.order_by(audit.c.n.desc()).limit(wanted.limit + 1))
    shown = [_entry(row) for row in rows[: wanted.limit]]
    following = rows[wanted.limit - 1]["n"] if len(rows) > wanted.limit else None
    return orjson.dumps({"items": shown, "next": following})


def _conditions(wanted: AuditFilter) -> Iterator[ColumnElement[bool]]:
    exact = {
        audit.c.actor: wanted.actor,
        audit.c.action: wanted.action,
        audit.c.service_name: wanted.service,
        audit.c.namespace: wanted.namespace,
    }
    yield from (column == value for column, value in exact.items() if value is not None)
    if wanted.since is not None:
        yield audit.c.at >= wanted.since
    if wanted.until is not None:
        yield audit.c.at < wanted.until
    if wanted.before is not None:
        yield audit.c.n < wanted.before


def _entry(row: RowMapping) -> Columns:
    fields = _fields(row["body"])
    shown = {name: fields.get(name) for name in _SHOWN}
    return {"n": row["n"], "at": _at(fields, row), **shown, "hash": row["hash"]}


def _fields(body: bytes) -> Columns:
    try:
        fields: Columns = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {"summary": _UNREADABLE}
    return fields


def _at(fields: Columns, row: RowMapping) -> str:
    at = datetime.fromisoformat(fields["at"]) if "at" in fields else row["at"]
    return moment_text(at)
