"""How a commit comes to the cluster by the hand of others, and what is in its way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol, assert_never

from crossfade.adapters.kubernetes.argocd import ArgoCd
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import short
from crossfade.manifests.argocd import wants
from crossfade.manifests.argocd_application import Application
from crossfade.manifests.argocd_standing import (
    Behind,
    Failed,
    Synced,
    Unknown,
    mentioned,
    removal_standing,
    sync_standing,
    unheard,
)

# One in a call is enough, but for a nudge that comes while Argo CD looks: that one may be lost.
MOST_NUDGES: Final = 3

Contains = Callable[[str, str], Awaitable[bool]]  # whether the newer commit follows the older one


class Passage(Protocol):
    """The way of one change of a service to the cluster. Each answer is for this moment."""

    async def coming(self, commit: str, *, arrived: bool, added: str | None = None) -> str | None:
        """What is missing until the commit has come to stay; RefusedError where it will not.

        `arrived` says whether the objects are as the commit wants them, and `added` what others
        added to them: whoever applies Git leaves that as it is.
        """

    async def going(self) -> str:
        """Why the objects are not gone yet."""


@dataclass(frozen=True, slots=True)
class UnknownPassage:
    """Somebody applies Git whom we know nothing of: Flux, a pipeline, a person."""

    key: ServiceKey

    async def coming(self, commit: str, *, arrived: bool, added: str | None = None) -> str | None:
        """What is missing until the commit has come."""
        if arrived:
            return None
        missing = f"Nobody has brought commit {short(commit)} of {self.key} to the cluster yet."
        return f"{missing} {added}" if added else missing

    async def going(self) -> str:
        """Why the objects are not gone yet."""
        return f"Nobody has removed the objects of {self.key} yet, whose file went from Git."


def _unlike(application: Application, commit: str, added: str | None) -> str:
    """The last write is not heard yet; or Argo CD overlooks what is unlike, or all of it."""
    why = added or "Does it read this folder, and none of their fields as ignored?"
    return (
        f"Argo CD ({application.name}) is synced at commit {short(commit)}, and the objects "
        f"are not as Git says. {why}"
    )


@dataclass(slots=True)
class ArgoPassage:
    """Argo CD applies Git: it is nudged where it does not know of the commit."""

    key: ServiceKey
    argocd: ArgoCd
    contains: Contains
    nudges: int = 0
    known: dict[str, bool] = field(default_factory=dict)

    async def coming(self, commit: str, *, arrived: bool, added: str | None = None) -> str | None:
        """What is missing until the commit has come, in Argo CD's words; RefusedError likewise."""
        try:
            application = self.argocd.application
        except UnavailableError as error:
            return str(error)
        reached = await self._reached(application, commit)
        standing = sync_standing(application, self.key, reached)
        match standing:
            case Synced(revision):
                return None if arrived else _unlike(application, revision, added)
            case Failed(reason):
                raise RefusedError(reason)
            case Behind(reason) | Unknown(reason):
                seen = not reached.isdisjoint(application.revisions)
                return reason if seen else await self._nudged(application, reason)
            case _:
                assert_never(standing)

    async def going(self) -> str:
        """Why the objects are not gone yet, in Argo CD's words."""
        try:
            application = self.argocd.application
        except UnavailableError as error:
            return str(error)
        return await self._nudged(application, removal_standing(application, self.key))

    async def forgetting(self) -> str | None:
        """What is missing until Argo CD, asked to look, no longer wants the objects."""
        if self.argocd.absent:
            return None
        try:
            application = self.argocd.application
        except UnavailableError as error:
            return str(error)
        wanted = wants(application, self.key) and application.policy.automated
        # A sync that began before the file went may still make what it began with.
        looked = self.nudges and not self.argocd.asked and not application.syncing
        if looked and not wanted:
            return None
        return await self._nudged(
            application, f"Argo CD ({application.name}) would make {self.key} anew."
        )

    async def meeting(self) -> str:
        """What is missing until Argo CD has met the rule's objects, which it is asked to do."""
        application = self.argocd.application
        return await self._nudged(
            application, f"Argo CD ({application.name}) is to meet {self.key}."
        )

    async def _nudged(self, application: Application, reason: str) -> str:
        """The reason, after Argo CD was asked to look, where it was not asked already."""
        asked = self.argocd.asked
        if (not asked or self.argocd.overlooked) and self.nudges < MOST_NUDGES:
            self.nudges += 1
            await self.argocd.nudge()
        return unheard(application) if asked else reason

    async def _reached(self, application: Application, commit: str) -> frozenset[str]:
        """The Application's commits that are ours or follow it."""
        for other in mentioned(application) - self.known.keys():
            self.known[other] = other == commit or await self.contains(commit, other)
        return frozenset(other for other, follows in self.known.items() if follows)
