"""Starting a program again when it ends, with longer and longer pauses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from crossfade.application.processes import ChildProcess, StartError, ending

log = structlog.get_logger()

Start = Callable[[], Awaitable[ChildProcess]]

SAID = 3  # lines of the program's last words that its ending is told with


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait before each new start: at first hardly, then twice as long each time."""

    first_s: float = 0.1
    longest_s: float = 15.0
    calm_s: float = 30.0  # who ran this long starts afresh

    def after(self, pause_s: float, *, lived_s: float) -> float:
        """The pause after a run, from the pause before it (0 at first) and how long it lasted."""
        if pause_s == 0 or lived_s >= self.calm_s:
            return self.first_s
        return min(pause_s * 2, self.longest_s)


@dataclass(frozen=True, slots=True)
class Ended:
    """A program has ended: why, and after which pause it starts again."""

    reason: str
    pause_s: float


@asynccontextmanager
async def kept_running(first: ChildProcess, start: Start) -> AsyncIterator[None]:
    """A running program, started again whenever it ends, and stopped at the end of the block."""
    current = first

    async def started() -> ChildProcess:
        nonlocal current
        current = await start()
        return current

    def tell(ended: Ended) -> None:
        pause_s = ended.pause_s
        log.warning("program_ended", program=first.name, reason=ended.reason, again_in_s=pause_s)

    keeping = asyncio.create_task(keep_running(started, tell, first=first))
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await current.stop()


async def keep_running(
    start: Start,
    on_exit: Callable[[Ended], None],
    *,
    first: ChildProcess | None = None,
    pauses: Pauses = Pauses(),
) -> None:
    """Start a program again whenever it ends, until cancelled; `first` is one that runs already."""
    loop = asyncio.get_running_loop()
    child, pause_s = first, 0.0
    while True:
        since = loop.time()
        reason = await (_started_and_ended(start) if child is None else _ended(child))
        child = None
        pause_s = pauses.after(pause_s, lived_s=loop.time() - since)
        on_exit(Ended(reason, pause_s))
        await asyncio.sleep(pause_s)


async def _started_and_ended(start: Start) -> str:
    try:
        child = await start()
    except StartError as error:
        return str(error)
    return await _ended(child)


async def _ended(child: ChildProcess) -> str:
    code = await child.wait()
    return " | ".join((f"{child.name} {ending(code)}", *child.last_lines(SAID)))
