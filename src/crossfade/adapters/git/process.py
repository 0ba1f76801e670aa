"""The git program: argument vectors, a closed environment, a time limit, and no orphans.

Threads wait for it, rather than asyncio's own subprocesses: when their start is cancelled, as at
the end of a loop, CPython 3.11 can wait for pipes that nobody connects any more, forever.
"""

import asyncio
import fcntl
import os
import signal
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import TypeVar

from crossfade.adapters.git.failure import GitFailedError, cause

LONGEST_RECORD = 1 << 20
CHUNK = 1 << 16

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one bare repository. `timeout_s` bounds each command, or each silence of a stream."""

    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    timeout_s: float = 30.0

    @property
    def busy_path(self) -> Path:
        """The file that every running git process of ours, and of its children, keeps locked."""
        return self.folder.with_suffix(".busy")

    async def run(
        self, *arguments: str, stdin: bytes = b"", identity: Mapping[str, str] | None = None
    ) -> bytes:
        """What git prints; GitFailedError where it fails or takes too long."""
        process = self._start(arguments, PIPE, identity or {})
        try:
            output, errors = await _beside(process, lambda: _talk(process, stdin, self.timeout_s))
        except TimeoutError:
            raise self._too_slow(arguments[0]) from None
        _check(arguments[0], process.returncode, output, errors)
        return output

    async def records(self, *arguments: str) -> AsyncGenerator[str, None]:
        """What git prints, by NUL, as it comes; closing the generator ends git."""
        process = self._start(arguments, DEVNULL, {})
        try:
            rest = b""
            while chunk := await self._chunk(process, arguments[0]):
                *whole, rest = _split(rest + chunk, arguments[0])
                for record in whole:
                    yield record.decode(errors="replace")
            if rest:
                yield rest.decode(errors="replace")
        except BaseException:
            _kill(process)
            await _beside(process, process.communicate)
            raise
        output, errors = await _beside(process, process.communicate)
        _check(arguments[0], process.returncode, output, errors)

    async def _chunk(self, process: Popen[bytes], verb: str) -> bytes:
        assert process.stdout is not None
        handle = process.stdout.fileno()
        try:
            async with asyncio.timeout(self.timeout_s):
                return await _beside(process, lambda: os.read(handle, CHUNK))
        except TimeoutError:
            raise self._too_slow(verb) from None

    def _start(
        self, arguments: tuple[str, ...], stdin: int, identity: Mapping[str, str]
    ) -> Popen[bytes]:
        try:
            with occupied(self.busy_path) as busy:
                return Popen(
                    ["git", f"--git-dir={self.folder}", *arguments],
                    stdin=stdin,
                    stdout=PIPE,
                    stderr=PIPE,
                    cwd=self.folder.parent,
                    env={**self.environment, **identity},
                    start_new_session=True,
                    pass_fds=(busy,),
                )
        except OSError as error:
            raise GitFailedError(arguments[0], _why_unstarted(error)) from error

    def _too_slow(self, verb: str) -> GitFailedError:
        return GitFailedError(verb, f"no answer within {self.timeout_s:g} seconds")


async def _beside(process: Popen[bytes], work: Callable[[], T]) -> T:
    """What blocking work with a process comes to; cancelled, it takes the process with it."""
    working = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        _kill(process)
        await asyncio.wait([working])
        raise


def _talk(process: Popen[bytes], stdin: bytes, timeout_s: float) -> tuple[bytes, bytes]:
    try:
        return process.communicate(stdin, timeout_s)
    except TimeoutExpired:
        _kill(process)
        process.communicate()
        raise TimeoutError from None


def _split(output: bytes, verb: str) -> list[bytes]:
    pieces = output.split(b"\0")
    if len(pieces[-1]) > LONGEST_RECORD:
        raise GitFailedError(verb, "it printed a record without an end")
    return pieces


def _kill(process: Popen[bytes]) -> None:
    """Git and whatever it started; while its exit is not taken, no other group has its number."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _why_unstarted(error: OSError) -> str:
    if error.filename == "git":
        return "the git program is not on the PATH"
    return f"it cannot be started: {error.strerror} ({error.filename})"


def _check(verb: str, code: int, output: bytes, errors: bytes) -> None:
    if code:
        words = errors.decode(errors="replace")
        printed = output.decode(errors="replace")
        raise GitFailedError(verb, cause(words, code), output=printed, errors=words)


@contextmanager
def occupied(path: Path) -> Iterator[int]:
    """A lock that says 'a git process of ours runs': who inherits it keeps it while they live."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield handle
    finally:
        os.close(handle)


def nobody_at_work(path: Path) -> bool:
    """Whether no git process of ours runs, from this life or one that was killed."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)
