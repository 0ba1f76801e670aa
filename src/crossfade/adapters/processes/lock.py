"""A folder that only one process may use at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from crossfade.application.processes import StartError

LOCK_FILE = "lock"


class FolderInUseError(StartError):
    """Another process holds the folder."""

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(
            f"{folder} is in use by process {holder or 'unknown'}: "
            "stop that one first, or choose another data folder."
        )
        self.holder = holder


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the folder until the block ends, or we do; FolderInUseError names the holder's pid."""
    with _opened(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise FolderInUseError(folder, lock.read().strip()) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


def _opened(folder: Path) -> TextIO:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / LOCK_FILE).open("a+")
    except OSError as error:
        raise StartError(f"{folder} cannot be used as data folder: {error.strerror}.") from error
