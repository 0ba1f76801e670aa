"""A PostgreSQL server of our own, reachable by us alone over a Unix socket."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote

from crossfade.adapters.postgres_server.accounts import (
    may_reach,
    own_account,
    server_account,
)
from crossfade.adapters.postgres_server.binaries import find, reachable
from crossfade.adapters.postgres_server.cluster import (
    ENVIRONMENT,
    SUPERUSER,
    Site,
    cluster_major,
    give_folder,
    initialise,
    seen_by_server,
)
from crossfade.adapters.postgres_server.configuration import (
    access_files,
    arguments,
    write_access_files,
)
from crossfade.adapters.postgres_server.pid_file import disarm
from crossfade.adapters.postgres_server.wire import (
    NotYetError,
    ServerSaidNoError,
    Session,
    session,
)
from crossfade.application.processes import ChildProcess, Command, Processes, StartError, ending

DATABASE = "crossfade"
NAME = "postgres"
SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
READY_WITHIN_S = 120.0  # replaying the log after a crash may take a while
LOOK_AGAIN_S = 0.01
STOP_WITHIN_S = 20.0
ORPHANS_LEAVE_S = (0.1, 0.3, 1.0, 3.0)
ORPHANS_REMAIN = "still in use"


class OrphansRemainError(StartError):
    """Processes of a killed server still use its memory; they notice and leave."""


class PostgresServer:
    """The server, on its site; `run` starts it again when it has ended."""

    def __init__(self, site: Site, processes: Processes, child: ChildProcess) -> None:
        self._site = site
        self._processes = processes
        self.child = child

    @property
    def url(self) -> str:
        """What SQLAlchemy connects to."""
        return f"postgresql+asyncpg://{SUPERUSER}@/{DATABASE}?host={quote(str(self._site.sockets))}"

    async def run(self) -> ChildProcess:
        """The server's process, started anew and answering; StartError where it cannot be."""
        self.child = await _run(self._site, self._processes)
        return self.child

    async def stop(self) -> int:
        """Shut down: sessions are ended, nothing is lost."""
        return await self.child.stop()


async def start(data_dir: Path, runtime_dir: Path, processes: Processes) -> PostgresServer:
    """The server of a data folder, answering, with its database made; StartError says why not.

    The caller holds the data folder's lock; `runtime_dir` is a short private folder for sockets.
    """
    try:
        site = await _site(data_dir, runtime_dir, processes)
        if cluster_major(site.cluster) is None:
            await initialise(site, processes)
        return PostgresServer(site, processes, await _run(site, processes))
    except OSError as error:
        raise StartError(f"PostgreSQL cannot be started: {error}") from error


async def _site(data_dir: Path, runtime_dir: Path, processes: Processes) -> Site:
    cluster, logs = data_dir / "postgres", data_dir / "logs"
    account = server_account(cluster)
    binaries = await find(processes, logs, cluster_major(cluster))
    site = Site(cluster, runtime_dir / "pg", logs, reachable(binaries, account), account)
    _check_sockets(site)
    give_folder(site.sockets, account)
    write_access_files(runtime_dir, access_files({own_account().name}, SUPERUSER))
    return site


def _check_sockets(site: Site) -> None:
    if len(os.fsencode(site.socket)) > SOCKET_PATH_BYTES:
        raise StartError(f"{site.socket} is too long for a socket: choose a shorter folder.")
    if site.account and not may_reach(site.account, site.sockets.parent):
        raise StartError(f"User {site.account.name} may not enter {site.sockets.parent}.")


async def _run(site: Site, processes: Processes) -> ChildProcess:
    for pause_s in ORPHANS_LEAVE_S:
        with suppress(OrphansRemainError):
            return await _run_once(site, processes)
        await asyncio.sleep(pause_s)
    return await _run_once(site, processes)


async def _run_once(site: Site, processes: Processes) -> ChildProcess:
    disarm(site.cluster, processes.running)
    child = await processes.start(_command(site))
    try:
        await _until_ready(site, child)
    except BaseException:
        await child.stop()
        raise
    return child


async def _until_ready(site: Site, child: ChildProcess) -> None:
    answering = asyncio.create_task(_answering(site))
    ended = asyncio.ensure_future(child.exited)
    try:
        await asyncio.wait(
            {answering, ended}, timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED
        )
        if not answering.done():
            how = ending(await ended) if ended.done() else f"did not answer in {READY_WITHIN_S} s"
            raise _refusal(how, child.last_lines())
        await answering
    finally:
        answering.cancel()


def _command(site: Site) -> Command:
    settings = arguments(site.binaries.major, site.sockets, site.sockets.parent)
    data = seen_by_server(site, site.cluster)
    return Command(
        name=NAME,
        argv=(site.binaries.program("postgres"), "-D", data, *settings),
        log_path=site.logs / "postgres.log",
        env=ENVIRONMENT,
        cwd=site.cluster,
        user=site.account,
        stop_signal=SIGINT,
        grace_s=STOP_WITHIN_S,
    )


async def _answering(site: Site) -> None:
    """Come back when the server has answered and holds our database."""
    while True:
        try:
            async with session(site.socket, SUPERUSER, "postgres") as opened:
                return await _make_database(opened)
        except (OSError, EOFError, NotYetError):
            await asyncio.sleep(LOOK_AGAIN_S)
        except ServerSaidNoError as error:
            raise StartError(f"PostgreSQL answers, but: {error}") from error


async def _make_database(opened: Session) -> None:
    if not await opened.ask(f"SELECT FROM pg_database WHERE datname = '{DATABASE}'"):
        await opened.ask(f"CREATE DATABASE {DATABASE}")


def _refusal(how: str, said: tuple[str, ...]) -> StartError:
    kind = OrphansRemainError if any(ORPHANS_REMAIN in line for line in said) else StartError
    return kind(" | ".join((f"PostgreSQL does not start: it {how}", *said)))
