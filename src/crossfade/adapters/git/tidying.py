"""What keeps a repository quick as it grows."""

from crossfade.adapters.git.process import Git

# With the paths that each commit changed in an index, "who touched this last" is a look, not a walk
# through all commits. The number bounds the work in a history that others have made.
_INDEX = ("commit-graph", "write", "--reachable", "--split", "--changed-paths", "--no-progress")
_AT_MOST = "--max-new-filters=2000"


async def tidy(git: Git) -> None:
    """Loose objects packed and commits indexed, where there are enough to be worth it."""
    await git.run(*_INDEX, _AT_MOST)
    await git.run("gc", "--auto", "--quiet")
