"""Writes to one object, each of them bound to the state in which the object was read.

Where it is in any other state, the write is refused as a conflict and nothing has changed.
"""

from collections.abc import Mapping
from typing import Final

from lightkube.generic_resource import GenericNamespacedResource
from lightkube.types import PatchType

from crossfade.adapters.kubernetes.connection import Connection
from crossfade.adapters.kubernetes.objects import (
    DestinationRule,
    Kind,
    Object,
    VirtualService,
    name,
    plural,
    version,
)
from crossfade.adapters.kubernetes.outcomes import naming
from crossfade.manifests.authorship import as_applied, without_ours
from crossfade.manifests.canonical import GENERATION_ANNOTATION
from crossfade.manifests.istio import MANAGED_BY
from crossfade.manifests.pair import LEAVING_ANNOTATION
from crossfade.manifests.reading import Manifest, mapping_at, text_at
from crossfade.manifests.surplus import surplus

_KINDS: Final[Mapping[str, Kind]] = {
    "VirtualService": VirtualService,
    "DestinationRule": DestinationRule,
}
# The API server takes an empty list of managers for one that was left out, and keeps its own.
_NO_MANAGERS: Final[list[Manifest]] = [{}]
_MARKS: Final = {
    "labels": dict.fromkeys(MANAGED_BY),
    "annotations": dict.fromkeys((GENERATION_ANNOTATION, LEAVING_ANNOTATION)),
}


def kind_of(manifest: Manifest) -> Kind:
    """The kind that a manifest names."""
    return _KINDS[text_at(manifest, "kind")]


class Writer:
    """Creates, changes, hands back and deletes objects of ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def rehearse(self, manifest: Manifest, held: Object | None) -> None:
        """Let the API server say what it would say to this write; nothing is kept."""
        if held is None:
            await self._create(manifest, dry_run=True)
        else:
            await self._apply(manifest, held, dry_run=True)

    async def write(self, manifest: Manifest, held: Object | None) -> Object:
        """The object as it is now that it says what the manifest says, and nothing more."""
        if held is None:
            return await self._settle(manifest, await self._create(manifest))
        if (managers := as_applied(held)) is not None:
            held = await self._keep_managers(held, managers)
        return await self._settle(manifest, await self._apply(manifest, held))

    async def hand_back(self, held: Object) -> Object:
        """The object without our mark and without our hand on it, and otherwise as it was."""
        managers = without_ours(held) or _NO_MANAGERS
        return await self._merge(held, {"metadata": {**_MARKS, "managedFields": managers}})

    async def delete(self, held: Object) -> None:
        """Take the object away."""
        namespace = text_at(held, "metadata", "namespace")
        await self._connection.delete(kind_of(held), namespace, name(held), version(held))

    async def _settle(self, manifest: Manifest, written: Object) -> Object:
        """The object with all of it owned by our applies, and nothing left that we do not apply."""
        if (managers := as_applied(written)) is not None:
            written = await self._keep_managers(written, managers)
        if unwanted := surplus(written, manifest):
            return await self._merge(written, unwanted)
        return written

    async def _keep_managers(self, held: Object, managers: list[Manifest]) -> Object:
        return await self._merge(held, {"metadata": {"managedFields": managers}})

    async def _create(self, manifest: Manifest, *, dry_run: bool = False) -> Object:
        """A request that cannot overwrite; an apply would, whoever was quicker."""
        kind, namespace = kind_of(manifest), text_at(manifest, "metadata", "namespace")
        wanted: GenericNamespacedResource = kind.from_dict(dict(manifest))
        with naming("create", plural(kind), namespace, text_at(manifest, "metadata", "name")):
            return await self._connection.client.create(wanted, dry_run=dry_run)

    async def _apply(self, manifest: Manifest, held: Object, *, dry_run: bool = False) -> Object:
        """A server-side apply; with the uid too, as otherwise it would create what is gone."""
        metadata = {**mapping_at(manifest, "metadata"), **_state(held)}
        applied = {**manifest, "metadata": metadata}
        return await self._patch(held, applied, PatchType.APPLY, dry_run=dry_run)

    async def _merge(self, held: Object, changes: Manifest) -> Object:
        metadata = {**mapping_at(changes, "metadata"), **_state(held)}
        return await self._patch(held, {**changes, "metadata": metadata}, PatchType.MERGE)

    async def _patch(
        self, held: Object, document: Manifest, how: PatchType, *, dry_run: bool = False
    ) -> Object:
        kind, namespace = kind_of(held), text_at(held, "metadata", "namespace")
        with naming("patch", plural(kind), namespace, name(held)):
            return await self._connection.client.patch(
                kind,
                name(held),
                dict(document),
                namespace=namespace,
                patch_type=how,
                force=how is PatchType.APPLY,
                dry_run=dry_run,
            )


def _state(held: Object) -> Mapping[str, str]:
    return {"resourceVersion": version(held), "uid": text_at(held, "metadata", "uid")}
