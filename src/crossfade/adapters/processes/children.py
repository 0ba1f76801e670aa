"""Programs that we start and that end with us, even when we are killed."""

import asyncio
import contextlib
import socket
import sys
from asyncio.subprocess import STDOUT, Process
from collections.abc import Awaitable
from pathlib import Path
from signal import SIGKILL
from typing import Self

from crossfade.adapters.processes import identity
from crossfade.adapters.processes.log_file import LogFile, open_log
from crossfade.adapters.processes.records import Record, end_leftovers, keep
from crossfade.application.processes import SIGNALLED, Command, Running, StartError

WATCHER = Path(__file__).with_name("watcher.py")
OVERTIME_S = 5.0  # what a watcher may take beyond the grace time, before we kill past it
TOLD_WITHIN_S = 10.0
ALREADY_OVER = ""  # stands for the start of a process that had ended before we looked


class Child:
    """A program under its watcher. Letting go of the lifeline is what stops it."""

    def __init__(
        self, record: Record, process: Process, lifeline: asyncio.StreamWriter, log: LogFile
    ) -> None:
        self._record = record
        self._process = process
        self._lifeline = lifeline
        self._log = log
        self._exited = asyncio.create_task(self._see_out(), name=f"exit of {record.name}")

    @property
    def name(self) -> str:
        """What we call it."""
        return self._record.name

    @property
    def pid(self) -> int:
        """The program's own pid, not the watcher's."""
        return self._record.identity.pid

    @property
    def exited(self) -> Awaitable[int]:
        """The exit code, as soon as there is one."""
        return asyncio.shield(self._exited)

    @property
    def ended(self) -> bool:
        """Whether it has ended, and been seen out."""
        return self._exited.done()

    async def wait(self) -> int:
        """The exit code, as soon as there is one; cancelling this leaves the program alone."""
        return await asyncio.shield(self._exited)

    async def stop(self) -> int:
        """Ask it to stop, kill it after its grace time; the exit code."""
        self._lifeline.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._record.grace_s + OVERTIME_S):
                return await self.wait()
        identity.send(self._record.identity, SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return await self.wait()

    def last_lines(self, count: int = 10) -> tuple[str, ...]:
        """What it said last."""
        return self._log.last_lines(count)

    async def _see_out(self) -> int:
        code = await self._process.wait()
        self._lifeline.close()
        with contextlib.suppress(ConnectionError):
            await self._lifeline.wait_closed()
        if code < 0:  # the watcher itself was killed
            await self._record.end()
            code = SIGNALLED - code
        self._record.forget()
        return code


class Children:
    """Starts programs, and remembers them in a folder.

    As a context manager it first ends what an earlier run left behind, and on the way out stops
    what still runs, the newest first.
    """

    def __init__(self, records: Path) -> None:
        self._records = records
        self._started: list[Child] = []

    async def __aenter__(self) -> Self:
        await end_leftovers(self._records)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, command: Command) -> Child:
        """The program, running under its watcher; StartError where it cannot be started."""
        try:
            return await self._start(command)
        except OSError as error:  # no room, no memory, too slow: worth another try later
            raise StartError(f"{command.name} cannot be started: {error}") from error

    async def stop(self) -> None:
        """Stop everything that runs, the newest first."""
        for child in reversed(self._started):
            await child.stop()

    def running(self, pid: int) -> Running | None:
        """What runs under a pid now, whoever started it."""
        return identity.describe(pid)

    async def _start(self, command: Command) -> Child:
        log, words = open_log(command.log_path)
        with words:
            process, lifeline = await _start_watcher(command, words.fileno())
        reader, writer = lifeline
        try:
            pid = await _told_pid(reader, command)
            started = identity.identify(pid) or identity.Identity(pid, ALREADY_OVER)
            child = Child(keep(self._records, command, started), process, writer, log)
        except BaseException:
            writer.close()
            await process.wait()
            raise
        self._started = [*(other for other in self._started if not other.ended), child]
        return child


async def _start_watcher(
    command: Command, log: int
) -> tuple[Process, tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    ours, theirs = socket.socketpair()
    with theirs:
        lifeline = await asyncio.open_unix_connection(sock=ours)
        try:
            process = await asyncio.create_subprocess_exec(
                *_watched(command),
                stdin=theirs.fileno(),
                stdout=log,
                stderr=STDOUT,
                env=dict(command.env),
                start_new_session=True,  # Ctrl-C at the terminal is ours to answer
            )
        except BaseException:
            lifeline[1].close()
            raise
    return process, lifeline


def _watched(command: Command) -> tuple[str, ...]:
    account = f"{command.user.uid}:{command.user.gid}" if command.user else "-"
    order = (str(int(command.stop_signal)), str(command.grace_s), str(command.cwd), account)
    return (sys.executable, "-I", "-S", str(WATCHER), *order, *command.argv)


async def _told_pid(reader: asyncio.StreamReader, command: Command) -> int:
    async with asyncio.timeout(TOLD_WITHIN_S):
        word, _, rest = (await reader.readline()).decode().strip().partition(" ")
    if word != "started":
        raise StartError(f"{command.name} cannot be started: {rest or 'its watcher died'}")
    return int(rest)
