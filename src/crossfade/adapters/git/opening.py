"""From settings to a branch: our own repository, or the clone of a remote."""

import hashlib
import re

from crossfade.adapters.git.address import parse_remote
from crossfade.adapters.git.branch import Branch
from crossfade.adapters.git.clone import RemoteBranch
from crossfade.adapters.git.environment import closed_environment
from crossfade.adapters.git.failure import GitFailedError
from crossfade.adapters.git.local import LocalBranch
from crossfade.adapters.git.process import Git
from crossfade.adapters.git.settings import GitSettings

OLDEST_GIT = (2, 32)  # the first that takes all its configuration from the environment
_VERSION = re.compile(rb"git version (\d+)\.(\d+)")


async def open_branch(settings: GitSettings) -> Branch:
    """The authoritative branch, with its repository on this machine in place."""
    branch = _local(settings) if settings.remote is None else _remote(settings, settings.remote)
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    await _check_version(branch.git)
    await branch.create()
    return branch


async def signs(git: Git, settings: GitSettings) -> bool:
    """Whether commits are to be signed: as set, or else as git itself is configured."""
    if settings.signed is not None:
        return settings.signed
    try:
        return (await git.run("config", "--type=bool", "commit.gpgSign")).strip() == b"true"
    except GitFailedError as failure:
        if failure.errors:
            raise
        return False  # it is not configured at all


def _local(settings: GitSettings) -> LocalBranch:
    environment = closed_environment(settings.environment, "", {"core.fsync": "committed"})
    git = Git(settings.folder / "repository.git", environment, settings.timeout_s)
    return LocalBranch(git, settings.branch)


def _remote(settings: GitSettings, url: str) -> RemoteBranch:
    address = parse_remote(url, allow_file=settings.allow_file)
    extra = {"core.fsync": "none"}  # what a power cut takes from a clone is fetched again
    if address.authorization is not None:
        extra[f"http.{address.url}.extraHeader"] = address.authorization
    environment = closed_environment(settings.environment, address.protocols, extra)
    # Another remote, another clone: nothing of one must ever be pushed to the other.
    mark = hashlib.sha256(f"{address.url} {settings.branch}".encode()).hexdigest()[:12]
    git = Git(settings.folder / f"clone-{mark}.git", environment, settings.timeout_s)
    return RemoteBranch(git, address, settings.branch)


async def _check_version(git: Git) -> None:
    told = await git.run("version")
    found = _VERSION.match(told)
    version = (int(found[1]), int(found[2])) if found else None
    if version is None or version < OLDEST_GIT:
        needed = ".".join(map(str, OLDEST_GIT))
        raise GitFailedError("version", f"git {needed} or newer is needed, found {told.decode()}")
