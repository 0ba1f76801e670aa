"""Istio as a mesh: a rule becomes true in the two objects that carry it, in a safe order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from crossfade.adapters.kubernetes.connection import Connection
from crossfade.adapters.kubernetes.fencing import Fence, need_ours
from crossfade.adapters.kubernetes.holding import Holdings, observed
from crossfade.adapters.kubernetes.objects import Object, VirtualService
from crossfade.adapters.kubernetes.outcomes import AbsentError, WriteConflictError
from crossfade.adapters.kubernetes.proof import Proof, nobody_tells
from crossfade.adapters.kubernetes.sight import Sight
from crossfade.adapters.kubernetes.writing import Writer, kind_of
from crossfade.application.ports import Cluster, Observed
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision
from crossfade.manifests.findings import blockers, findings
from crossfade.manifests.ordering import moves_weights_alone, routed, trimmed, widened
from crossfade.manifests.pair import Pair, marked, pair_of
from crossfade.manifests.reading import Manifest, text_at
from crossfade.manifests.rivals import as_for_weights

MOST_TRIES: Final = 5
# istiod gathers changes for 0.1 s and tells proxies of subsets before it tells them of routes.
# Nobody says when a proxy has let go of routes that are gone, so subsets stay a while longer.
LET_GO_S: Final = 0.5

T = TypeVar("T")


class KubernetesMesh:
    """Divides traffic by a DestinationRule and a VirtualService named for the service."""

    held = True  # whichever process writes: the API server lets nobody overwrite unseen

    def __init__(
        self,
        connection: Connection,
        sight: Sight,
        cluster: Cluster,
        proof: Proof = nobody_tells,
    ) -> None:
        self._holdings = Holdings(connection, sight)
        self._writer = Writer(connection)
        self._fence = Fence()
        self._cluster = cluster
        self._proof = proof

    async def observe(self, key: ServiceKey) -> Observed | None:
        """What the cluster holds for a service now, and who else wrote it.

        Without our mark it has no generation: it was released, or is somebody else's.
        """
        try:
            return observed(await self._holdings.pair(key))
        except RefusedError as error:  # a namespace that we are not to look into
            raise UnavailableError(str(error)) from error

    async def apply(self, revision: Revision) -> None:
        """Write the revision, in order; what is already there stays untouched."""
        await self._insist(revision.key, lambda held: self._apply(revision, held))

    async def effective(self, revision: Revision) -> str:
        """Proof in words that the proxies route by the revision; then what is left over goes."""
        self._need_applied(revision, await self._holdings.pair(revision.key))
        proof = await self._proof(revision)
        await self._insist(revision.key, lambda held: self._trim(revision, held))
        return proof

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Take our hands off the service's objects, or take the objects away; proof in words."""
        await self._insist(key, lambda held: self._let_go(key, generation, held, remove=remove))
        self._fence.note_left(key, generation)
        if remove:
            return _gone(key, await self._holdings.pair(key))
        return f"nothing of {key} carries our mark any more; its routes stay as they are"

    async def _insist(self, key: ServiceKey, act: Callable[[Pair], Awaitable[None]]) -> None:
        """Act on what is held, and decide anew whenever somebody else was quicker."""
        held = await self._holdings.pair(key)
        for _ in range(MOST_TRIES):
            try:
                return await act(held)
            except (WriteConflictError, AbsentError):
                held = await self._holdings.fresh(key)
        raise UnavailableError(f"Somebody else keeps writing to the objects of {key}.")

    async def _apply(self, revision: Revision, held: Pair) -> None:
        self._fence.stop_outrun(revision.key, revision.generation, held)
        desired = pair_of(revision)
        wide, routes = widened(desired, held), routed(desired, held)
        if wide is None and routes is None:
            return
        need_ours(held)
        weights_alone = moves_weights_alone(desired, held)
        self._pass_gates(revision.intent, weights_alone=weights_alone)
        if not weights_alone:
            await self._rehearse(wide, held.destination_rule)
            await self._rehearse(routes, held.virtual_service)
        if wide is not None:
            await self._write(revision.key, wide, held.destination_rule)
            # What was ready then may have gone since.
            self._pass_gates(revision.intent, weights_alone=weights_alone)
        if routes is not None:
            await self._write(revision.key, routes, held.virtual_service)

    async def _trim(self, revision: Revision, held: Pair) -> None:
        self._need_applied(revision, held)
        if (narrow := trimmed(pair_of(revision), held)) is not None:
            need_ours(held)
            await self._write(revision.key, narrow, held.destination_rule)

    def _need_applied(self, revision: Revision, held: Pair) -> None:
        self._fence.stop_outrun(revision.key, revision.generation, held)
        desired = pair_of(revision)
        if widened(desired, held) is not None or routed(desired, held) is not None:
            raise UnavailableError(
                f"Revision {revision.generation} of {revision.key} is not applied yet."
            )

    def _pass_gates(self, intent: Intent, *, weights_alone: bool) -> None:
        """RefusedError where something around the rule forbids it, as it was heard by now."""
        around = self._cluster.around(intent)
        found = findings(intent, None, as_for_weights(around) if weights_alone else around)
        if stopping := blockers(found):
            raise RefusedError(" ".join(blocker.message for blocker in stopping))

    async def _rehearse(self, manifest: Manifest | None, held: Object | None) -> None:
        if manifest is not None:
            await self._writer.rehearse(manifest, held)

    async def _write(self, key: ServiceKey, manifest: Manifest, held: Object | None) -> None:
        written = await self._writer.write(manifest, held)
        self._holdings.note_written(kind_of(manifest), key, written)

    async def _let_go(self, key: ServiceKey, generation: int, held: Pair, *, remove: bool) -> None:
        self._fence.stop_outrun(key, generation, held)
        # Routes first: nothing may name a subset that is gone.
        for found in reversed([one for one in held if marked(one)]):
            if remove:
                await self._delete(key, found)
            else:
                left = await self._writer.hand_back(found)
                self._holdings.note_written(kind_of(found), key, left)

    async def _delete(self, key: ServiceKey, held: Object) -> None:
        await self._writer.delete(held)
        self._holdings.note_deleted(kind_of(held), key, held)
        if kind_of(held) is VirtualService:
            await asyncio.sleep(LET_GO_S)


def _gone(key: ServiceKey, held: Pair) -> str:
    """What to say after a removal, which leaves alone what is not ours, or no longer."""
    gone = f"no object of ours routes {key} any more"
    left = " and ".join(text_at(one, "kind") for one in held if one is not None)
    return f"{gone}; what is not ours stays: {left}" if left else gone
