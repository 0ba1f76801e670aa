"""istiod's word that the proxies route by a revision: what they acknowledged, not what was sent."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from crossfade.adapters.kubernetes.proxies.inspection import Inspection
from crossfade.adapters.kubernetes.proxies.ledger import NOTHING_YET, Remembered, Standing
from crossfade.adapters.kubernetes.proxies.pages import Pages, client, replicas
from crossfade.domain.errors import UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision

PACE_S: Final = 0.012
SLOWEST_S: Final = 0.05  # a push's sign must not be old when it is seen
SLOWER: Final = 1.05
GONE_AFTER_S: Final = 1.0  # a proxy that went before it acknowledged may be on its way elsewhere
NAMED: Final = 3
MOST_TOLD: Final = 300  # characters of an Envoy's words


class IstiodView:
    """What every istiod behind the addresses says of its proxies."""

    def __init__(
        self, addresses: Sequence[str], patience_s: float = 5.0, token: Path | None = None
    ) -> None:
        self._addresses = tuple(addresses)
        self._patience_s = patience_s
        self._token = token
        self._remembered: dict[tuple[str, ServiceKey], Remembered] = {}

    async def proof(self, revision: Revision) -> str:
        """That all proxies that carry the service's routes acknowledged the revision, in words.

        UnavailableError says what is missing where that does not come in time.
        """
        async with client(self._token) as http:
            found = await replicas(self._addresses)
            inspections = await self._opened([Pages(http, replica) for replica in found], revision)
            try:
                return await _Attempt(revision, inspections).made(self._patience_s)
            finally:
                self._keep(inspections, revision.key)

    async def health(self) -> str:
        """That every istiod answers, in words; UnavailableError where one does not."""
        async with client(self._token) as http:
            found = await replicas(self._addresses)
            listed = await asyncio.gather(*(Pages(http, one).statuses() for one in found))
        proxies = sum(len(statuses) for statuses in listed)
        return f"{len(found)} istiod, {proxies} connected proxies"

    async def _opened(self, pages: Sequence[Pages], revision: Revision) -> list[Inspection]:
        before = NOTHING_YET if revision.generation == 1 else None
        last = [self._remembered.get((one.replica.url, revision.key), before) for one in pages]
        opening = (
            Inspection.opened(one, revision.intent, remembered)
            for one, remembered in zip(pages, last, strict=True)
        )
        return list(await asyncio.gather(*opening))

    def _keep(self, inspections: Iterable[Inspection], key: ServiceKey) -> None:
        """Remember what was shown, and forget istiods that are gone."""
        shown = {one.pages.replica.url: one.ledger.remembered for one in inspections}
        here = {(url, key): remembered for url, remembered in shown.items() if remembered}
        others = {place: it for place, it in self._remembered.items() if place[0] in shown}
        self._remembered = {**others, **here}


class _Attempt:
    """One proof in the making, over all istiods."""

    def __init__(self, revision: Revision, inspections: Sequence[Inspection]) -> None:
        self._revision = revision
        self._inspections = inspections
        self._began = asyncio.get_running_loop().time()
        self._proven: set[str] = set()
        self._missing: dict[str, float] = {}  # when each proxy was last seen to be missing

    async def made(self, patience_s: float) -> str:
        """The proof in words, as soon as it can be given."""
        clock = asyncio.get_running_loop().time
        pace = PACE_S
        while (started := clock()) < self._began + patience_s:
            await self._look(started)
            if self._proven and not self._missing:
                return self._words()
            cost = max(one.cost for one in self._inspections)
            await asyncio.sleep(max(pace - (clock() - started), cost))
            pace = min(pace * SLOWER, SLOWEST_S)
        raise UnavailableError(self._lacking())

    async def _look(self, now: float) -> None:
        turned = self._turned
        await asyncio.gather(*(one.look(turned) for one in self._inspections))
        standings = self._standings()
        self._proven = {id for id, found in standings.items() if Standing.PROVEN in found}
        missing = {id for id, found in standings.items() if Standing.MISSING in found}
        left = {id: at for id, at in self._missing.items() if id not in standings}
        self._missing = {id: at for id, at in left.items() if at > now - GONE_AFTER_S}
        self._missing |= dict.fromkeys(missing - self._proven, now)

    @property
    def _turned(self) -> float:
        """When the rule last arrived at an istiod; when we began, as long as it has not."""
        arrivals = (one.ledger.arrived_at for one in self._inspections)
        return max((at for at in arrivals if at is not None), default=self._began)

    def _standings(self) -> dict[str, set[Standing]]:
        """How each proxy stands, by what every istiod that it is connected to says."""
        turned, found = self._turned, dict[str, set[Standing]]()
        for one in self._inspections:
            for proxy in one.proxies:
                found.setdefault(proxy.id, set()).add(one.ledger.standing(proxy, turned))
        return found

    def _words(self) -> str:
        count, istiods = len(self._proven), len(self._inspections)
        return f"{count} of {count} proxies acknowledged {self._generation} ({istiods} istiod)"

    def _lacking(self) -> str:
        key, missing = self._revision.key, sorted(self._missing)
        if not missing:
            return f"No connected proxy carries a route of {key}."
        sentences = [*self._outstanding(missing), *self._obstacles()]
        return " ".join(sentences)

    def _outstanding(self, missing: Sequence[str]) -> Iterable[str]:
        differences = (one.ledger.difference for one in self._inspections)
        if difference := next((it for it in differences if it), None):
            yield f"istiod does not show {self._generation}: {difference}."
        proven = len(self._proven)
        unnamed = len(missing) - NAMED
        more = f" and {unnamed} more" if unnamed > 0 else ""
        named = ", ".join(missing[:NAMED]) + more
        verb = "has" if len(missing) == 1 else "have"
        yield (
            f"{proven} of {proven + len(missing)} proxies acknowledged {self._generation}; "
            f"{named} {verb} not."
        )

    def _obstacles(self) -> Iterable[str]:
        for one in self._inspections:
            for proxy in one.proxies:
                if proxy.refusal and proxy.id in self._missing:
                    yield f"{proxy.id} refuses what it is sent: {proxy.refusal[:MOST_TOLD]}."
            if one.ledger.exhausted:
                yield f"{one.pages.replica.name} has too many proxies to look at each closely."

    @property
    def _generation(self) -> str:
        return f"generation {self._revision.generation}"
