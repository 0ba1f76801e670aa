"""What a rule asks of the mesh beside the split: patience, retries, faults, ejection, limits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crossfade.domain.errors import Fault, refuse
from crossfade.domain.share import WHOLE, percent_text

HOUR_MS: Final = 3_600_000
MOST_CONNECTIONS: Final = 2**31 - 1
RETRY_REASONS: Final = frozenset(
    {
        "5xx",
        "cancelled",
        "connect-failure",
        "deadline-exceeded",
        "gateway-error",
        "internal",
        "refused-stream",
        "reset",
        "reset-before-request",
        "resource-exhausted",
        "retriable-4xx",
        "unavailable",
    }
)


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, how long and why a failed try is repeated."""

    attempts: int
    per_try_timeout_ms: int | None = None
    retry_on: tuple[str, ...] = ("5xx",)

    def __post_init__(self) -> None:
        faults = [
            *_range_faults("/attempts", self.attempts, 1, 10),
            *_range_faults("/perTryTimeoutMs", self.per_try_timeout_ms, 1, HOUR_MS),
        ]
        unknown = sorted(set(self.retry_on) - RETRY_REASONS)
        if unknown or not self.retry_on or len(set(self.retry_on)) < len(self.retry_on):
            known = ", ".join(sorted(RETRY_REASONS))
            faults.append(Fault("/retryOn", f"expected different ones of {known}"))
        refuse(faults)


@dataclass(frozen=True, slots=True)
class Delay:
    """A pause laid on a share of the requests."""

    share: int
    duration_ms: int

    def __post_init__(self) -> None:
        refuse(
            [
                *_share_faults("/share", self.share),
                *_range_faults("/durationMs", self.duration_ms, 1, HOUR_MS),
            ]
        )


@dataclass(frozen=True, slots=True)
class Abort:
    """An error answered for a share of the requests, which never reach a version."""

    share: int
    status: int

    def __post_init__(self) -> None:
        refuse(
            [
                *_share_faults("/share", self.share),
                *_range_faults("/status", self.status, 200, 599),
            ]
        )


@dataclass(frozen=True, slots=True)
class FaultInjection:
    """Trouble made on purpose, to see how callers bear it."""

    delay: Delay | None = None
    abort: Abort | None = None

    def __post_init__(self) -> None:
        if self.delay is None and self.abort is None:
            refuse([Fault("", "expected a delay or an abort, found neither")])


@dataclass(frozen=True, slots=True)
class OutlierDetection:
    """When a failing address is taken out of its version for a while."""

    consecutive_5xx: int = 5
    interval_ms: int = 10_000
    base_ejection_ms: int = 30_000
    max_ejection_percent: int = 50

    def __post_init__(self) -> None:
        refuse(
            [
                *_range_faults("/consecutive5xx", self.consecutive_5xx, 1, 10_000),
                *_range_faults("/intervalMs", self.interval_ms, 1, HOUR_MS),
                *_range_faults("/baseEjectionMs", self.base_ejection_ms, 1, HOUR_MS),
                *_range_faults("/maxEjectionPercent", self.max_ejection_percent, 1, 100),
            ]
        )


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How much one proxy may load a version at once; None leaves the mesh's own limit."""

    max_connections: int | None = None
    max_pending_requests: int | None = None
    max_requests: int | None = None
    max_requests_per_connection: int | None = None

    def __post_init__(self) -> None:
        limits = {
            "/maxConnections": self.max_connections,
            "/maxPendingRequests": self.max_pending_requests,
            "/maxRequests": self.max_requests,
            "/maxRequestsPerConnection": self.max_requests_per_connection,
        }
        if all(limit is None for limit in limits.values()):
            refuse([Fault("", "expected at least one limit, found none")])
        refuse(
            fault
            for pointer, limit in limits.items()
            for fault in _range_faults(pointer, limit, 1, MOST_CONNECTIONS)
        )


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything a rule asks of the mesh beside the split; None leaves the mesh's default."""

    timeout_ms: int | None = None
    retries: Retries | None = None
    fault: FaultInjection | None = None
    outlier_detection: OutlierDetection | None = None
    connection_limits: ConnectionLimits | None = None

    def __post_init__(self) -> None:
        refuse(_range_faults("/timeoutMs", self.timeout_ms, 1, HOUR_MS))


def _range_faults(pointer: str, found: int | None, least: int, most: int) -> Iterable[Fault]:
    if found is not None and not least <= found <= most:
        yield Fault(pointer, f"expected a whole number from {least} to {most}, found {found}")


def _share_faults(pointer: str, found: int) -> Iterable[Fault]:
    if not 0 < found <= WHOLE:
        yield Fault(pointer, f"expected more than 0 and at most 100, found {percent_text(found)}")
