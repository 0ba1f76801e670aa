"""The branch as a batch of changes meets it: what stands at their paths, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crossfade.adapters.git.decision import Step, decide
from crossfade.adapters.git.history import Touch, last_touches
from crossfade.adapters.git.paths import path_fault
from crossfade.adapters.git.settings import GitSettings
from crossfade.adapters.git.tree import Album, Entry, entries
from crossfade.application.ports import Change
from crossfade.domain.plan import Contested, Keep, Picture


@dataclass(frozen=True, slots=True)
class View:
    """A tip, the step of each change on it, and who touched the paths that stay as they are."""

    tip: str | None
    steps: tuple[Step, ...]
    touches: Mapping[str, Touch]


@dataclass(frozen=True, slots=True)
class _Refusals:
    """Why a change is left out before anything is compared."""

    prefix: str
    rewritten: str | None
    found: Mapping[str, Entry]

    def __call__(self, change: Change) -> str | None:
        if (fault := path_fault(change.path, self.prefix)) is not None:
            return f"{change.path!r} cannot be a file of ours: {fault}."
        entry = self.found.get(change.path)
        if entry and (entry.obstacle or entry.path != change.path):
            return f"{entry.path} is {entry.obstacle or 'a file'} in the repository; move it away."
        return None if change.forced else self.rewritten


async def look(
    album: Album,
    tip: str | None,
    changes: Sequence[Change],
    settings: GitSettings,
    rewritten: str | None,
) -> View:
    """The view of a batch from a tip."""
    paths = {c.path for c in changes if path_fault(c.path, settings.prefix) is None}
    found = await entries(album.git, tip, paths) if tip and paths else {}
    here = [entry for path, entry in found.items() if entry.path == path]
    observed = await album.pictures(here)
    refusals = _Refusals(settings.prefix, rewritten, found)
    steps = decide(changes, observed, refusals, empty=tip is None)
    left = {c.path for c, s in zip(changes, steps, strict=True) if isinstance(s, Keep | Contested)}
    if tip is None or not left:
        return View(tip, steps, {})
    touches = await last_touches(album.git, tip, left)
    own = _by_our_hand(touches, observed, settings.identity.email)
    return View(tip, decide(changes, observed, refusals, own), touches)


def _by_our_hand(
    touches: Mapping[str, Touch], observed: Mapping[str, Picture], email: str
) -> frozenset[str]:
    return frozenset(
        path
        for path, touch in touches.items()
        if path in observed
        and touch.committer == email
        and touch.generation is not None
        and touch.generation == observed[path].generation
    )
