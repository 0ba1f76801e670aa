"""The one Application that brings our folder to the cluster: watched, nudged, never changed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from lightkube.types import PatchType

from crossfade.adapters.kubernetes import objects
from crossfade.adapters.kubernetes.connection import Connection
from crossfade.adapters.kubernetes.objects import Object, plural, version
from crossfade.adapters.kubernetes.outcomes import naming
from crossfade.adapters.kubernetes.sight import ROUTING, Sight
from crossfade.adapters.kubernetes.watching import Scope, Watched
from crossfade.application.ports import Clock
from crossfade.domain.around import Obstacle
from crossfade.domain.delivery import Delivery
from crossfade.domain.errors import UnavailableError
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.manifests.argocd import Place, fights, overlooks, tracked_by, unmet
from crossfade.manifests.argocd_application import (
    REFRESH_ANNOTATION,
    Application,
    ApplicationName,
    read_application,
)
from crossfade.manifests.argocd_standing import unheard
from crossfade.manifests.render import path_of

FIGHTS: Final = "argocd-would-revert"
IGNORES: Final = "argocd-would-ignore"
UNNAMED: Final = "argocd-application-unnamed"
SETTING: Final = "CROSSFADE_ARGOCD_APPLICATION"
ANSWERS_WITHIN: Final = timedelta(seconds=15)

_NUDGE: Final = {"metadata": {"annotations": {REFRESH_ANNOTATION: "normal"}}}


class ArgoCd:
    """What Argo CD says of our Application. Only `nudge` asks anything of the cluster."""

    def __init__(self, connection: Connection, name: ApplicationName, clock: Clock) -> None:
        self.name = name
        self._connection = connection
        self._listeners: list[Callable[[], None]] = []
        self._scope = Scope(objects.Application, name.namespace, name.name)
        self._watched = Watched(connection, self._scope, clock, self._on_change)
        self._read: tuple[str, Application] | None = None
        self._nudged = ""  # the Application's version by our last nudge
        self._nudged_at: datetime | None = None
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
        """Whether a nudge waits for its answer, which may be one not heard of yet."""
        return self.application.nudged or int(version(self._found())) < int(self._nudged or 0)

    @property
    def unanswered(self) -> bool:
        """Whether a nudge has waited for its answer longer than Argo CD ever needs."""
        if self._nudged_at is None or not self.asked:
            return False
        return self._clock.now() - self._nudged_at > ANSWERS_WITHIN

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call the listener whenever the Application changed."""
        self._listeners.append(listener)

    async def nudge(self) -> None:
        """Ask Argo CD to compare the cluster with Git now, and not at its next poll."""
        with naming("patch", plural(self._scope.kind), self.name.namespace, self.name.name):
            nudged = await self._connection.client.patch(
                self._scope.kind,
                self.name.name,
                _NUDGE,
                namespace=self.name.namespace,
                patch_type=PatchType.MERGE,
            )
        self._nudged, self._nudged_at = version(nudged), self._clock.now()

    def _on_change(self, *_: object) -> None:
        for listener in self._listeners:
            listener()

    def _found(self) -> Object:
        if not self._watched.heard:
            raise UnavailableError(f"Argo CD's {self.name} is not known: {self._watched.trouble}")
        found = self._watched.objects.get(self.name.name)
        if found is None:
            raise UnavailableError(f"There is no Application {self.name} of Argo CD.")
        return found


class Covering:
    """What stands between us and objects that Argo CD keeps, when we write them ourselves."""

    def __init__(
        self, sight: Sight, place: Place, delivery: Delivery, argocd: ArgoCd | None
    ) -> None:
        self._sight = sight
        self._place = place  # the folder of our files
        self._delivery = delivery
        self._argocd = argocd

    def obstacles(self, intent: Intent) -> Iterable[Obstacle]:
        """Why a rule would not stay as it is deployed; UnavailableError until that can be told."""
        owners = sorted(set(self._owners(intent.key)))
        if self._argocd is not None:
            found = self._hindering(self._argocd, intent.key)
            return [*found, *self._elsewhere(self._argocd, owners)]
        if self._delivery is Delivery.GIT_ONLY:
            return []
        return [_unnamed(intent.key, owner) for owner in owners]

    def pruned(self, key: ServiceKey) -> str | None:
        """Why the objects cannot stay when their file goes; None where they can."""
        argocd = self._argocd
        if argocd is None or argocd.absent or not argocd.application.policy.prunes:
            return None
        if not any(self._owners(key)):
            return None
        return (
            f"Argo CD's {argocd.name} keeps the objects of {key} and would delete them when their "
            "file goes from Git: set spec.syncPolicy.automated.prune to false first, or remove "
            "the rule."
        )

    def unmet(self, key: ServiceKey) -> bool:
        """Whether Argo CD may yet make the service's objects anew, as they were first committed."""
        argocd = self._argocd
        if argocd is None or argocd.absent:
            return False
        return unmet(argocd.application, self._file(key), key)

    def _file(self, key: ServiceKey) -> Place:
        return Place(self._place.repo_url, self._place.branch, path_of(key, self._place.path))

    def _owners(self, key: ServiceKey) -> Iterator[str]:
        for kind in ROUTING:
            found = self._sight.find(kind, key.namespace, key.service)
            if found is not None and (owner := tracked_by(found)):
                yield owner

    def _hindering(self, argocd: ArgoCd, key: ServiceKey) -> Iterator[Obstacle]:
        if self._delivery is Delivery.GIT_ONLY:
            if fields := overlooks(argocd.application, key):
                yield _ignoring(argocd.name, key, fields)
            return
        if argocd.absent:  # nobody reverts anything
            return
        if lines := fights(argocd.application, self._file(key), key):
            yield _reverting(argocd.name, key, lines)

    def _elsewhere(self, argocd: ArgoCd, owners: Iterable[str]) -> Iterator[Obstacle]:
        for owner in owners:
            if owner not in _names(argocd.name):
                yield Obstacle(
                    UNNAMED,
                    f"Argo CD's application {owner} keeps these objects, and {SETTING} names "
                    f"{argocd.name}: name that one.",
                )


def _names(name: ApplicationName) -> tuple[str, str]:
    """How Argo CD's mark names an Application: alone, or where any namespace may hold one."""
    return name.name, f"{name.namespace}_{name.name}"


def _reverting(name: ApplicationName, key: ServiceKey, lines: Iterable[str]) -> Obstacle:
    return Obstacle(
        FIGHTS,
        f"Argo CD's {name} syncs {key} by itself and would revert what Crossfade writes. "
        "Add to the Application:\n" + "\n".join(lines),
    )


def _ignoring(name: ApplicationName, key: ServiceKey, fields: Iterable[str]) -> Obstacle:
    return Obstacle(
        IGNORES,
        f"Argo CD's {name} ignores what Git says of {', '.join(fields)} in the objects of {key}, "
        "so nothing would come of a commit: take that out of its spec.ignoreDifferences.",
    )


def _unnamed(key: ServiceKey, owner: str) -> Obstacle:
    return Obstacle(
        UNNAMED,
        f"Argo CD's application {owner} keeps the objects of {key} and may revert what Crossfade "
        f"writes. Name it, with its namespace, in {SETTING}, so that its settings can be checked; "
        "or set CROSSFADE_DELIVERY=git-only.",
    )
