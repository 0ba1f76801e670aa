"""A word wakes just the loops that it concerns."""

import asyncio

import pytest
from tests.fakes.world import World

from crossfade.application.work import Event
from crossfade.domain.revision import TargetKind
from crossfade.entrypoints.worker.every import Bell, Loop
from crossfade.entrypoints.worker.loops import listen

GIT, ENVOY = TargetKind.GIT, TargetKind.ENVOY
LAST = Event("local", "last")


class Counting(Bell):
    """A bell that is only counted."""

    def __init__(self) -> None:
        super().__init__()
        self.rings = 0

    def ring(self) -> None:
        """Count."""
        self.rings += 1


async def nothing() -> None:
    """No work at all."""


async def rings_for(event: Event) -> dict[TargetKind, int]:
    """How often a word wakes the loop of each kind."""
    world, done = World(), asyncio.Event()
    bells = {kind: Counting() for kind in (GIT, ENVOY)}
    loops = {kind: Loop(kind, 1.0, nothing, bell=bell) for kind, bell in bells.items()}

    def told(word: Event) -> None:
        if word == LAST:  # what the words before it rang is scheduled already
            asyncio.get_running_loop().call_later(0, done.set)

    listening = asyncio.create_task(listen(world.ports, loops, told))
    await asyncio.sleep(0)
    world.database.events.tell([event, LAST])
    await done.wait()
    listening.cancel()
    return {kind: bell.rings for kind, bell in bells.items()}


@pytest.mark.parametrize(
    ("event", "rings"),
    [
        (Event("due", "git", "r1"), {GIT: 1, ENVOY: 0}),
        (Event("due", "envoy", "r1"), {GIT: 0, ENVOY: 1}),
        (Event("gap", ""), {GIT: 1, ENVOY: 1}),
        (Event("rule", "r1", "r1", "undeployed-changes"), {GIT: 0, ENVOY: 0}),
    ],
)
async def test_a_word_wakes_the_loops_that_it_concerns(
    event: Event, rings: dict[TargetKind, int]
) -> None:
    assert await rings_for(event) == rings
