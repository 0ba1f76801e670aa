"""All background work of one process, from its start to its end."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import assert_never

from crossfade.application.work import Event
from crossfade.bootstrap.cluster import OnCluster
from crossfade.bootstrap.embedded import Embedded
from crossfade.bootstrap.envoy import LEASE
from crossfade.bootstrap.opened import Crossfade
from crossfade.domain.revision import TargetKind
from crossfade.entrypoints.worker.every import Loop, Passed, every
from crossfade.entrypoints.worker.health import health_loop
from crossfade.entrypoints.worker.holding import Holding
from crossfade.entrypoints.worker.journal import Journal
from crossfade.entrypoints.worker.loops import (
    drift_loop,
    git_loop,
    holding_loop,
    late_proof_loop,
    listen,
    mesh_drift_loop,
    mesh_loop,
    running,
)

REPOSITORY_LEASE = "repository"
PLACE_S = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """What one surrounding adds to the background work."""

    loops: Sequence[Loop]
    endless: Sequence[Coroutine[object, object, None]] = ()
    heard: Callable[[Event], None] = lambda _event: None
    owned: Sequence[Holding] = ()


@asynccontextmanager
async def at_work(crossfade: Crossfade, passed: Passed) -> AsyncIterator[None]:
    """The background loops, until the block ends; then what we alone owned is given back."""
    ports = crossfade.ports
    part = _part(crossfade)
    repository = Holding(ports, REPOSITORY_LEASE, nullcontext)
    converging = {
        ports.installation.mesh: mesh_loop(ports),
        TargetKind.GIT: git_loop(ports, repository),
    }
    others = (
        holding_loop("repository", repository),
        drift_loop(ports, repository),
        health_loop(crossfade, repository),
    )

    def told(event: Event) -> None:
        journal.tell(event)
        part.heard(event)

    journal = Journal()
    loops = (every(loop, passed) for loop in (*converging.values(), *others, *part.loops))
    async with running(*loops, *part.endless, listen(ports, converging, told)):
        yield
    for holding in (*part.owned, repository):
        await holding.give_back()


def _part(crossfade: Crossfade) -> Part:
    match crossfade.surrounding:
        case Embedded():
            return _beside_envoy(crossfade, crossfade.surrounding)
        case OnCluster():
            return _beside_a_cluster(crossfade, crossfade.surrounding)
        case _:
            assert_never(crossfade.surrounding)


def _beside_envoy(crossfade: Crossfade, around: Embedded) -> Part:
    envoy = Holding(crossfade.ports, LEASE, around.envoy.serving)
    placing = Loop("places", PLACE_S, around.placing.look)

    def heard(event: Event) -> None:
        if around.placing.heard(event):
            placing.bell.ring()

    loops = (placing, holding_loop("envoy", envoy), Loop("metrics", 1.0, around.metrics.read))
    return Part(loops, heard=heard, owned=(envoy,))


def _beside_a_cluster(crossfade: Crossfade, around: OnCluster) -> Part:
    drift = mesh_drift_loop(crossfade.ports, around.cluster)
    around.on_change(drift.bell.ring)
    loops = (drift, late_proof_loop(crossfade.ports))
    return Part(loops, endless=(around.keep(),))
