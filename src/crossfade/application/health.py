"""How the things that an installation stands on are, as the loops that need them find them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the installation stands on; `since` is when it became as it is."""

    name: str
    ok: bool
    detail: str
    since: datetime
    address: str | None = None  # where it is reached, without any secret


@dataclass(frozen=True, slots=True)
class Probe:
    """How to find out about one thing: `ask` answers in words, or raises a CrossfadeError."""

    name: str
    ask: Callable[[], Awaitable[str]]
    address: str | None = None


class HealthBook:
    """The newest finding about each thing."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._checks: dict[str, Check] = {}
        self._followers: list[Callable[[Check], None]] = []

    def follow(self, told: Callable[[Check], None]) -> None:
        """Be told of each thing that was well and is not, or the other way round."""
        self._followers.append(told)

    def set(self, name: str, detail: str, *, ok: bool, address: str | None = None) -> None:
        """Write a finding down."""
        known = self._checks.get(name)
        if known is not None and known.ok is ok:
            self._checks[name] = replace(known, detail=detail, address=address)
            return
        self._checks[name] = Check(name, ok, detail, self._now(), address)
        for told in self._followers:
            told(self._checks[name])

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every finding, by name."""
        return tuple(self._checks[name] for name in sorted(self._checks))

    def ok(self, name: str) -> bool:
        """Whether a thing was found well; what nobody looked at yet is not."""
        check = self._checks.get(name)
        return check is not None and check.ok
