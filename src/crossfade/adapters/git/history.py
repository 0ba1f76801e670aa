"""What the log of a branch tells: who touched a path last, and which audit heads it remembers."""

import re
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from crossfade.adapters.git.failure import GitFailedError
from crossfade.adapters.git.message import AUDIT, GENERATION
from crossfade.adapters.git.process import Git

_HEADER = "\x01"
_AUDIT_HEAD = re.compile(r"([0-9]{1,18}) ([0-9a-f]{64})")
_TOUCH = f"--format=%x01%H%x1f%cI%x1f%ce%x1f%(trailers:key={GENERATION},valueonly)%x1f%an"
# A merge that changed a path by itself counts, too.
_NAMES = ("--name-only", "--no-renames", "--diff-merges=first-parent")
_REMEMBERED = f"--format=%H%x1f%(trailers:key={AUDIT},valueonly,separator=%x1f)"


@dataclass(frozen=True, slots=True)
class Touch:
    """The commit that last changed a path."""

    commit: str
    at: datetime
    committer: str
    generation: int | None
    author: str


async def last_touches(git: Git, tip: str, paths: Iterable[str]) -> dict[str, Touch]:
    """The newest commit of each path, as far as it was ever touched."""
    missing = set(paths)
    touches: dict[str, Touch] = {}
    touch: Touch | None = None
    log = git.records("log", "-z", *_NAMES, _TOUCH, tip, "--", *missing)
    async with aclosing(log):
        async for record in log:
            path = record.lstrip("\n")
            if record.startswith(_HEADER):
                touch = _touch(record[1:])
            elif touch and path in missing:
                touches[path] = touch
                missing.remove(path)
            if not missing:
                break
    return touches


async def remembered_heads(git: Git, tip: str) -> AsyncGenerator[tuple[str, int, str], None]:
    """(commit, entry number, entry hash) of each commit that names the chain, newest first."""
    log = git.records("log", "-z", f"--grep=^{AUDIT}: ", _REMEMBERED, tip, "--")
    async with aclosing(log):
        async for record in log:
            commit, *values = record.split("\x1f")
            if values and (named := _AUDIT_HEAD.fullmatch(values[-1].strip())):
                yield commit, int(named[1]), named[2]


async def is_ancestor(git: Git, older: str, newer: str) -> bool:
    """Whether a history still holds a commit."""
    try:
        await git.run("merge-base", "--is-ancestor", older, newer)
    except GitFailedError as failure:
        if failure.errors and "Not a valid commit name" not in failure.errors:
            raise
        return False
    return True


def _touch(header: str) -> Touch:
    commit, at, committer, generation, author = header.split("\x1f", 4)
    number = generation.strip()
    known = int(number) if number.isascii() and number.isdigit() else None
    return Touch(commit, datetime.fromisoformat(at), committer, known, author.strip())
