"""Policies that cannot be built out of bounds."""

from collections.abc import Callable
from functools import partial

import pytest

from crossfade.domain.errors import InvalidRuleError
from crossfade.domain.policies import (
    HOUR_MS,
    MOST_CONNECTIONS,
    RETRY_REASONS,
    Abort,
    ConnectionLimits,
    Delay,
    FaultInjection,
    OutlierDetection,
    Policies,
    Retries,
)


@pytest.mark.parametrize(
    ("make", "pointers"),
    [
        (partial(Policies, timeout_ms=0), ["/timeoutMs"]),
        (partial(Policies, timeout_ms=HOUR_MS + 1), ["/timeoutMs"]),
        (partial(Retries, attempts=0), ["/attempts"]),
        (partial(Retries, attempts=11, per_try_timeout_ms=0), ["/attempts", "/perTryTimeoutMs"]),
        (partial(Retries, attempts=1, retry_on=()), ["/retryOn"]),
        (partial(Retries, attempts=1, retry_on=("5xx", "5xx")), ["/retryOn"]),
        (partial(Retries, attempts=1, retry_on=("503",)), ["/retryOn"]),
        (partial(Delay, share=0, duration_ms=0), ["/share", "/durationMs"]),
        (partial(Delay, share=10_001, duration_ms=1), ["/share"]),
        (partial(Abort, share=1, status=199), ["/status"]),
        (partial(Abort, share=-1, status=600), ["/share", "/status"]),
        (FaultInjection, [""]),
        (partial(OutlierDetection, consecutive_5xx=0), ["/consecutive5xx"]),
        (partial(OutlierDetection, interval_ms=0), ["/intervalMs"]),
        (partial(OutlierDetection, base_ejection_ms=0), ["/baseEjectionMs"]),
        (partial(OutlierDetection, max_ejection_percent=101), ["/maxEjectionPercent"]),
        (ConnectionLimits, [""]),
        (partial(ConnectionLimits, max_connections=0), ["/maxConnections"]),
        (partial(ConnectionLimits, max_requests=MOST_CONNECTIONS + 1), ["/maxRequests"]),
    ],
)
def test_what_is_out_of_bounds_is_refused_where_it_is(
    make: Callable[[], object], pointers: list[str]
) -> None:
    with pytest.raises(InvalidRuleError) as caught:
        make()
    assert [fault.pointer for fault in caught.value.faults] == pointers


def test_the_bounds_themselves_are_allowed() -> None:
    assert Policies(timeout_ms=HOUR_MS).timeout_ms == HOUR_MS
    assert Retries(10, HOUR_MS, tuple(sorted(RETRY_REASONS))).attempts == 10
    assert Delay(10_000, 1).share == 10_000
    assert Abort(1, 599).status == 599
    assert OutlierDetection(1, 1, 1, 100).interval_ms == 1
    assert ConnectionLimits(max_requests_per_connection=MOST_CONNECTIONS).max_requests is None
