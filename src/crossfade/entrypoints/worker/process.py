"""All background work of one process, from its start to its end."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext

from crossfade.application.work import Event
from crossfade.bootstrap.envoy import LEASE
from crossfade.bootstrap.opened import Crossfade
from crossfade.domain.revision import TargetKind
from crossfade.entrypoints.worker.every import Loop, Passed, every
from crossfade.entrypoints.worker.health import look
from crossfade.entrypoints.worker.holding import Holding
from crossfade.entrypoints.worker.journal import Journal
from crossfade.entrypoints.worker.loops import (
    drift_loop,
    git_loop,
    holding_loop,
    listen,
    mesh_loop,
    running,
)

REPOSITORY_LEASE = "repository"
LOOK_S = 2.0
PLACE_S = 60.0


@asynccontextmanager
async def at_work(crossfade: Crossfade, passed: Passed) -> AsyncIterator[None]:
    """The background loops, until the block ends; then what we alone owned is given back."""
    ports = crossfade.ports
    envoy = Holding(ports, LEASE, crossfade.envoy.serving)
    repository = Holding(ports, REPOSITORY_LEASE, nullcontext)
    converging = {
        TargetKind.ENVOY: mesh_loop(ports),
        TargetKind.GIT: git_loop(ports, repository),
    }
    placing = Loop("places", PLACE_S, crossfade.placing.look)
    others = (
        holding_loop("envoy", envoy),
        holding_loop("repository", repository),
        drift_loop(ports, repository),
        Loop("health", LOOK_S, lambda: look(crossfade, commits=repository.held)),
        Loop("metrics", 1.0, crossfade.metrics.read),
    )

    def told(event: Event) -> None:
        journal.tell(event)
        if crossfade.placing.heard(event):
            placing.bell.ring()

    journal = Journal()
    loops: Sequence[Loop] = (*converging.values(), placing, *others)
    work = (every(loop, passed) for loop in loops)
    async with running(*work, listen(ports, converging, told)):
        yield
    await envoy.give_back()
    await repository.give_back()
