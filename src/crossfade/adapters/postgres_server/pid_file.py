"""The pid file that a server leaves behind when it is killed."""

import os
from collections.abc import Callable
from pathlib import Path

from crossfade.application.processes import Running, StartError

PID_FILE = "postmaster.pid"
SERVER = "postgres"
NOBODYS_PID = 2**22 + 1  # above what any system gives out


def disarm(cluster: Path, running: Callable[[int], Running | None]) -> None:
    """Make a stale pid file harmless where its pid has come to a stranger; nobody is signalled.

    PostgreSQL would take the stranger for a server and refuse to start. Only the pid is replaced:
    from the rest PostgreSQL sees whether orphans of the dead server still use its memory.
    StartError where it is no stranger but a server of this very cluster.
    """
    pid = _recorded_pid(cluster / PID_FILE)
    found = running(pid) if pid else None
    if found is None:
        return
    if found.program == SERVER and found.folder == cluster.resolve():
        raise StartError(f"Another PostgreSQL (process {pid}) uses {cluster}: stop that one first.")
    if found.program != SERVER or found.folder is not None:
        _replace_pid(cluster / PID_FILE)


def _recorded_pid(file: Path) -> int | None:
    try:
        return int(file.read_text().partition("\n")[0])
    except (FileNotFoundError, ValueError):
        return None


def _replace_pid(file: Path) -> None:
    handle = os.open(file, os.O_RDWR | os.O_NOFOLLOW)  # as root: the folder is somebody else's
    with os.fdopen(handle, "r+") as opened:
        rest = opened.read().partition("\n")[2]
        opened.seek(0)
        opened.truncate()
        opened.write(f"{NOBODYS_PID}\n{rest}")
