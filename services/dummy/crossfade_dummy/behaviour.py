"""How fast and how well a version answers."""

from dataclasses import dataclass

MS = 1_000
LONGEST_MS = 60_000
JITTER = 0.2  # of the latency, either way, as real services have it


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The latency of /api/data and the share of failures of /api/error."""

    latency_ms: float
    error_rate: float

    def __post_init__(self) -> None:
        if not 0 <= self.latency_ms <= LONGEST_MS:
            raise ValueError(f"latency must be 0 to {LONGEST_MS} ms, got {self.latency_ms}")
        if not 0 <= self.error_rate <= 1:
            raise ValueError(f"error rate must be 0 to 1, got {self.error_rate}")

    def latency_s(self, luck: float) -> float:
        """How long one answer takes; luck is between 0 and 1."""
        return self.latency_ms * (1 + JITTER * (2 * luck - 1)) / MS

    def fails(self, luck: float) -> bool:
        """Whether one answer is a failure; luck is between 0 and 1."""
        return luck < self.error_rate


SLOW_AND_FLAKY = Behaviour(latency_ms=100, error_rate=0.3)
FASTER_AND_BETTER = Behaviour(latency_ms=50, error_rate=0.1)


def of_version(version: str) -> Behaviour:
    """How a version behaves when nothing else is said; all but v1 behave as v2."""
    return SLOW_AND_FLAKY if version == "v1" else FASTER_AND_BETTER
