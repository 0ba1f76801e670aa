"""A mesh that we write, beside an Argo CD that makes anew whatever is missing.

A write is fenced by the Application's settings, which the gates insist on. Two things no setting
helps: objects that Argo CD has not met yet, for it may still make them anew as they were first
committed, and objects that go, for it has to know first that Git no longer asks for them.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from crossfade.adapters.kubernetes.argocd import ArgoCd
from crossfade.adapters.kubernetes.covering import Covering
from crossfade.adapters.kubernetes.passage import ArgoPassage
from crossfade.adapters.kubernetes.patience import Patience
from crossfade.application.ports import Mesh, Observed
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision

MEETING_S: Final = 2.0  # an Argo CD that is away must not hold a rollback back

InGit = Callable[[ServiceKey], Awaitable[bool]]  # whether Git holds the service's file


class FencedMesh:
    """Another mesh, whose objects go only when Argo CD would not bring them back."""

    def __init__(
        self, mesh: Mesh, covering: Covering, argocd: ArgoCd, in_git: InGit, patience: Patience
    ) -> None:
        self._mesh = mesh
        self._covering = covering
        self._argocd = argocd
        self._in_git = in_git
        self._patience = patience
        self._meeting = Patience(MEETING_S)
        argocd.on_change(patience.note)
        argocd.on_change(self._meeting.note)

    @property
    def held(self) -> bool:
        """Whether this process may write to the mesh now."""
        return self._mesh.held

    async def observe(self, key: ServiceKey) -> Observed | None:
        """What the mesh holds for a service now."""
        return await self._mesh.observe(key)

    async def apply(self, revision: Revision) -> None:
        """Write the revision, once; what is already there stays untouched."""
        with suppress(UnavailableError):
            await self._let_meet(revision.key)
        await self._mesh.apply(revision)

    async def effective(self, revision: Revision) -> str:
        """Proof in words that the proxies route by the revision, as soon as they do."""
        return await self._mesh.effective(revision)

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Take our hands off the objects, or take them away, once nobody makes them anew."""
        if not remove and (reason := self._covering.pruned(key)):
            raise RefusedError(reason)
        passage = ArgoPassage(key, self._argocd, _never)

        async def missing() -> str | None:
            if await self._in_git(key):
                return f"Git still holds {key}, so Argo CD would make it anew."
            return await passage.forgetting()

        await self._patience.until_complete(missing)
        return await self._mesh.release(key, generation, remove=remove)

    async def _let_meet(self, key: ServiceKey) -> None:
        """Come back when Argo CD has met what we wrote first; UnavailableError after a moment."""
        if not self._covering.unmet(key) or await self._mesh.observe(key) is None:
            return
        passage = ArgoPassage(key, self._argocd, _never)

        async def missing() -> str | None:
            return await passage.meeting() if self._covering.unmet(key) else None

        if await self._in_git(key):
            await self._meeting.until_complete(missing)


async def _never(_older: str, _newer: str) -> bool:
    """Commits are not asked for on the way out."""
    return False
