"""The authoritative repository at a remote, and our disposable bare clone of it."""

import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from crossfade.adapters.git.address import Address
from crossfade.adapters.git.branch import ANY_AGE, resolve
from crossfade.adapters.git.failure import GitFailedError, plain
from crossfade.adapters.git.local import init
from crossfade.adapters.git.process import Git
from crossfade.domain.errors import UnavailableError

_FETCHED = "refs/crossfade/tip"
_REMADE_AT_MOST_EVERY_S = 10.0
_NEVER = float("-inf")
_OUTPACED = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to update ref|"
    r"incorrect old value|reference already exists"
)
_REFUSED = re.compile(r"^!.*\[(?:remote )?rejected\] \((.*)\)$", re.MULTILINE)
_LOCAL_VERBS = frozenset({"rev-parse", "ls-tree", "cat-file", "log", "merge-base", "fast-import"})


class RemoteBranch:
    """A branch of a remote.

    What the last fetch or push told is kept, so that a lone writer needs one round trip, the push:
    its lease makes the server compare before it swaps.
    """

    def __init__(self, git: Git, address: Address, name: str) -> None:
        self.git = git
        self.url = address.shown
        self._remote = address.url
        self._ref = f"refs/heads/{name}"
        self._name = name
        self._tip: str | None = None
        self._failure: str | None = None
        self._looked_at: float | None = None
        self._remade_at = _NEVER

    async def create(self) -> None:
        """Make the clone where there is none; nothing is fetched yet."""
        if not (self.git.folder / "HEAD").exists():
            await init(self.git, self._name, {})

    async def tip(self, *, within_s: float) -> str | None:
        """The remote's newest commit; a remote that did not answer is not asked at once again."""
        if self._due(within_s):
            await self._look()
        if self._failure:
            raise UnavailableError(self._failure)
        return self._tip

    async def publish(self, old: str | None, new: str) -> bool:
        """Push one commit, if the remote is still where we saw it."""
        lease = f"--force-with-lease={self._ref}:{old or ''}"
        target = f"{new}:{self._ref}"
        try:
            await self.git.run("push", "--porcelain", "--quiet", lease, "--", self._remote, target)
        except GitFailedError as failure:
            self._looked_at = None  # an answer may have been lost after all was accepted
            if _OUTPACED.search(_refusal(failure.output)):
                return False
            raise _declined(failure) from failure
        self._tip, self._looked_at = new, time.monotonic()
        return True

    async def mend(self, failure: GitFailedError) -> bool:
        """Make the clone afresh: it holds nothing that the remote does not."""
        complaint = (
            failure.errors and failure.verb in _LOCAL_VERBS
        )  # on a sound clone there is none
        if not (complaint or failure.locked or failure.damaged):
            return False
        if time.monotonic() - self._remade_at > _REMADE_AT_MOST_EVERY_S:
            self._remade_at = time.monotonic()
            self._looked_at = None
            _discard(self.git.folder)
            await self.create()
        return True

    def _due(self, within_s: float) -> bool:
        if self._looked_at is None or (self._failure and within_s == ANY_AGE):
            return True
        return time.monotonic() - self._looked_at > within_s

    async def _look(self) -> None:
        try:
            self._tip = await self._fetch()
            self._failure = None
        except GitFailedError as failure:
            if failure.locked or failure.damaged:
                raise
            self._failure = str(failure)
        self._looked_at = time.monotonic()

    async def _fetch(self) -> str | None:
        source = f"+{self._ref}:{_FETCHED}"
        options = ("--quiet", "--no-tags", "--no-write-fetch-head")
        try:
            await self.git.run("fetch", *options, "--", self._remote, source)
        except GitFailedError as failure:
            if "couldn't find remote ref" in failure.errors:
                return None
            raise
        return await resolve(self.git, _FETCHED)


def _refusal(porcelain: str) -> str:
    """Why the remote refused the ref, by `push --porcelain`; empty where it never came to it."""
    found = _REFUSED.search(porcelain)
    return found[1] if found else ""


def _declined(failure: GitFailedError) -> GitFailedError:
    """The failure with the remote's own words, where a hook or a rule of it spoke."""
    refusal = _refusal(failure.output)
    if not refusal:
        return failure
    spoken = [plain(line) for line in failure.errors.splitlines() if line.startswith("remote: ")]
    words = [word for word in spoken if word]
    sentence = ": ".join(["the remote declined it", plain(refusal), *words[-1:]])
    return GitFailedError("push", sentence, errors=failure.errors)


def _discard(folder: Path) -> None:
    """Out of the way at once: a git that still runs there may end in its own time."""
    trash = folder.with_suffix(f".trash-{time.monotonic_ns()}")
    with suppress(FileNotFoundError):
        folder.rename(trash)
    for leftover in folder.parent.glob(f"{folder.stem}.trash-*"):
        shutil.rmtree(leftover, ignore_errors=True)
