"""Short private folders for sockets, whose paths must not exceed what a socket address holds."""

import os
import stat
from hashlib import sha256
from pathlib import Path

from crossfade.application.processes import StartError

FALLBACK = Path("/tmp")
OURS_ALONE = 0o700
OURS_TO_PASS = 0o711  # root's children run as somebody else and must reach their own folders in it
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
DIGITS = 10


def runtime_folder(data_dir: Path, base: Path | None = None) -> Path:
    """The private folder for this data folder's sockets, made where missing.

    `base` is the user's own runtime folder (XDG_RUNTIME_DIR), where there is one.
    """
    digest = sha256(os.fsencode(data_dir.resolve())).hexdigest()[:DIGITS]
    folder = (base or FALLBACK) / f"crossfade-{digest}"
    mode = OURS_ALONE if os.geteuid() else OURS_TO_PASS
    try:
        folder.mkdir(mode=mode)
        folder.chmod(mode)  # mkdir's mode is cut by the umask
    except FileExistsError:
        _check_ours(folder)
    return folder


def _check_ours(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StartError(f"{folder} belongs to somebody else: remove it, then start again.")
    if found.st_mode & OTHERS_MAY_WRITE:
        raise StartError(f"{folder} can be written by others: remove it, then start again.")
