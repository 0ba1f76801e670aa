"""Requests to the sample services, so that the charts of a new installation move."""

from dataclasses import dataclass
from typing import Protocol

HIGHEST_RATE = 200.0  # requests a second
LASTS_S = 30 * 60.0


@dataclass(frozen=True, slots=True)
class LoadStatus:
    """The load as it runs now; failed means no answer, or a 5xx."""

    running: bool
    rate: float
    sent: int
    failed: int


class Load(Protocol):
    """A load that can be switched on and off, and goes off by itself."""

    @property
    def status(self) -> LoadStatus:
        """The load as it runs now."""

    async def start(self, rate: float) -> LoadStatus:
        """Switch it on, or to another rate, for the next half hour; ValueError beyond the rates."""

    async def stop(self) -> LoadStatus:
        """Switch it off."""
