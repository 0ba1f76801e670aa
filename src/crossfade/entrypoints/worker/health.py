"""Looks at everything that the installation stands on, and writes it into the health book."""

from collections.abc import Awaitable, Callable

from crossfade.bootstrap.opened import Crossfade
from crossfade.domain.errors import CrossfadeError, RefusedError


async def look(crossfade: Crossfade, *, commits: bool) -> None:
    """One look; `commits` where this process is the one that writes to the repository."""
    await _note(crossfade, "database", crossfade.database.ping)
    await _note(crossfade, "git", lambda: _git(crossfade, commits=commits))
    await _note(crossfade, "envoy", crossfade.envoy.health)


async def _note(crossfade: Crossfade, name: str, ask: Callable[[], Awaitable[str]]) -> None:
    try:
        crossfade.health.set(name, await ask(), ok=True)
    except CrossfadeError as error:
        crossfade.health.set(name, str(error), ok=False)


async def _git(crossfade: Crossfade, *, commits: bool) -> str:
    head = await crossfade.ports.repository.head()
    # Whoever does not write never gets to accept what was rewritten, so it is not theirs to tell.
    if commits and (sentence := crossfade.repository.rewritten) is not None:
        raise RefusedError(sentence)
    branch = crossfade.ports.installation.branch
    return f"{branch} is empty" if head is None else f"{branch} at {head[:7]}"
