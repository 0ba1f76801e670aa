"""One istiod, looked at in the course of one proof."""

import asyncio
from typing import Self

from crossfade.adapters.kubernetes.proxies.dumps import SidecarScope, scope_of, view_of
from crossfade.adapters.kubernetes.proxies.expectation import Expectation, expectation_of
from crossfade.adapters.kubernetes.proxies.ledger import Ledger, Look, Remembered
from crossfade.adapters.kubernetes.proxies.pages import Pages
from crossfade.adapters.kubernetes.proxies.statuses import Proxy, Roll, roll
from crossfade.domain.intent import Intent


class Inspection:
    """What one istiod's pages tell, taken down in a ledger."""

    def __init__(self, pages: Pages, intent: Intent, expected: Expectation, ledger: Ledger) -> None:
        self.pages = pages
        self.ledger = ledger
        self.proxies: tuple[Proxy, ...] = ()
        self.cost = 0.0  # seconds that reading the statuses took
        self._intent = intent
        self._expected = expected

    @classmethod
    async def opened(cls, pages: Pages, intent: Intent, remembered: Remembered | None) -> Self:
        """A look at an istiod that begins now."""
        began = _now()
        expected = expectation_of(intent, await pages.mesh())
        return cls(pages, intent, expected, Ledger(expected, began, remembered))

    async def look(self, turned: float) -> None:
        """Read the statuses, and whatever else could tell more now."""
        found = await self._roll()
        self.proxies, self.cost = found.proxies, _now() - found.at
        self.ledger.heard(found)
        asked = self.ledger.looks(turned, _now())
        await asyncio.gather(*(self._ask(kind, proxy) for kind, proxy in asked))

    async def _roll(self) -> Roll:
        at = _now()
        try:
            return roll(await self.pages.statuses(), self._intent, at)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self.pages.strange(error) from error

    async def _ask(self, kind: Look, proxy: Proxy) -> None:
        at = _now()
        try:
            if kind is Look.SCOPE:
                await self._read_scope(proxy)
            else:
                await self._read_dump(proxy, at, scoped=kind is Look.DUMP_AND_SCOPE)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self.pages.strange(error) from error

    async def _read_dump(self, proxy: Proxy, at: float, *, scoped: bool) -> None:
        dump = await self.pages.dump(proxy.id)
        scope = await self._scope(proxy) if scoped else None
        if dump is not None and (scope is not None or not scoped):
            self.ledger.saw(proxy, view_of(dump, self._expected), scope, at)

    async def _read_scope(self, proxy: Proxy) -> None:
        if scope := await self._scope(proxy):
            self.ledger.scoped(proxy, scope)

    async def _scope(self, proxy: Proxy) -> SidecarScope | None:
        content = await self.pages.scope(proxy.id)
        return None if content is None else scope_of(content, self._intent.key)


def _now() -> float:
    return asyncio.get_running_loop().time()
