"""Looks at everything that the installation stands on, and writes it into the health book."""

from crossfade.application.health import HealthBook, Probe
from crossfade.bootstrap.opened import Crossfade
from crossfade.domain.errors import CrossfadeError, RefusedError
from crossfade.domain.revision import short


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
