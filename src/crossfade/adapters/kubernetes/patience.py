"""Waiting for the deeds of others: woken by every change, and never for long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from crossfade.domain.errors import UnavailableError

PATIENCE_S: Final = 5.0


class Patience:
    """Looks again whenever `note` tells of a change."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._next = asyncio.Event()

    def note(self, *_: object) -> None:
        """Something changed."""
        passed, self._next = self._next, asyncio.Event()
        passed.set()

    async def until_complete(self, missing: Callable[[], Awaitable[str | None]]) -> None:
        """Come back when nothing is missing; UnavailableError with what is, after a while."""
        reason: str | None = "The cluster was not heard in time."
        try:
            async with asyncio.timeout(self._patience_s):
                change = self._next
                while (reason := await missing()) is not None:
                    await change.wait()
                    change = self._next
        except TimeoutError:
            raise UnavailableError(reason or "") from None
