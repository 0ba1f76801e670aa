"""Check the audit chain, and the commits that remember its heads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossfade.application.ports import Ports
from crossfade.domain.audit import Link, chain_problems
from crossfade.domain.errors import UnavailableError
from crossfade.domain.revision import short


@dataclass(frozen=True, slots=True)
class Verification:
    """What the check found; no problems means that nothing was altered or cut off."""

    entries: int
    head: str | None
    commits_checked: int
    problems: tuple[str, ...]


async def verify(ports: Ports) -> Verification:
    """The chain checked link by link, and against all that remembers one of its heads."""
    remembered, trouble = await _remembered(ports)
    kept_head = await ports.chain.head()
    links = await ports.chain.links()
    problems = [
        *chain_problems(links),
        *_head_problems(links, kept_head),
        *_commit_problems(links, remembered),
        *trouble,
    ]
    head = links[-1].hash if links else None
    return Verification(len(links), head, len(remembered), tuple(problems))


def _head_problems(links: Sequence[Link], kept: Link | None) -> Iterable[str]:
    """The head was read before the entries were, so they must reach at least as far."""
    if kept is not None and kept.n > len(links):
        yield f"the head is entry {kept.n}, but the chain ends at {len(links)}"


async def _remembered(ports: Ports) -> tuple[Sequence[tuple[str, int, str]], Sequence[str]]:
    """Read before the chain is: an entry named by a commit must be in a chain read later."""
    try:
        return [found async for found in ports.repository.audit_heads()], []
    except UnavailableError as error:
        return [], [f"the repository could not be asked: {error}"]


def _commit_problems(
    links: Sequence[Link], remembered: Iterable[tuple[str, int, str]]
) -> Iterable[str]:
    hashes = {link.n: link.hash for link in links}
    for commit, n, expected in remembered:
        found = hashes.get(n)
        if found is None:
            yield (
                f"commit {short(commit)} names entry {n}, but the chain ends at {len(links)}: "
                "its tail was cut off"
            )
        elif found != expected:
            told = f"commit {short(commit)} names another hash for entry {n}"
            yield f"{told}: the chain was rewritten"
