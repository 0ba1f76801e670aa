"""Objects of one kind in one namespace, kept in memory as the API server holds them."""

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

import orjson
import structlog
from lightkube.core.client import FieldSelector
from lightkube.core.resource import api_info

from crossfade.adapters.kubernetes.connection import Connection
from crossfade.adapters.kubernetes.objects import Kind, Object, name, plural, version
from crossfade.adapters.kubernetes.outcomes import (
    Attempt,
    BusyError,
    ExpiredError,
    meaning,
    naming,
    refusal_of,
)
from crossfade.application.ports import Clock
from crossfade.domain.errors import CrossfadeError, UnavailableError

log = structlog.get_logger()

# A standing watch is never silent for long: bookmarks come about once a minute.
SILENCE_S: Final = 90.0
LONGEST_PAUSE_S: Final = 15.0
_FIRST_PAUSE_S: Final = 0.2
_STOOD_S: Final = 5.0  # a watch that ends sooner is a failure, whatever ended it
# How long the API server lets a watch stand, so that no connection grows old; not all at once.
_SHORTEST_TERM_S: Final = 300


def whole(found: Object) -> Object:
    """All of the object."""
    return found


@dataclass(frozen=True, slots=True)
class Scope:
    """What is watched: all objects of a kind in a namespace, or the one of a name.

    For the latter, a right that is given for this name alone is enough.
    """

    kind: Kind
    namespace: str
    name: str | None = None
    kept: Callable[[Object], Object] = whole  # the part that is worth its memory

    def attempt(self, verb: str) -> Attempt:
        """What is tried here, in words."""
        return Attempt(verb, plural(self.kind), self.namespace, self.name)


