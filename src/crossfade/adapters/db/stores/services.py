"""Finding rows by the service that they are about."""

from sqlalchemy import ColumnElement, FromClause, and_, bindparam

from crossfade.adapters.db.rows import Columns
from crossfade.domain.names import ServiceKey


def of_service(table: FromClause) -> ColumnElement[bool]:
    """Whether a row is about the service that `named` names."""
    return and_(
        table.c.namespace == bindparam("of_namespace"),
        table.c.service_name == bindparam("of_service"),
        table.c.cluster == bindparam("of_cluster"),
    )


def same_service(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Whether the rows of two tables are about the same service."""
    return and_(
        one.c.namespace == other.c.namespace,
        one.c.service_name == other.c.service_name,
        one.c.cluster == other.c.cluster,
    )


def named(key: ServiceKey) -> Columns:
    """The parameters of `of_service`."""
    return {"of_namespace": key.namespace, "of_service": key.service, "of_cluster": key.cluster}
