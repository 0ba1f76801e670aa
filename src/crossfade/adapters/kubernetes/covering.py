"""What stands between us and objects that Argo CD keeps."""

from collections.abc import Iterable, Iterator
from typing import Final

from crossfade.adapters.kubernetes.argocd import ArgoCd
from crossfade.adapters.kubernetes.sight import ROUTING, Sight
from crossfade.domain.around import Obstacle
from crossfade.domain.delivery import Delivery
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.manifests.argocd import Place, compared, fights, minds, overlooks, tracked_by
from crossfade.manifests.argocd_application import ApplicationName
from crossfade.manifests.render import path_of

FIGHTS: Final = "argocd-would-revert"
IGNORES: Final = "argocd-would-ignore"
UNNAMED: Final = "argocd-application-unnamed"
SETTING: Final = "CROSSFADE_ARGOCD_APPLICATION"


class Covering:
    """Why a rule would not become, or stay, as it is deployed, in Argo CD's own settings."""

    def __init__(
        self, sight: Sight, place: Place, delivery: Delivery, argocd: ArgoCd | None
    ) -> None:
        self._sight = sight
        self._place = place  # the folder of our files
        self._delivery = delivery
        self._argocd = argocd
        self._met: set[ServiceKey] = set()

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
        """Whether Argo CD may yet make the service's objects anew, as they were first committed.

        It may until it has compared them; and then until the sync that it had begun before is
        over. No later sync touches them.
        """
        argocd = self._argocd
        if argocd is None or argocd.absent or not minds(argocd.application, self._file(key), key):
            return False
        if not compared(argocd.application, key):
            self._met.discard(key)
        elif not argocd.application.syncing:
            self._met.add(key)
        return key not in self._met

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
