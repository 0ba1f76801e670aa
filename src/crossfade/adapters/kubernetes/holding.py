"""What a cluster holds of a service now: as it was heard last, and as we wrote it since."""

from dataclasses import dataclass
from typing import Final

from crossfade.adapters.kubernetes.connection import Connection
from crossfade.adapters.kubernetes.objects import (
    DestinationRule,
    Kind,
    Object,
    VirtualService,
    plural,
    version,
)
from crossfade.adapters.kubernetes.outcomes import AbsentError, naming
from crossfade.adapters.kubernetes.sight import Sight
from crossfade.application.ports import Observed
from crossfade.domain.names import ServiceKey
from crossfade.manifests.authorship import last_author
from crossfade.manifests.pair import Pair, as_written

KINDS: Final[tuple[Kind, Kind]] = (DestinationRule, VirtualService)

_Place = tuple[Kind, ServiceKey]


@dataclass(frozen=True, slots=True)
class _OwnWrite:
    """What we made of an object, not yet heard: None where we took it away in this version."""

    version: int
    left: Object | None


def observed(held: Pair) -> Observed | None:
    """What a pair says, and who else wrote it last; None where there is neither object."""
    if held == Pair():
        return None
    shown, hand = as_written(held), last_author(*held)
    if hand is None:
        return Observed(shown.picture, shown.text)
    return Observed(shown.picture, shown.text, hand.manager, hand.at)


class Holdings:
    """Reads a service's two objects: from memory while that follows the API server."""

    def __init__(self, connection: Connection, sight: Sight) -> None:
        self._connection = connection
        self._sight = sight
        self._own: dict[_Place, _OwnWrite] = {}

    async def pair(self, key: ServiceKey) -> Pair:
        """Both objects as they are known; asked for only where memory does not follow."""
        destination_rule, virtual_service = [
            self._remembered(kind, key)
            if self._follows(kind, key)
            else await self._asked(kind, key)
            for kind in KINDS
        ]
        return Pair(destination_rule, virtual_service)

    async def fresh(self, key: ServiceKey) -> Pair:
        """Both objects as the API server holds them at this moment."""
        destination_rule, virtual_service = [await self._asked(kind, key) for kind in KINDS]
        return Pair(destination_rule, virtual_service)

    def note_written(self, kind: Kind, key: ServiceKey, written: Object) -> None:
        """What we wrote counts until it, or something newer, is heard."""
        self._own[kind, key] = _OwnWrite(int(version(written)), written)

    def note_deleted(self, kind: Kind, key: ServiceKey, deleted: Object) -> None:
        """What we took away is gone, however long it is still remembered."""
        self._own[kind, key] = _OwnWrite(int(version(deleted)), None)

    def _follows(self, kind: Kind, key: ServiceKey) -> bool:
        return self._sight.watched(kind, key.namespace).synced

    def _remembered(self, kind: Kind, key: ServiceKey) -> Object | None:
        heard = self._sight.find(kind, key.namespace, key.service)
        own = self._own.get((kind, key))
        if own is None:
            return heard
        if self._overtaken(own, heard, self._sight.watched(kind, key.namespace).version):
            del self._own[kind, key]
            return heard
        return own.left

    def _overtaken(self, own: _OwnWrite, heard: Object | None, up_to: str | None) -> bool:
        """Whether memory knows of our write, or of something after it.

        resourceVersions of one kind can be compared as numbers: Kubernetes says so since 1.35,
        and etcd never did otherwise.
        """
        if own.left is None:
            return heard is None or int(version(heard)) > own.version
        return (heard is not None and int(version(heard)) >= own.version) or (
            up_to is not None and int(up_to) >= own.version
        )

    async def _asked(self, kind: Kind, key: ServiceKey) -> Object | None:
        namespace, name = key.namespace, key.service
        self._sight.watched(kind, namespace)  # only where we are to work
        try:
            with naming("get", plural(kind), namespace, name):
                return await self._connection.client.get(kind, name, namespace=namespace)
        except AbsentError:
            return None
