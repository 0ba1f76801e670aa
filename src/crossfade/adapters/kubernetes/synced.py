"""The mesh of a git-only installation: others bring to the cluster what is committed.

Nothing is written here. We wait until Argo CD, or whoever applies Git, has done so.
"""

from dataclasses import dataclass

from crossfade.adapters.kubernetes.argocd import ArgoCd
from crossfade.adapters.kubernetes.connection import Connection
from crossfade.adapters.kubernetes.holding import Holdings, observed
from crossfade.adapters.kubernetes.passage import ArgoPassage, Contains, Passage, UnknownPassage
from crossfade.adapters.kubernetes.patience import Patience
from crossfade.adapters.kubernetes.proof import Proof
from crossfade.adapters.kubernetes.sight import Sight
from crossfade.application.ports import Cluster, Observed
from crossfade.domain.errors import HalfwayError, OutrunError, RefusedError, UnavailableError
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.plan import Keep, Picture, Yield, plan
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.target import Presence
from crossfade.manifests.findings import blockers, findings
from crossfade.manifests.pair import Pair, as_written, pair_of
from crossfade.manifests.stages import halfway, next_stage
from crossfade.manifests.surplus import added


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Whom a git-only mesh asks what it cannot see in the objects themselves."""

    cluster: Cluster
    proof: Proof  # in words, that the proxies route by a revision
    contains: Contains  # whether the newer commit is the older one or follows it


class SyncedMesh:
    """Objects that a GitOps controller writes, watched until they are what was committed."""

    held = True  # any process may wait: none of ours writes

    def __init__(
        self,
        connection: Connection,
        sight: Sight,
        witnesses: Witnesses,
        argocd: ArgoCd | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._holdings = Holdings(connection, sight)
        self._witnesses = witnesses
        self._argocd = argocd
        self._patience = patience or Patience()
        sight.on_change(self._patience.note)
        if argocd is not None:
            argocd.on_change(self._patience.note)

    async def observe(self, key: ServiceKey) -> Observed | None:
        """What the cluster holds for a service now, and who wrote it last."""
        return observed(await self._holdings.pair(key))

    async def apply(self, revision: Revision) -> None:
        """Come back when others have brought the revision to the cluster, by its commit."""
        key, commit = revision.key, revision.commit
        desired = Picture(revision.generation, revision.document(TargetKind.CLUSTER).digest)
        if commit is None:
            raise UnavailableError(f"Git does not hold generation {revision.generation} yet.")
        if not await self._arrived(key, desired):
            self._pass_gates(revision.intent)
        passage = self._passage(key)

        async def missing() -> str | None:
            there = await self._arrived(key, desired) or await self._is_halfway(revision)
            return await passage.coming(commit, arrived=there, added=await self._added(revision))

        await self._patience.until_complete(missing)
        if not await self._arrived(key, desired):
            follows = await self._added(revision) or "Their weights follow."
            raise HalfwayError(f"The cluster knows the versions of {key}. {follows}")

    async def document(self, revision: Revision, *, proven: bool) -> str:
        """What Git must hold next on the way from what the cluster holds to the revision."""
        held = await self._holdings.pair(revision.key)
        return next_stage(pair_of(revision), held, proven=proven).text

    async def effective(self, revision: Revision) -> str:
        """Proof in words that the proxies route by the revision, as soon as they do."""
        return await self._witnesses.proof(revision)

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Come back when others have removed the objects, whose file went from Git."""
        if not remove:
            raise RefusedError(
                f"The objects of {key} go with their file: whoever applies Git, as Argo CD does, "
                "prunes what it no longer finds there. Remove the rule instead of releasing it."
            )
        passage = self._passage(key)

        async def missing() -> str | None:
            return None if await self._gone(key, generation) else await passage.going()

        await self._patience.until_complete(missing)
        return f"the objects of {key} are gone from the cluster, as their file is from Git"

    async def _arrived(self, key: ServiceKey, desired: Picture) -> bool:
        """Whether the cluster holds what is desired; OutrunError where it is ahead."""
        held = await self._holdings.pair(key)
        step = plan(desired, as_written(held).picture if held != Pair() else None)
        if isinstance(step, Yield):
            raise OutrunError(step.generation)
        return isinstance(step, Keep)

    async def _added(self, revision: Revision) -> str | None:
        return added(pair_of(revision), await self._holdings.pair(revision.key))

    async def _is_halfway(self, revision: Revision) -> bool:
        return halfway(pair_of(revision), await self._holdings.pair(revision.key))

    async def _gone(self, key: ServiceKey, generation: int) -> bool:
        """Whether the objects are gone; OutrunError where a newer picture took their place."""
        held = await self._holdings.pair(key)
        step = plan(Picture(generation, ""), held.picture, presence=Presence.ABSENT)
        if isinstance(step, Yield):
            raise OutrunError(step.generation)
        return held == Pair()

    def _pass_gates(self, intent: Intent) -> None:
        """RefusedError with every reason why no traffic may be given by this intent."""
        stopping = blockers(findings(intent, None, self._witnesses.cluster.around(intent)))
        if stopping:
            raise RefusedError(" ".join(blocker.message for blocker in stopping))

    def _passage(self, key: ServiceKey) -> Passage:
        if self._argocd is None:
            return UnknownPassage(key)
        return ArgoPassage(key, self._argocd, self._witnesses.contains)
