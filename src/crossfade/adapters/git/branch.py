"""The authoritative branch, wherever it lives: its tip, and the one way to move it."""

from typing import Protocol

from crossfade.adapters.git.failure import GitFailedError
from crossfade.adapters.git.process import Git

NOW = -1.0
ANY_AGE = float("inf")


class Branch(Protocol):
    """One branch of one bare repository on this machine, or of the remote that it is a clone of."""

    @property
    def git(self) -> Git:
        """The repository on this machine, where commits are built and read."""

    @property
    def url(self) -> str:
        """Where people find the repository, without any secret."""

    async def create(self) -> None:
        """Make the repository where there is none."""

    async def tip(self, *, within_s: float) -> str | None:
        """The newest commit, as it was at most so long ago; None where there is none."""

    async def publish(self, old: str | None, new: str) -> bool:
        """Move the branch from one commit to another; False where it was no longer at `old`."""

    async def mend(self, failure: GitFailedError) -> bool:
        """Undo what broke the repository on this machine; whether another try is worth it."""


async def resolve(git: Git, ref: str) -> str | None:
    """The commit of a ref; None where there is no such ref."""
    try:
        return (await git.run("rev-parse", "--verify", "--quiet", ref)).decode().strip()
    except GitFailedError as failure:
        if failure.errors:
            raise
        return None
