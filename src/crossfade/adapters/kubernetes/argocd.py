"""The one Application that brings our folder to the cluster: watched, nudged, never changed."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lightkube.types import PatchType

from crossfade.adapters.kubernetes import objects
from crossfade.adapters.kubernetes.connection import Connection
from crossfade.adapters.kubernetes.objects import Object, plural, version
from crossfade.adapters.kubernetes.outcomes import naming
from crossfade.adapters.kubernetes.watching import Scope, Watched
from crossfade.application.ports import Clock
from crossfade.domain.errors import UnavailableError
from crossfade.manifests.argocd_application import (
    REFRESH_ANNOTATION,
    Application,
    ApplicationName,
    read_application,
)
from crossfade.manifests.argocd_standing import unheard

ANSWERS_WITHIN: Final = timedelta(seconds=15)
# Argo CD can overlook a wish that comes while it writes its own status down: it stands then until
# the next poll, minutes later, and to wish the same once more is no change that it would hear of.
HEARS_WITHIN: Final = timedelta(seconds=2)
_WISHES: Final = ("normal", "hard")


@dataclass(frozen=True, slots=True)
class _Nudge:
    """A wish of ours that waits for its answer; `since` is when the first of several was made."""

    version: str  # the Application's by then
    at: datetime
    since: datetime


class ArgoCd:
    """What Argo CD says of our Application. Only `nudge` asks anything of the cluster."""

    def __init__(self, connection: Connection, name: ApplicationName, clock: Clock) -> None:
        self.name = name
        self._connection = connection
        self._listeners: list[Callable[[], None]] = []
        self._scope = Scope(objects.Application, name.namespace, name.name)
        self._watched = Watched(connection, self._scope, clock, self._on_change)
        self._read: tuple[str, Application] | None = None
        self._nudge: _Nudge | None = None
        self._clock = clock

    async def keep(self) -> None:
        """Follow the Application until cancelled."""
        await self._watched.keep()

    @property
    def trouble(self) -> str | None:
        """Why the Application is not followed now; None while it is."""
        return self._watched.trouble

    @property
    def health(self) -> str:
        """What is known of the Application, or what is missing, in a sentence."""
        try:
            found = self.application
        except UnavailableError as error:
            return str(error)
        if self._watched.trouble is None and self.unanswered:
            return unheard(found)
        return self._watched.trouble or f"Argo CD's {found.name} is {found.state.value}."

    @property
    def application(self) -> Application:
        """The Application as it was last heard; UnavailableError until it was, or without one."""
        found = self._found()
        if self._read is None or self._read[0] != version(found):
            self._read = version(found), read_application(found)
        return self._read[1]

    @property
    def absent(self) -> bool:
        """Whether it is known that there is no such Application, so that it does nothing."""
        return self._watched.heard and self.name.name not in self._watched.objects

    @property
    def asked(self) -> bool:
        """Whether a nudge, of ours or of others, waits for its answer."""
        return self._nudge is not None or bool(self.application.wish)

    @property
    def overlooked(self) -> bool:
        """Whether a nudge has waited for its answer so long that another one is due."""
        recent = self._nudge is not None and self._clock.now() - self._nudge.at <= HEARS_WITHIN
        return self.asked and not recent

    @property
    def unanswered(self) -> bool:
        """Whether we have waited for an answer longer than Argo CD ever needs."""
        return self._nudge is not None and self._clock.now() - self._nudge.since > ANSWERS_WITHIN

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call the listener whenever the Application changed."""
        self._listeners.append(listener)

    async def nudge(self) -> None:
        """Ask Argo CD to compare the cluster with Git now, and not at its next poll."""
        wish = next(one for one in _WISHES if one != self.application.wish)
        with naming("patch", plural(self._scope.kind), self.name.namespace, self.name.name):
            nudged = await self._connection.client.patch(
                self._scope.kind,
                self.name.name,
                {"metadata": {"annotations": {REFRESH_ANNOTATION: wish}}},
                namespace=self.name.namespace,
                patch_type=PatchType.MERGE,
            )
        now = self._clock.now()
        self._nudge = _Nudge(version(nudged), now, self._nudge.since if self._nudge else now)
        self._note_answer()  # which may have been heard before ours was

    def _on_change(self, *_: object) -> None:
        self._note_answer()
        for listener in self._listeners:
            listener()

    def _note_answer(self) -> None:
        if self._nudge is not None and self._answered(self._nudge):
            self._nudge = None

    def _answered(self, nudge: _Nudge) -> bool:
        """Whether Argo CD took the wish away, which it does once it has looked."""
        with suppress(UnavailableError):
            heard_of = int(version(self._found())) >= int(nudge.version)
            return heard_of and not self.application.wish
        return True

    def _found(self) -> Object:
        if not self._watched.heard:
            raise UnavailableError(f"Argo CD's {self.name} is not known: {self._watched.trouble}")
        found = self._watched.objects.get(self.name.name)
        if found is None:
            raise UnavailableError(f"Argo CD has no Application {self.name}.")
        return found
