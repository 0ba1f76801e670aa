"""One Envoy's subscription: what it holds, what it must be sent next, and what it said to it.

Values in, values out: the socket is somebody else's. The order is always make before break:
clusters are taken before routes and scopes are sent, and those are taken before clusters go.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from crossfade.adapters.envoy.resources import Kind, Name, Resource

EVERYTHING = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What an Envoy said: its wishes, and its answer to something that it was sent."""

    kind: Kind
    subscribe: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    holds: Mapping[str, str] = field(default_factory=dict)  # name → version, after a reconnect
    nonce: str = ""
    complaint: str | None = None  # why it does not take what came under the nonce


@dataclass(frozen=True, slots=True)
class Said:
    """What an Envoy is sent: resources of one kind, and names that are gone."""

    kind: Kind
    nonce: str
    resources: tuple[Resource, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A resource that an Envoy does not take, with its own words."""

    resource: Resource
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What follows from an Envoy's words: names that it took, and what it refused."""

    taken: tuple[Name, ...] = ()
    refused: tuple[Refusal, ...] = ()


Desired = Mapping[Kind, Mapping[str, Resource]]


class Stream:
    """The state of one Envoy's subscription, from its first word to its last."""

    def __init__(self) -> None:
        self._nonces = count(1)
        self._wishes = {kind: _Wishes() for kind in Kind}
        self._in_flight: dict[str, Said] = {}
        self._settled = False

    @property
    def settled(self) -> bool:
        """Whether the Envoy has told what it holds, and was once brought to what is desired.

        Before that nothing can be said about what it does not hold.
        """
        asked = self._wishes[Kind.CLUSTER].asked and self._wishes[Kind.SCOPE].asked
        busy = self._in_flight or any(wishes.unseen for wishes in self._wishes.values())
        self._settled = self._settled or (asked and not busy)
        return self._settled

    def hear(self, heard: Heard) -> Answer:
        """Take in what the Envoy said."""
        wishes = self._wishes[heard.kind]
        wishes.change(heard)
        said = self._in_flight.pop(heard.nonce, None)
        if said is None:
            return Answer()
        if heard.complaint is None:
            wishes.take(said)
            names = (*(resource.name.text for resource in said.resources), *said.gone)
            return Answer(taken=tuple(Name(said.kind, name) for name in names))
        wishes.refuse(said)
        return _refused(said, heard.complaint)

    def touch(self, names: Iterable[Name]) -> None:
        """Look at these again, also where they were refused before: they may have changed."""
        for name in names:
            self._wishes[name.kind].touch(name.text)

    def due(self, desired: Desired) -> tuple[Said, ...]:
        """What the Envoy must be sent now; more may follow when it has answered.

        All at once: were what is desired to change between two of these, routes could overtake
        their clusters.
        """
        return tuple(self._due(desired))

    def _due(self, desired: Desired) -> Iterator[Said]:
        yield from self._changes(Kind.CLUSTER, desired)
        if self._waits_for(Kind.CLUSTER):
            return
        yield from self._changes(Kind.SCOPE, desired, with_gone=True)
        yield from self._changes(Kind.ROUTE, desired, with_gone=True)
        if self._waits_for(Kind.SCOPE) or self._waits_for(Kind.ROUTE):
            return
        yield from self._changes(Kind.CLUSTER, desired, with_gone=True)

    def holds(self, resource: Resource) -> bool:
        """Whether the Envoy has taken exactly this."""
        return self._wishes[resource.name.kind].held.get(resource.name.text) == resource.version

    def knows(self, name: Name) -> bool:
        """Whether the Envoy has, or is being sent, anything of this name."""
        wishes = self._wishes[name.kind]
        return name.text in wishes.held or name.text in wishes.sent

    def _waits_for(self, kind: Kind) -> bool:
        """Whether the Envoy has yet to ask for, or to answer to, something of this kind."""
        asked = self._wishes[kind].asked or kind is Kind.ROUTE  # asked for only by name
        return not asked or any(said.kind is kind for said in self._in_flight.values())

    def _changes(self, kind: Kind, desired: Desired, *, with_gone: bool = False) -> Iterator[Said]:
        for resources, gone in self._wishes[kind].batches(desired[kind], with_gone=with_gone):
            said = Said(kind, str(next(self._nonces)), resources, gone)
            self._in_flight[said.nonce] = said
            yield said


Batch = tuple[tuple[Resource, ...], tuple[str, ...]]


class _Wishes:
    """What an Envoy wants and has of one kind."""

    def __init__(self) -> None:
        self.asked = False
        self.held: dict[str, str] = {}
        self.sent: dict[str, str] = {}  # held, or on its way; absent: neither
        self._greeted = False
        self._everything = False
        self._named: set[str] = set()
        self._dirty: set[str] = set()
        self._suspects: set[str] = set()  # were in a refused batch: each is sent alone
        self._refused: dict[str, str] = {}

    @property
    def unseen(self) -> bool:
        """Whether names have yet to be looked at."""
        return self.asked and bool(self._dirty)

    def change(self, heard: Heard) -> None:
        """Take in wishes. The first word without names asks for everything, as `*` does."""
        everything = EVERYTHING in heard.subscribe or not (self.asked or heard.subscribe)
        self._everything = self._everything or everything
        self.asked = True
        names = set(heard.subscribe) - {EVERYTHING}
        for name in (*names, *heard.unsubscribe):
            self.held.pop(name, None)
            self.sent.pop(name, None)
        self.held.update(heard.holds)
        self.sent.update(heard.holds)
        self._named = (self._named | names) - set(heard.unsubscribe)
        self._dirty |= names | set(heard.holds)

    def touch(self, name: str) -> None:
        """Look at a name again."""
        self._dirty.add(name)
        self._refused.pop(name, None)

    def take(self, said: Said) -> None:
        """The Envoy has taken what it was sent."""
        for resource in said.resources:
            self.held[resource.name.text] = resource.version
            self._suspects.discard(resource.name.text)
        for name in said.gone:
            self.held.pop(name, None)

    def refuse(self, said: Said) -> None:
        """The Envoy keeps what it had. Culprits among many are found by sending each alone."""
        alone = len(said.resources) == 1
        for resource in said.resources:
            name = resource.name.text
            if self.sent.get(name) == resource.version:
                self._restore(name)
            if alone:
                self._refused[name] = resource.version
            else:
                self._suspects.add(name)
            self._dirty.add(name)
        if said.resources:  # they are to blame, so the rest is said again without them
            self._dirty.update(said.gone)
            for name in said.gone:
                self._restore(name)

    def batches(self, desired: Mapping[str, Resource], *, with_gone: bool) -> Iterator[Batch]:
        """What to send: the changed ones together, suspects each alone, the gone ones last."""
        if not self.asked:
            return
        changed = self._changed(desired)
        gone = self._gone(desired) if with_gone else ()
        together = tuple(r for r in changed if r.name.text not in self._suspects)
        greeting = self._everything and not self._greeted  # the first answer comes even when empty
        self._greeted = self._greeted or greeting
        if together or gone or greeting:
            yield together, gone
        for resource in changed:
            if resource.name.text in self._suspects:
                yield (resource,), ()

    def _changed(self, desired: Mapping[str, Resource]) -> tuple[Resource, ...]:
        if self._everything and not self._greeted:
            self._dirty |= desired.keys() | self.held.keys()
        looked_at = [name for name in self._dirty if name in desired]
        self._dirty.difference_update(looked_at)
        changed = tuple(desired[name] for name in sorted(looked_at) if self._lacks(desired[name]))
        self.sent.update((resource.name.text, resource.version) for resource in changed)
        return changed

    def _lacks(self, resource: Resource) -> bool:
        name = resource.name.text
        wanted = self._everything or name in self._named
        known = (self.sent.get(name), self._refused.get(name))
        return wanted and resource.version not in known

    def _gone(self, desired: Mapping[str, Resource]) -> tuple[str, ...]:
        names = tuple(sorted(name for name in self._dirty if name not in desired))
        self._dirty.clear()
        gone = tuple(name for name in names if name in self.sent or name in self._named)
        for name in gone:
            self.sent.pop(name, None)
        return gone

    def _restore(self, name: str) -> None:
        if name in self.held:
            self.sent[name] = self.held[name]
        else:
            self.sent.pop(name, None)


def _refused(said: Said, complaint: str) -> Answer:
    match said.resources:
        case (alone,):
            return Answer(refused=(Refusal(alone, complaint),))
        case _:
            return Answer()
