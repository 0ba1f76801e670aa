"""Settings under which a test opens a repository."""

from collections.abc import Mapping
from pathlib import Path

from crossfade.adapters.git.repository import GitRepository
from crossfade.adapters.git.settings import GitSettings

PATHS = "/usr/bin:/bin:/usr/local/bin"


async def own_repository(data: Path, environment: Mapping[str, str] | None = None) -> GitRepository:
    """Our own repository in a data folder."""
    return await GitRepository.open(
        GitSettings(folder=data, environment=environment or {"PATH": PATHS})
    )


async def remote_repository(
    data: Path,
    remote: str,
    environment: Mapping[str, str] | None = None,
    *,
    timeout_s: float = 20.0,
    read_within_s: float = 5.0,
) -> GitRepository:
    """A remote, looked at anew each time."""
    settings = GitSettings(
        folder=data,
        remote=remote,
        allow_file=True,
        environment=environment or {"PATH": PATHS},
        look_every_s=0.0,
        timeout_s=timeout_s,
        read_within_s=read_within_s,
    )
    return await GitRepository.open(settings)


def clone_of(data: Path) -> Path:
    """The disposable clone in a data folder."""
    [clone] = data.glob("clone-*.git")
    return clone
