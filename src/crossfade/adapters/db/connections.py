"""Connections to PostgreSQL: how they are made, bounded and healed."""

from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import parse_qs, urlsplit

import asyncpg
import orjson
from sqlalchemy import AdaptedConnection, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crossfade.adapters.db.tls import protection

Connect = Callable[[], Awaitable[asyncpg.Connection]]

POOL_SIZE = 10
_ASK_AGAIN_S = 5.0  # how long a caller waits for a free connection
_ANSWER_WITHIN_S = 10.0  # by our clock, for a server that hangs; it bounds statements itself
_CONNECT_WITHIN_S = 5.0
_SETTINGS = {
    "application_name": "crossfade",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",  # our statements are too short to gain from it
}


def connector(url: str, *, answer_within_s: float | None = _ANSWER_WITHIN_S) -> Connect:
    """Makes connections to a URL as PostgreSQL's own programs read it."""
    return partial(
        asyncpg.connect,
        url.replace("postgresql+asyncpg:", "postgresql:", 1),
        ssl=protection(url),
        timeout=_CONNECT_WITHIN_S,
        command_timeout=answer_within_s,
        server_settings=_SETTINGS,
    )


def make_engine(connect: Connect, **options: object) -> AsyncEngine:
    """A pool of connections; one that was lost is never handed out."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        isolation_level="READ COMMITTED",
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        hide_parameters=True,
        **options,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_lost)
    return engine


def place_of(url: str) -> str:
    """Where a URL leads, without the name and the password in it."""
    parts = urlsplit(url)
    socket = parse_qs(parts.query).get("host", [""])[0]
    host = parts.netloc.rpartition("@")[2] or socket
    return f"postgresql://{host}{parts.path}"


def make_pool(connect: Connect) -> AsyncEngine:
    """The pool that requests and loops share."""
    return make_engine(connect, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=_ASK_AGAIN_S)


def _refuse_lost(connection: AdaptedConnection, _record: object, _proxy: object) -> None:
    """Costs no round trip: the driver hears at once when the server or its socket goes."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


def _json_text(value: object) -> str:
    return orjson.dumps(value).decode()
