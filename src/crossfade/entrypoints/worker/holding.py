"""Own what only one process may own, for as long as the lease is ours."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress

import structlog

from crossfade.application.ports import Ports
from crossfade.domain.errors import DatabaseUnavailableError

log = structlog.get_logger()

TTL_S = 6.0
RENEWAL_S = 1.5


class Holding:
    """A lease, with something that is open just as long as it is held."""

    def __init__(
        self, ports: Ports, lease: str, opened: Callable[[], AbstractAsyncContextManager[object]]
    ) -> None:
        self._ports = ports
        self._lease = lease
        self._opened = opened
        self._stack: AsyncExitStack | None = None

    @property
    def held(self) -> bool:
        """Whether the lease is ours and what it allows is open."""
        return self._stack is not None

    async def renew(self) -> bool:
        """One pass of a loop: take or keep the lease, open or close what hangs on it."""
        ours = await self._ours()
        if ours and not self.held:
            await self._open()
        elif not ours and self.held:
            log.warning("lease_lost", lease=self._lease)
            await self._close()
        return False

    async def give_back(self) -> None:
        """Close what is open and let others take the lease at once."""
        if not self.held:
            return
        await self._close()
        with suppress(DatabaseUnavailableError):
            async with self._ports.work() as work:
                await work.leases.give_back(self._lease, self._ports.installation.holder)

    async def _ours(self) -> bool:
        """Without the database nobody can take the lease over, so it stays as it is."""
        try:
            async with self._ports.work() as work:
                holder = self._ports.installation.holder
                return await work.leases.take(self._lease, holder, TTL_S)
        except DatabaseUnavailableError:
            if self.held:
                return True
            raise

    async def _open(self) -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._opened())
            self._stack = stack.pop_all()
        log.info("lease_taken", lease=self._lease)

    async def _close(self) -> None:
        stack, self._stack = self._stack, None
        if stack is not None:
            await stack.aclose()
