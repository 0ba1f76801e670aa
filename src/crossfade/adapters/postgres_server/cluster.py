"""The folder with the data: made once, whole or not at all."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from crossfade.adapters.postgres_server.accounts import may_reach
from crossfade.adapters.postgres_server.binaries import Binaries
from crossfade.application.processes import Account, Command, Processes, StartError

SUPERUSER = "crossfade"
OWNERS_ALONE = 0o700
WORKING_FOLDER = "/proc/self/cwd"
SINCE_STAYING_INSIDE = 16  # older ones leave the folder for a moment and cannot come back
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Site:
    """Where a server lives: its data, its sockets, its logs, its programs and its user."""

    cluster: Path
    sockets: Path
    logs: Path
    binaries: Binaries
    account: Account | None

    @property
    def socket(self) -> Path:
        """What clients connect to."""
        return self.sockets / ".s.PGSQL.5432"


def cluster_major(cluster: Path) -> int | None:
    """The major version that wrote the cluster; None where there is no cluster yet."""
    if not cluster.exists():
        return None
    try:
        return int((cluster / "PG_VERSION").read_text())
    except (FileNotFoundError, ValueError):
        raise StartError(f"{cluster} is not a PostgreSQL data folder: move it away.") from None


async def initialise(site: Site, processes: Processes) -> None:
    """Make the cluster beside its place, flush it to the disk, then put it there."""
    fresh = site.cluster.with_name(f"{site.cluster.name}.new")
    _empty(fresh, site.account)
    seen = seen_by_server(site, fresh)
    make = ("--username", SUPERUSER, "--auth", "peer", "--encoding", "UTF8", "--no-locale")
    await _initdb(site, processes, fresh, (*make, "--no-sync", "--no-instructions", "-D", seen))
    await _initdb(site, processes, fresh, ("--sync-only", "-D", seen))
    _put(fresh, site.cluster)


def give_folder(folder: Path, account: Account | None) -> None:
    """A folder for the server's user alone, made where missing."""
    folder.mkdir(mode=OWNERS_ALONE, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def seen_by_server(site: Site, folder: Path) -> str:
    """A path under which the server can use the folder, as a program started inside it.

    Where the way to it is closed to the server's user (a data folder below root's home), that is
    the program's own working folder: the rights of the user's folders are never changed.
    """
    if site.account is None or may_reach(site.account, folder):
        return str(folder)
    if sys.platform == "linux" and site.binaries.major >= SINCE_STAYING_INSIDE:
        return WORKING_FOLDER
    raise StartError(
        f"PostgreSQL runs as user {site.account.name}, who may not enter {folder}: "
        "choose another data folder, or set DATABASE_URL."
    )


async def _initdb(
    site: Site, processes: Processes, folder: Path, arguments: tuple[str, ...]
) -> None:
    words = (site.binaries.program("initdb"), *arguments)
    log = site.logs / "initdb.log"
    child = await processes.start(
        Command("initdb", words, log, env=ENVIRONMENT, cwd=folder, user=site.account)
    )
    if await child.wait():
        raise StartError(
            " | ".join(("PostgreSQL cannot make its data folder", *child.last_lines()))
        )


def _empty(folder: Path, account: Account | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # cut off by a kill in an earlier attempt
    give_folder(folder, account)


def _put(fresh: Path, place: Path) -> None:
    fresh.rename(place)
    handle = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
