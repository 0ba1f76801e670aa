"""The picture in every file of ours, as a branch moves on."""

from collections.abc import Mapping
from types import MappingProxyType

from crossfade.adapters.git.failure import GitFailedError
from crossfade.adapters.git.tree import Album, changed_paths, entries, files
from crossfade.domain.plan import Picture

TOO_MANY_CHANGES = 1000  # more than these are not asked for by name

_NOTHING: Mapping[str, Picture] = MappingProxyType({})


class Gallery:
    """All pictures at one tip, made from those at the tip before by looking at what changed."""

    def __init__(self, album: Album, prefix: str) -> None:
        self._album = album
        self._git = album.git
        self._prefix = prefix
        self._tip: str | None = None
        self._pictures = _NOTHING

    async def at(self, tip: str | None) -> Mapping[str, Picture]:
        """The picture in every file of ours at a tip, by path."""
        if tip != self._tip:
            self._pictures = await self._moved(tip) if tip else _NOTHING
            self._tip = tip
        return self._pictures

    async def _moved(self, tip: str) -> Mapping[str, Picture]:
        changed = await self._changed(tip)
        if changed is None or len(changed) > TOO_MANY_CHANGES:
            found = await files(self._git, tip, self._prefix)
            return MappingProxyType(await self._album.pictures(found))
        there = await entries(self._git, tip, changed) if changed else {}
        fresh = await self._album.pictures(
            [entry for path, entry in there.items() if entry.path == path and not entry.is_folder]
        )
        kept = {path: seen for path, seen in self._pictures.items() if path not in changed}
        return MappingProxyType(kept | fresh)

    async def _changed(self, tip: str) -> frozenset[str] | None:
        """What differs from the tip before; None where that cannot be told."""
        if self._tip is None:
            return None
        try:
            return await changed_paths(self._git, self._tip, tip, self._prefix)
        except GitFailedError:
            return None  # a clone made afresh need not hold the tip before
