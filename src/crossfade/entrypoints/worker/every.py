"""One loop for all background work: it is woken to be fast, and comes round to be right."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from crossfade.domain.errors import CrossfadeError

log = structlog.get_logger()

Passed = Callable[[str, BaseException | None], None]  # a loop's name, and why its pass failed


class Bell:
    """Wakes a waiting loop; ringing while it works makes it come round once more."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the loop."""
        self._rung.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when it is rung, or after the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        self._rung.clear()


@dataclass(frozen=True, slots=True)
class Loop:
    """What is done over and over. `work` answers whether it should be called again at once."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[bool | None]]
    limit_s: float = 60.0
    lag_s: float = 0.0  # how long it lets others go first when it is woken
    bell: Bell = field(default_factory=Bell)


async def every(loop: Loop, passed: Passed) -> None:
    """Do the loop's work until cancelled; each pass is told to `passed`, and no failure is fatal.

    A cause is logged when it is new, not once a pass.
    """
    known = ""
    while True:
        error, more = await _one_pass(loop)
        passed(loop.name, error)
        cause = "" if error is None else str(error) or type(error).__name__
        if cause != known:
            log.warning("pass_changed", loop=loop.name, cause=cause or "none: it works again")
        known = cause
        if not more:
            await loop.bell.wait(loop.seconds * random.uniform(0.9, 1.1))


async def _one_pass(loop: Loop) -> tuple[BaseException | None, bool]:
    try:
        async with asyncio.timeout(loop.limit_s):
            return None, bool(await loop.work())
    except (CrossfadeError, TimeoutError) as error:
        return error, False
    except Exception as error:
        log.exception("pass_broken", loop=loop.name)
        return error, False
