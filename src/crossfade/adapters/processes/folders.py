"""The private folder for sockets, whose paths must not exceed what a socket address holds."""

import os
import stat
from hashlib import sha256
from pathlib import Path

from crossfade.application.processes import StartError

OPEN_TO_PASS = Path("/tmp")
OURS_ALONE = 0o700
OURS_TO_PASS = 0o711
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
DIGITS = 10


def runtime_folder(data_dir: Path, base: Path | None = None) -> Path:
    """The private folder for the sockets of this data folder, short and always the same.

    `base` is the user's own folder for such things (XDG_RUNTIME_DIR), where there is one.
    """
    digest = sha256(os.fsencode(data_dir.resolve())).hexdigest()[:DIGITS]
    return private_folder((base or OPEN_TO_PASS) / f"crossfade-{digest}")


def private_folder(wanted: Path) -> Path:
    """The folder, made where missing and refused where it is not ours; StartError says why.

    It is made in /tmp where its place is missing. So it is for root, whose PostgreSQL runs as
    somebody else, where others cannot get to it (as below root's XDG_RUNTIME_DIR).
    """
    mode = OURS_TO_PASS if os.geteuid() == 0 else OURS_ALONE
    folder = wanted if _fit(wanted.parent) else OPEN_TO_PASS / wanted.name
    try:
        folder.mkdir(mode=mode)
        folder.chmod(mode)  # mkdir's mode is cut by the umask
    except FileExistsError:
        _check_ours(folder)
    except OSError as error:
        raise StartError(f"{folder} cannot be made for sockets: {error.strerror}.") from error
    return folder


def _fit(place: Path) -> bool:
    resolved = place.resolve()
    if not resolved.is_dir():
        return False
    way = (resolved, *resolved.parents)
    return os.geteuid() != 0 or all(step.stat().st_mode & stat.S_IXOTH for step in way)


def _check_ours(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StartError(f"{folder} belongs to somebody else: remove it, then start again.")
    if found.st_mode & OTHERS_MAY_WRITE:
        raise StartError(f"{folder} can be written by others: remove it, then start again.")
