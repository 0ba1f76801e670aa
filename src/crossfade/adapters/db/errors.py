"""Trouble with PostgreSQL, named for what a caller can do about it."""

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhaustedError

from crossfade.domain.errors import DatabaseUnavailableError

# Connection lost, not let in, no such database, out of resources, stopped by an operator or a
# time limit, system error.
_OUTAGES = ("08", "28", "3D", "53", "57", "58")
# Read-only after a failover, idle too long in a transaction, lost a race for a lock: all of them
# end the transaction, and the same request may well succeed a moment later.
_PASSING = frozenset({"25006", "25P03", "40001", "40P01", "55P03"})


@contextmanager
def database_errors() -> Iterator[None]:
    """A block in which every outage of the database is a DatabaseUnavailableError."""
    try:
        yield
    except (DBAPIError, PostgresError, InterfaceError) as error:
        if not _is_outage(error):
            raise
        raise DatabaseUnavailableError(_sentence(error)) from error
    except (OSError, PoolExhaustedError) as error:
        raise DatabaseUnavailableError(_sentence(error)) from error


def _is_outage(error: DBAPIError | PostgresError | InterfaceError) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = _cause(error)
    state = getattr(cause, "sqlstate", None) or ""
    return isinstance(cause, InterfaceError) or state.startswith(_OUTAGES) or state in _PASSING


def _sentence(error: Exception) -> str:
    cause = _cause(error)
    first_line = str(cause).partition("\n")[0] or type(cause).__name__
    return f"PostgreSQL did not answer as needed: {first_line}"


def _cause(error: Exception) -> BaseException:
    """The driver's own error behind SQLAlchemy's."""
    return error.driver_exception if isinstance(error, DBAPIError) else error
