"""The authoritative repository as a bare one in the data folder."""

import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crossfade.adapters.git.branch import resolve
from crossfade.adapters.git.failure import GitFailedError
from crossfade.adapters.git.process import Git, nobody_at_work

# Git holds the locks of a ref for milliseconds; a person's git may be at work there, too.
STALE_AFTER_S = 1.0
_ABSENT = "0" * 40
# Nobody who pushes here may take away what was accepted.
_CONFIG = {"receive.denyNonFastForwards": "true", "receive.denyDeletes": "true"}


@dataclass(frozen=True, slots=True)
class LocalBranch:
    """A branch of a repository that is our own.

    It moves by `update-ref` with the old value: one process, where a push starts four for the
    same compare-and-swap. The objects are on disk before it runs, and it is the last.
    """

    git: Git
    name: str

    @property
    def url(self) -> str:
        """Where people find the repository."""
        return str(self.git.folder)

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.name}"

    async def create(self) -> None:
        """Make the repository where there is none."""
        if not (self.git.folder / "HEAD").exists():
            await init(self.git, self.name, _CONFIG)

    async def tip(self, *, within_s: float) -> str | None:  # noqa: ARG002 - it is always seen now
        """The commit of the branch, now."""
        return await resolve(self.git, self._ref)

    async def publish(self, old: str | None, new: str) -> bool:
        """Compare and swap."""
        try:
            await self.git.run("update-ref", "--", self._ref, new, old or _ABSENT)
        except GitFailedError as failure:
            if "but expected" in failure.errors or "already exists" in failure.errors:
                return False
            raise
        return True

    async def mend(self, failure: GitFailedError) -> bool:
        """Remove the locks of a git that was killed, once nobody can hold them any more."""
        if not failure.locked:
            return False
        if nobody_at_work(self.git.busy_path):
            _remove_stale_locks(self.git.folder)
        return True


async def init(git: Git, branch: str, config: Mapping[str, str]) -> None:
    """A bare repository with HEAD on a branch; it appears whole or not at all."""
    try:
        making = Path(tempfile.mkdtemp(prefix=f"{git.folder.name}.", dir=git.folder.parent))
    except OSError as error:
        raise GitFailedError("init", f"{error.strerror} ({git.folder.parent})") from error
    fresh = Git(making, git.environment, git.timeout_s)
    try:
        await fresh.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={branch}")
        for key, value in config.items():
            await fresh.run("config", key, value)
        _put(making, git.folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
        fresh.busy_path.unlink(missing_ok=True)


def _put(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        if not (folder / "HEAD").exists():  # else somebody else was quicker
            raise


def _remove_stale_locks(folder: Path) -> None:
    now = time.time()
    for lock in folder.rglob("*.lock"):
        if now - lock.stat().st_mtime > STALE_AFTER_S:
            lock.unlink(missing_ok=True)