class Watched:
    """The objects of a scope by name, and whether they are what the API server holds now.

    They stay as they last were while the API server is out of reach. `changed` is called with
    the name of each object that came, changed or went; without one where `synced` changed.
    """

    def __init__(
        self,
        connection: Connection,
        scope: Scope,
        clock: Clock,
        changed: Callable[[Scope, str | None], None],
        *,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.scope = scope
        self._connection = connection
        self._clock = clock
        self._changed = changed
        self._silence_s = silence_s
        self._objects: dict[str, Object] = {}
        self._version: str | None = None
        self._right_at: datetime | None = None
        self._synced_at: datetime | None = None
        self._standing_since: float | None = None
        self._trouble = f"The API server was not yet asked to {scope.attempt('list')}."

    @property
    def objects(self) -> Mapping[str, Object]:
        """The objects by name, as they were last heard."""
        return MappingProxyType(self._objects)

    @property
    def version(self) -> str | None:
        """The state up to which changes were heard, as the API server names it."""
        return self._version

    @property
    def heard(self) -> bool:
        """Whether the objects were known at least once."""
        return self._right_at is not None

    @property
    def synced(self) -> bool:
        """Whether the objects follow the API server now."""
        return self._synced_at is not None

    @property
    def since(self) -> datetime | None:
        """Since when they follow; where they do not, when they were last right, if ever."""
        return self._synced_at or self._right_at

    @property
    def trouble(self) -> str | None:
        """Why the objects do not follow the API server; None while they do."""
        return None if self.synced else self._trouble

    async def keep(self) -> None:
        """Follow the API server until cancelled, through whatever happens to it."""
        failures = 0
        while True:
            resumed = self._version is not None
            error = await self._round()
            failures = failures_after(failures, error, stood=self._stood(), resumed=resumed)
            if failures:
                self._lost(error)
            await asyncio.sleep(pause_after(failures, error))

    async def _round(self) -> CrossfadeError | None:
        """One watch from its beginning to its end; None where it ended as agreed."""
        self._standing_since = None
        try:
            if self._version is None:
                await self._list()
            await self._follow(self._version or "")
        except ExpiredError as error:
            self._version = None
            return error
        except CrossfadeError as error:
            return error
        return None

    async def _list(self) -> None:
        scope = self.scope
        attempt = scope.attempt("list")
        with naming(attempt.verb, attempt.resource, attempt.namespace, attempt.name):
            fields: FieldSelector = {"metadata.name": scope.name} if scope.name else {}
            items = self._connection.client.list(
                scope.kind, namespace=scope.namespace, fields=fields
            )
            listed = {name(found): self._kept(found) async for found in items}
            self._version = items.resourceVersion
        before, self._objects = self._objects, listed
        self._right_at = self._clock.now()
        for key in {**before, **listed}:
            if before.get(key) != listed.get(key):
                self._changed(scope, key)

    async def _follow(self, since: str) -> None:
        attempt = self.scope.attempt("watch")
        params = {
            "resourceVersion": since,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(random.randint(_SHORTEST_TERM_S, 2 * _SHORTEST_TERM_S)),
        }
        if self.scope.name:
            params["fieldSelector"] = f"metadata.name={self.scope.name}"
        watching = self._connection.watching(
            self.scope.kind, self.scope.namespace, params, silence_s=self._silence_s
        )
        with naming(attempt.verb, attempt.resource, attempt.namespace, attempt.name):
            async with watching as lines:
                self._in_step()
                self._standing_since = asyncio.get_running_loop().time()
                async for line in lines:
                    self._hear(line)

    def _hear(self, line: str) -> None:
        attempt = self.scope.attempt("watch")
        match _event(line):
            case {"type": "ERROR", "object": dict(status)}:
                raise meaning(refusal_of(status), attempt)
            case {"type": str(what), "object": dict(found)} if version(found):
                self._version, self._right_at = version(found), self._clock.now()
                if what != "BOOKMARK":
                    self._take(found, gone=what == "DELETED")
            case _:
                raise UnavailableError(f"An event cannot be read, in the attempt to {attempt}.")

    def _take(self, found: Object, *, gone: bool) -> None:
        key = name(found)
        if gone:
            self._objects.pop(key, None)
        else:
            self._objects[key] = self._kept(found)
        self._changed(self.scope, key)

    def _kept(self, found: Object) -> Object:
        """The part to keep; items of a list may come without their kind."""
        resource = api_info(self.scope.kind).resource
        head = {"apiVersion": resource.api_version, "kind": resource.kind}
        return self.scope.kept({**head, **found})

    def _stood(self) -> bool:
        """Whether the last watch lasted long enough to say that watching works."""
        now, since = asyncio.get_running_loop().time(), self._standing_since
        return since is not None and now - since >= _STOOD_S

    def _in_step(self) -> None:
        self._right_at = self._clock.now()
        if not self.synced:
            self._synced_at, self._trouble = self._right_at, ""
            log.info("watch_stands", watch=str(self.scope.attempt("watch")))
            self._changed(self.scope, None)

    def _lost(self, error: CrossfadeError | None) -> None:
        attempt = self.scope.attempt("watch")
        trouble = str(error or f"The API server ends every attempt to {attempt} at once.")
        if trouble != self._trouble:
            log.warning("watch_lost", watch=str(attempt), cause=trouble)
        self._synced_at, self._trouble = None, trouble
        self._changed(self.scope, None)


def _event(line: str) -> object:
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(line)
    return None


def failures_after(
    failures: int, error: CrossfadeError | None, *, stood: bool, resumed: bool
) -> int:
    """How many failures in a row it is now, after one more round.

    Where it is only too long ago that a watch was left, the API server is well: no others count.
    """
    if stood:
        return 0
    return 1 if resumed and isinstance(error, ExpiredError) else failures + 1


def pause_after(failures: int, error: CrossfadeError | None) -> float:
    """How long to wait before the next round; no time at all after a watch that stood."""
    if not failures:
        return 0.0
    longest_s = min(LONGEST_PAUSE_S, _FIRST_PAUSE_S * float(2 ** min(failures - 1, 10)))
    asked_s = error.wait_s if isinstance(error, BusyError) else 0.0
    return max(min(asked_s, LONGEST_PAUSE_S), longest_s * random.uniform(0.5, 1.0))
