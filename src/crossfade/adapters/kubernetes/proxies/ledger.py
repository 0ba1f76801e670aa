"""What one istiod has shown in the course of one proof, and which proxies are proven by it.

istiod numbers its pushes. A proxy's configuration is made of the picture of the cluster that a
push was made of, and every answer carries the push's number in the nonce that the proxy
acknowledges. A dump says, for one proxy, the number of its newest push and what follows from that
picture. From this comes what may be said, and no more:

- A dump of push n that shows our rule proves it for every proxy that has acknowledged routes of
  push n or a later one: they were made of a picture that holds our rule. Older routes prove
  nothing, even where istiod had no reason to send new ones.
- The rule is held from an earlier push on, if that is the one of the proxy's scope: scopes are
  made anew whenever a VirtualService or DestinationRule changes.
- A rule that is shown at once may be there from before: the change may be one that dumps do not
  show (pods' labels), or go to other proxies (one more gateway). It counts only if it was seen to
  arrive, or is still there after several times as long as istiod gathers changes for (SETTLE_S).
- A proxy carries no route of the rule if its scope, as new as the rule, does not know the
  service, or if its dump, that while after the rule arrived, has none.

istiod makes a dump afresh and keeps what it made, for all proxies. A dump that falls between the
start of a push and its coming to the proxy would keep what is old, and istiod would hand that out
as new. So dumps are few, and asked for only where no push can be under way: right after one has
come to the very proxy (istiod starts no other within the time it gathers changes for), or when
nothing was sent to anybody for a while. Statuses and scopes are merely read.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import Final, assert_never

from crossfade.adapters.kubernetes.proxies.dumps import SidecarScope, View
from crossfade.adapters.kubernetes.proxies.expectation import Expectation
from crossfade.adapters.kubernetes.proxies.statuses import NONE, ROUTER, Proxy, Roll

SETTLE_S: Final = 0.5
QUIET_S: Final = 0.15  # by then, a push that followed at once shows itself
SHADOW_S: Final = 0.08  # after a push's first sign; istiod starts none for 0.1 s, if not told to
LAG_S: Final = 0.1  # within which proxies acknowledge, usually
FEW: Final = 4  # looks at once
MOST: Final = 64  # looks in one proof
FOR_GOOD: Final = math.inf


class Standing(Enum):
    """How a proxy stands to the rule."""

    PROVEN = auto()
    MISSING = auto()
    ELSEWHERE = auto()  # it carries no route of the rule


class Look(Enum):
    """What istiod is asked about a proxy."""

    DUMP = auto()  # what it is to be sent
    DUMP_AND_SCOPE = auto()
    SCOPE = auto()  # which services it knows


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an istiod showed of a rule last, and which expectation that met, if any."""

    met: Expectation | None
    domains: frozenset[str]  # under which the carrier has the rule's routes
    carrier: str

    def differs(self, other: "Remembered") -> bool:
        """Whether the rule has changed between the two; proxies differ in their domains."""
        moved = self.carrier == other.carrier and self.domains != other.domains
        return moved or self.met != other.met


# Before its first generation, a rule was nowhere: once it is shown, it has arrived.
NOTHING_YET: Final = Remembered(None, frozenset(), "")


