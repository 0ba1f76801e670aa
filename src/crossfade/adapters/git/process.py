"""The git program: argument vectors, a closed environment, a time limit, and no orphans."""

import asyncio
import fcntl
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from crossfade.adapters.git.failure import GitFailedError, cause

LONGEST_RECORD = 1 << 20


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one bare repository. `timeout_s` bounds each command, or each record of a stream."""

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
        verb = arguments[0]
        try:
            async with (
                asyncio.timeout(self.timeout_s),
                self._running(arguments, identity or {}) as process,
            ):
                output, errors = await process.communicate(stdin or None)
        except TimeoutError:
            raise GitFailedError(verb, f"no answer within {self.timeout_s:g} seconds") from None
        _check(verb, process.returncode, output, errors)
        return output

    async def records(self, *arguments: str) -> AsyncGenerator[str, None]:
        """What git prints, by NUL, as it comes; closing the generator ends git."""
        verb = arguments[0]
        async with self._running(arguments, {}) as process:
            while (record := await self._record(process, verb)) is not None:
                yield record.decode(errors="replace")
            output, errors = await process.communicate()
        _check(verb, process.returncode, output, errors)

    async def _record(self, process: Process, verb: str) -> bytes | None:
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self.timeout_s):
                return (await process.stdout.readuntil(b"\0"))[:-1]
        except asyncio.IncompleteReadError as end:
            return end.partial or None
        except asyncio.LimitOverrunError:
            raise GitFailedError(verb, "a record is too long") from None
        except TimeoutError:
            raise GitFailedError(verb, f"no answer within {self.timeout_s:g} seconds") from None

    @asynccontextmanager
    async def _running(
        self, arguments: tuple[str, ...], identity: Mapping[str, str]
    ) -> AsyncIterator[Process]:
        with occupied(self.busy_path) as busy:
            process = await self._start(arguments, identity, busy)
            try:
                yield process
            except BaseException:
                await _end(process)
                raise

    async def _start(
        self, arguments: tuple[str, ...], identity: Mapping[str, str], busy: int
    ) -> Process:
        try:
            return await asyncio.create_subprocess_exec(
                "git",
                f"--git-dir={self.folder}",
                *arguments,
                stdin=PIPE if arguments[0] in _READING_STDIN else DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                limit=LONGEST_RECORD,
                cwd=self.folder.parent,
                env={**self.environment, **identity},
                start_new_session=True,
                pass_fds=(busy,),
            )
        except FileNotFoundError:
            raise GitFailedError(arguments[0], "the git program is not on the PATH") from None


_READING_STDIN = frozenset({"fast-import", "cat-file", "commit-tree"})


def _check(verb: str, code: int | None, output: bytes, errors: bytes) -> None:
    if code:
        words = errors.decode(errors="replace")
        printed = output.decode(errors="replace")
        raise GitFailedError(verb, cause(words, code), output=printed, errors=words)


async def _end(process: Process) -> None:
    """Kill git and whatever it started, and take its exit."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.communicate()


@contextmanager
def occupied(path: Path) -> Iterator[int]:
    """A lock that says 'a git process of ours runs'; inherited, it is held while any one does."""
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
