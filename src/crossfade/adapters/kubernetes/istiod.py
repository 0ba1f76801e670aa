"""istiod's word that the proxies route by a revision: what they acknowledged, not what was sent."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from crossfade.adapters.kubernetes.proxies.ledger import Remembered, Standing
from crossfade.adapters.kubernetes.proxies.pages import Pages, client, replicas
from crossfade.adapters.kubernetes.proxies.sight import Sight
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
            sights = await self._opened([Pages(http, replica) for replica in found], revision)
            try:
                return await _Attempt(revision, sights).made(self._patience_s)
            finally:
                self._keep(sights, revision.key)

    async def health(self) -> str:
        """That every istiod answers, in words; UnavailableError where one does not."""
        async with client(self._token) as http:
            found = await replicas(self._addresses)
            listed = await asyncio.gather(*(Pages(http, one).statuses() for one in found))
        proxies = sum(len(statuses) for statuses in listed)
        return f"{len(found)} istiod tell of {proxies} connected proxies"

    async def _opened(self, pages: Sequence[Pages], revision: Revision) -> list[Sight]:
        last = [self._remembered.get((one.replica.url, revision.key)) for one in pages]
        opening = (
            Sight.opened(one, revision.intent, remembered)
            for one, remembered in zip(pages, last, strict=True)
        )
        return list(await asyncio.gather(*opening))

    def _keep(self, sights: Iterable[Sight], key: ServiceKey) -> None:
        for sight in sights:
            if sight.ledger.remembered:
                self._remembered[sight.pages.replica.url, key] = sight.ledger.remembered


class _Attempt:
    """One proof in the making, over all istiods."""

    def __init__(self, revision: Revision, sights: Sequence[Sight]) -> None:
        self._revision = revision
        self._sights = sights
        self._proven: set[str] = set()
        self._missing: dict[str, float] = {}  # when each proxy was last seen to be missing

    async def made(self, patience_s: float) -> str:
        """The proof in words, as soon as it can be given."""
        clock = asyncio.get_running_loop().time
        began, pace = clock(), PACE_S
        while (started := clock()) < began + patience_s:
            await self._look(began, started)
            if self._proven and not self._missing:
                return self._words()
            cost = max(sight.cost for sight in self._sights)
            await asyncio.sleep(max(pace - (clock() - started), cost))
            pace = min(pace * SLOWER, SLOWEST_S)
        raise UnavailableError(self._lacking())

    async def _look(self, began: float, now: float) -> None:
        arrivals = (sight.ledger.arrived_at for sight in self._sights)
        turned = max((at for at in arrivals if at is not None), default=began)
        await asyncio.gather(*(sight.look(turned) for sight in self._sights))
        standings = self._standings(turned)
        self._proven = {id for id, found in standings.items() if Standing.PROVEN in found}
        for id, found in standings.items():
            self._missing.pop(id, None)
            if Standing.MISSING in found and id not in self._proven:
                self._missing[id] = now
        lately = now - GONE_AFTER_S
        self._missing = {id: at for id, at in self._missing.items() if at > lately}

    def _standings(self, turned: float) -> dict[str, set[Standing]]:
        """How each proxy stands, by what every istiod that it is connected to says."""
        found: dict[str, set[Standing]] = {}
        for sight in self._sights:
            for proxy in sight.proxies:
                found.setdefault(proxy.id, set()).add(sight.ledger.standing(proxy, turned))
        return found

    def _words(self) -> str:
        count, istiods = len(self._proven), len(self._sights)
        return f"{count} of {count} proxies acknowledged {self._generation} ({istiods} istiod)"

    def _lacking(self) -> str:
        key, missing = self._revision.key, sorted(self._missing)
        if not missing:
            return f"No connected proxy carries a route of {key}."
        sentences = [*self._outstanding(missing), *self._obstacles()]
        return " ".join(sentences)

    def _outstanding(self, missing: Sequence[str]) -> Iterable[str]:
        differences = (sight.ledger.difference for sight in self._sights)
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
        for sight in self._sights:
            for proxy in sight.proxies:
                if proxy.refusal and proxy.id in self._missing:
                    yield f"{proxy.id} refuses what it is sent: {proxy.refusal[:MOST_TOLD]}."
            if sight.ledger.exhausted:
                yield f"{sight.pages.replica.name} has too many proxies to look at each closely."

    @property
    def _generation(self) -> str:
        return f"generation {self._revision.generation}"