class Ledger:
    """The looks at one istiod's proxies. Times are seconds of one clock, whichever."""

    def __init__(self, expected: Expectation, began: float, remembered: Remembered | None) -> None:
        self.remembered = remembered
        self.arrived_at: float | None = None
        self.difference: str | None = None
        self._expected = expected
        self._began = began
        self._roll: Roll | None = None
        self._moved_at = began  # when something was last sent to anybody
        self._sign_after = began  # a time before the first sign of the newest push
        self._dumped_until = NONE  # the newest push that was dumped, or was there before us
        self._held_from: int | None = None  # the oldest push known to hold our rule
        self._other_until = NONE  # the newest push known to hold another
        self._elsewhere: dict[str, float] = {}  # when that was seen
        self._scoped: dict[str, tuple[float, int]] = {}  # when its scope was read, how often
        self._dumped: dict[str, float] = {}  # when it was dumped in quiet
        self._left = MOST

    @property
    def exhausted(self) -> bool:
        """Whether no more looks are left."""
        return self._left <= 0

    def heard(self, roll: Roll) -> None:
        """Take down the newest roll."""
        before = self._roll
        if before is None:
            self._dumped_until = roll.newest
        elif roll.sent != before.sent:
            self._moved_at = roll.at
        if before is not None and roll.newest > before.newest:
            self._sign_after = before.at
        self._roll = roll

    def saw(self, proxy: Proxy, view: View, scope: SidecarScope | None, at: float) -> None:
        """Take down a dump for a proxy, and the scope that was read after it."""
        if view.shows:
            if self._arrived(proxy, view, at):
                self._holds(min(view.push, scope.push) if scope else view.push, at)
            self._remember(self._expected, view, proxy)
        elif view.carries:
            self._holds_other(view.push)
            self._remember(None, view, proxy)
        elif self._as_new(view.push):
            self._elsewhere[proxy.id] = FOR_GOOD
        elif scope is not None:
            self._elsewhere[proxy.id] = at

    def scoped(self, proxy: Proxy, scope: SidecarScope) -> None:
        """Take down a proxy's scope."""
        if not scope.knows_service and self._as_new(scope.push):
            self._elsewhere[proxy.id] = FOR_GOOD

    def standing(self, proxy: Proxy, turned: float) -> Standing:
        """How a proxy stands, `turned` being when the rule last arrived at an istiod."""
        elsewhere_at = self._elsewhere.get(proxy.id)
        if elsewhere_at is not None and elsewhere_at >= turned + SETTLE_S:
            return Standing.ELSEWHERE
        held_from = self._held_from
        proven = held_from is not None and proxy.acknowledges(held_from)
        return Standing.PROVEN if proven else Standing.MISSING

    def looks(self, turned: float, now: float) -> list[tuple[Look, Proxy]]:
        """What to ask istiod now."""
        roll = self._roll
        if roll is None:
            return []
        kind, proxies = self._wanted(roll, turned, now)
        askable = (proxy for proxy in proxies if roll.tells_apart(proxy))
        chosen = list(islice(askable, min(FEW, self._left)))
        self._left -= len(chosen)
        for proxy in chosen:
            self._note(kind, proxy, now)
        return [(kind, proxy) for proxy in chosen]

    def _wanted(self, roll: Roll, turned: float, now: float) -> tuple[Look, Sequence[Proxy]]:
        if fresh := self._fresh(roll, now):
            self._dumped_until = roll.newest
            return Look.DUMP, fresh
        missing = [it for it in roll.proxies if self.standing(it, turned) is Standing.MISSING]
        if now >= turned + SETTLE_S and now >= self._moved_at + QUIET_S:
            undumped = (it for it in missing if self._dumped.get(it.id, 0) < turned + SETTLE_S)
            return Look.DUMP_AND_SCOPE, self._one_or_few(it for it in undumped if it.settled)
        return Look.SCOPE, [proxy for proxy in missing if self._lags(proxy, now)]

    def _fresh(self, roll: Roll, now: float) -> Sequence[Proxy]:
        """Proxies that the newest push has come to just now, as long as our rule is not held."""
        known = self._held_from is not None or roll.newest <= self._dumped_until
        safe = now <= self._sign_after + SHADOW_S or now >= self._moved_at + QUIET_S
        if known or not safe:
            return ()
        return self._one_or_few(it for it in roll.proxies if it.routes.push == roll.newest)

    def _one_or_few(self, proxies: Iterable[Proxy]) -> Sequence[Proxy]:
        """Only the one known to carry the rule's routes, where that is enough."""
        found = list(proxies)
        carrier = self.remembered.carrier if self.remembered else ""
        known = [proxy for proxy in found if proxy.id == carrier]
        return known if known and self._held_from is None else found

    def _lags(self, proxy: Proxy, now: float) -> bool:
        """Whether istiod sent a proxy nothing though the rule has arrived at others."""
        if self.arrived_at is None or proxy.kind == ROUTER or not proxy.settled:
            return False
        at, times = self._scoped.get(proxy.id, (self.arrived_at, 0))
        return now >= at + math.ldexp(LAG_S, times)

    def _note(self, kind: Look, proxy: Proxy, now: float) -> None:
        match kind:
            case Look.DUMP:
                pass
            case Look.DUMP_AND_SCOPE:
                self._dumped[proxy.id] = now
            case Look.SCOPE:
                _, times = self._scoped.get(proxy.id, (now, 0))
                self._scoped[proxy.id] = now, times + 1
            case _:
                assert_never(kind)

    def _arrived(self, proxy: Proxy, view: View, at: float) -> bool:
        """Whether the rule was seen to come, or has been there for long enough."""
        changed = self.remembered is not None and self.remembered.differs(
            Remembered(self._expected, view.domains, proxy.id)
        )
        return changed or self._other_until > NONE or at >= self._began + SETTLE_S

    def _holds(self, push: int, at: float) -> None:
        if push > self._other_until:
            known = self._held_from
            self._held_from = push if known is None else min(known, push)
            self.arrived_at = at if self.arrived_at is None else self.arrived_at

    def _holds_other(self, push: int) -> None:
        self._other_until = max(self._other_until, push)
        if self._as_new(push):
            self._held_from = None

    def _as_new(self, push: int) -> bool:
        return self._held_from is not None and push >= self._held_from

    def _remember(self, met: Expectation | None, view: View, proxy: Proxy) -> None:
        self.difference = f"{proxy.id} is sent {view.difference}" if view.difference else None
        self.remembered = Remembered(met, view.domains, proxy.id)
