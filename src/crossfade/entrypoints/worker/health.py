"""Looks at everything that the installation stands on, and writes it into the health book."""

import asyncio

from crossfade.application.health import HealthBook, Probe
from crossfade.bootstrap.opened import Crossfade
from crossfade.domain.errors import CrossfadeError, RefusedError
from crossfade.domain.revision import short
from crossfade.entrypoints.worker.every import Loop
from crossfade.entrypoints.worker.holding import Holding

LOOK_S = 2.0
RISING_S = 0.1
RISING_LOOKS = 100  # what is unwell for longer than a start takes can wait for the next look


def health_loop(crossfade: Crossfade, repository: Holding) -> Loop:
    """Looks again and again; at first so often that nobody waits for a look to be ready."""
    rising = RISING_LOOKS

    async def work() -> None:
        nonlocal rising
        await look(crossfade, commits=repository.held)
        well = all(check.ok for check in crossfade.health.checks)
        rising = 0 if well else max(rising - 1, 0)
        if rising:
            asyncio.get_running_loop().call_later(RISING_S, loop.bell.ring)

    loop = Loop("health", LOOK_S, work)
    return loop


async def look(crossfade: Crossfade, *, commits: bool) -> None:
    """One look; `commits` where this process is the one that writes to the repository."""
    for probe in crossfade.probes:
        await _note(crossfade.health, probe)
    repository = Probe("git", lambda: _git(crossfade, commits=commits), crossfade.repository.url)
    await _note(crossfade.health, repository)


async def _note(health: HealthBook, probe: Probe) -> None:
    try:
        health.set(probe.name, await probe.ask(), ok=True, address=probe.address)
    except CrossfadeError as error:
        health.set(probe.name, str(error), ok=False, address=probe.address)


async def _git(crossfade: Crossfade, *, commits: bool) -> str:
    head = await crossfade.ports.repository.head()
    # Whoever does not write never gets to accept what was rewritten, so it is not theirs to tell.
    if commits and (sentence := crossfade.repository.rewritten) is not None:
        raise RefusedError(sentence)
    branch = crossfade.ports.installation.branch
    return f"{branch} is empty" if head is None else f"{branch} at {short(head)}"
