"""Every state of a rule's two objects, in the order in which the API server stored them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tests.cluster.api import Api, Manifest, path_of
from tests.cluster.waiting import until

KINDS = ("DestinationRule", "VirtualService")

Beside = TypeVar("Beside")


def named(kind: str, namespace: str, name: str) -> dict[str, Any]:
    """Enough of a manifest to find an object."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata}


@dataclass(frozen=True, slots=True)
class State(Generic[Beside]):
    """An object as it was stored, or the last of it; and what else was so when that was heard."""

    object: Manifest
    gone: bool
    beside: Beside

    @property
    def order(self) -> int:
        """The API server counts all its writes with one number."""
        return int(self.object["metadata"]["resourceVersion"])


@dataclass
class Recording(Generic[Beside]):
    """What was heard of a service's objects since it began."""

    api: Api
    namespace: str
    name: str
    ask: Callable[[], Awaitable[Beside]]
    heard: list[State[Beside]] = field(default_factory=list)

    async def states(self) -> list[State[Beside]]:
        """The states in their order, once the newest ones are among them."""
        await until(self._up_to_date)
        return sorted(self.heard, key=lambda state: state.order)

    async def follow(self, kind: str, since: str) -> None:
        """Hear of every state of one kind, until cancelled."""
        folder = self._folder(kind)
        params = {"watch": "1", "resourceVersion": since}
        async with self.api.client.stream("GET", folder, params=params, timeout=None) as answer:
            async for line in answer.aiter_lines():
                await self._note(json.loads(line))

    async def position(self, kind: str) -> str:
        """From where on nothing is missed."""
        found = (await self.api.client.get(self._folder(kind))).json()
        return str(found["metadata"]["resourceVersion"])

    async def _note(self, event: Manifest) -> None:
        found = event["object"]
        if found["metadata"]["name"] == self.name:
            state = State(found, event["type"] == "DELETED", await self.ask())
            self.heard.append(state)

    async def _up_to_date(self) -> bool:
        """Whether what is there now was heard of; nothing to hear is fine, too."""
        for kind in KINDS:
            found = await self.api.get(named(kind, self.namespace, self.name))
            last = [one for one in self.heard if one.object["kind"] == kind][-1:]
            if last and (found is None) is not last[0].gone:
                return False
            if last and found and found["metadata"] != last[0].object["metadata"]:
                return False
        return True

    def _folder(self, kind: str) -> str:
        return path_of(named(kind, self.namespace, self.name)).rpartition("/")[0]


@asynccontextmanager
async def recording(
    api: Api, namespace: str, name: str, ask: Callable[[], Awaitable[Beside]]
) -> AsyncIterator[Recording[Beside]]:
    """A recording that goes on until the block ends; `ask` is asked at every state."""
    told = Recording(api, namespace, name, ask)
    places = [(kind, await told.position(kind)) for kind in KINDS]
    following = [asyncio.create_task(told.follow(*place)) for place in places]
    try:
        yield told
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)


def pictures(states: Iterable[State[Any]]) -> list[str]:
    """What both objects said together after each write that changed it, in words."""
    held: dict[str, Manifest | None] = dict.fromkeys(KINDS)
    told: list[str] = []
    for state in states:
        held[state.object["kind"]] = None if state.gone else state.object
        told += [one for one in [in_words(*held.values())] if one not in told[-1:]]
    return told


def in_words(destination_rule: Manifest | None, virtual_service: Manifest | None) -> str:
    """The subsets, and the weights of who gets traffic: `v1 v2: v1=80 v2=20`; all there is."""
    subsets = " ".join(subsets_of(destination_rule))
    weights = " ".join(f"{name}={weight}" for name, weight in weights_of(virtual_service).items())
    return f"{subsets}: {weights}".strip(": ")


def subsets_of(destination_rule: Manifest | None) -> list[str]:
    """The versions that are known, in alphabetical order."""
    found = destination_rule["spec"]["subsets"] if destination_rule else ()
    return sorted(one["name"] for one in found)


def weights_of(virtual_service: Manifest | None) -> dict[str, int]:
    """How the traffic outside cohorts is divided."""
    found = virtual_service["spec"]["http"][-1]["route"] if virtual_service else ()
    return {one["destination"]["subset"]: one.get("weight", 100) for one in found}
