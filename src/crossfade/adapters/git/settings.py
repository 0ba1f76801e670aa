"""How the repository is reached, and in whose name it is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crossfade.adapters.git.building import Identity
from crossfade.adapters.git.paths import check_prefix

CROSSFADE = Identity("crossfade", "crossfade@localhost")

_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSettings:
    """What `GitRepository.open` needs. Without a remote, the authoritative repository is our own.

    `environment` may hold anything: git sees a few names of it. `signed` None follows
    commit.gpgSign. A remote is fetched for readers at most every `look_every_s`; whoever reads a
    file waits no longer than `read_within_s`, not even for a push that hangs.
    """

    folder: Path
    remote: str | None = field(default=None, repr=False)
    allow_file: bool = False
    branch: str = "main"
    prefix: str = "istio"
    identity: Identity = CROSSFADE
    signed: bool | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 20.0
    look_every_s: float = 3.0
    read_within_s: float = 5.0

    def __post_init__(self) -> None:
        check_prefix(self.prefix)
        if not _BRANCH.fullmatch(self.branch) or ".." in self.branch or _ends_badly(self.branch):
            raise ValueError(f"{self.branch!r} cannot be the name of a Git branch.")


def _ends_badly(branch: str) -> bool:
    return any(part.endswith((".", ".lock")) for part in branch.split("/"))
