"""All background work of one process, from its start to its end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress

from crossfade.application.ports import Event
from crossfade.bootstrap.envoy import LEASE
from crossfade.bootstrap.opened import Crossfade
from crossfade.domain.errors import CrossfadeError
from crossfade.entrypoints.worker.every import Loop
from crossfade.entrypoints.worker.holding import Holding
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

Passed = Callable[[str, BaseException | None], None]


@asynccontextmanager
async def at_work(crossfade: Crossfade, passed: Passed) -> AsyncIterator[None]:
    """The background loops, until the block ends; then what we alone owned is given back."""
    ports = crossfade.ports
    envoy = Holding(ports, LEASE, crossfade.envoy.serving)
    repository = Holding(ports, REPOSITORY_LEASE, nullcontext)
    converging = (mesh_loop(ports), git_loop(ports, repository))
    placing = Loop("places", PLACE_S, crossfade.placing.look)
    loops = (
        holding_loop("envoy", envoy),
        holding_loop("repository", repository),
        *converging,
        drift_loop(ports, repository),
        placing,
        Loop("health", LOOK_S, lambda: look(crossfade)),
        Loop("metrics", 1.0, crossfade.metrics.read),
    )

    def told(event: Event) -> None:
        if event.type == "local":
            crossfade.placing.moved(event.id)
            placing.bell.ring()
        elif event.type == "gap":
            crossfade.placing.lost_track()
            placing.bell.ring()

    async with running(loops, passed):
        listening = asyncio.create_task(listen(ports, converging, told))
        try:
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
    await envoy.give_back()
    await repository.give_back()


async def look(crossfade: Crossfade) -> bool:
    """One look at everything the installation stands on, written into the health book."""
    await _note(crossfade, "database", crossfade.database.ping)
    await _note(crossfade, "git", lambda: _head(crossfade))
    await _note(crossfade, "envoy", lambda: _proxies(crossfade))
    return False


async def _note(crossfade: Crossfade, name: str, ask: Callable[[], Awaitable[str]]) -> None:
    try:
        crossfade.health.set(name, await ask(), ok=True)
    except CrossfadeError as error:
        crossfade.health.set(name, str(error), ok=False)


async def _head(crossfade: Crossfade) -> str:
    head = await crossfade.ports.repository.head()
    branch = crossfade.ports.installation.branch
    return f"{branch} is empty" if head is None else f"{branch} at {head[:7]}"


async def _proxies(crossfade: Crossfade) -> str:
    return await crossfade.envoy.health()
