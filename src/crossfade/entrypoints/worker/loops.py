"""The background work of a process, as a list of loops; any process may run them, any may die."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from types import MappingProxyType

from crossfade.application.convergence import (
    GIT_BATCH,
    MESH_BATCH,
    converge_git,
    converge_mesh,
)
from crossfade.application.drift import Look, look_at_git
from crossfade.application.late_proof import prove_late
from crossfade.application.mesh_drift import look_at_mesh
from crossfade.application.ports import Cluster, Installation, Ports
from crossfade.application.work import Event
from crossfade.domain.delivery import Delivery
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import TargetKind
from crossfade.entrypoints.worker.every import Loop
from crossfade.entrypoints.worker.holding import RENEWAL_S, Holding

# Traffic first, paperwork after: a commit waits until proxies have taken what it records, for the
# two would share a small machine's processors; and it gathers company meanwhile.
PAPERWORK_S: Mapping[TargetKind, float] = MappingProxyType(
    {TargetKind.ENVOY: 0.05, TargetKind.CLUSTER: 0.25}
)


def mesh_loop(ports: Ports) -> Loop:
    """Carries targets to the mesh where this process holds it."""

    async def work() -> bool:
        return await converge_mesh(ports) == MESH_BATCH

    return Loop("mesh", 1.0, work)


def git_loop(ports: Ports, holding: Holding) -> Loop:
    """Carries targets to the repository where this process is its one writer."""

    async def work() -> bool:
        return holding.held and await converge_git(ports) == GIT_BATCH

    return Loop("git", 1.0, work, limit_s=180.0, lag_s=_paperwork_s(ports.installation))


def _paperwork_s(here: Installation) -> float:
    """How long a commit lets traffic go first; not at all where traffic waits for it."""
    return 0.0 if here.delivery is Delivery.GIT_ONLY else PAPERWORK_S[here.mesh]


def drift_loop(ports: Ports, holding: Holding) -> Loop:
    """Looks for other writers in the repository."""
    last: Look | None = None

    async def work() -> bool:
        nonlocal last
        if holding.held:
            last = await look_at_git(ports, last)
        return False

    return Loop("drift", 3.0, work)


def mesh_drift_loop(ports: Ports, cluster: Cluster) -> Loop:
    """Looks for other writers in the cluster, as soon as something there has changed."""
    behind: frozenset[ServiceKey] | None = None  # None: nothing was looked at yet

    async def work() -> bool:
        nonlocal behind
        due = None if behind is None else behind | cluster.changed()
        behind = due if due is not None else frozenset()
        behind = await look_at_mesh(ports, due)
        return False

    return Loop("cluster-drift", 5.0, work)


def late_proof_loop(ports: Ports) -> Loop:
    """Looks again for the proof of what was applied and could not be proven in time."""
    return Loop("late-proof", 30.0, lambda: prove_late(ports))


def holding_loop(name: str, holding: Holding) -> Loop:
    """Takes a lease when it is free, and keeps it."""
    return Loop(name, RENEWAL_S, holding.renew)


async def listen(
    ports: Ports, loops: Mapping[TargetKind, Loop], told: Callable[[Event], None]
) -> None:
    """Wake the loop of each kind of target when one is due, until cancelled."""
    clock = asyncio.get_running_loop()
    async with ports.events.subscribe() as events:
        async for event in events:
            told(event)
            for kind, loop in loops.items():
                if event.type == "gap" or (event.type == "due" and event.id == kind):
                    clock.call_later(loop.lag_s, loop.bell.ring)


@asynccontextmanager
async def running(*endless: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """All of these at work until the block ends, which cancels them."""
    tasks = [asyncio.create_task(one) for one in endless]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
