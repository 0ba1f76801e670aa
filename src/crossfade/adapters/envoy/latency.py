"""Percentiles out of counted latencies."""

from collections.abc import Sequence
from itertools import accumulate

from crossfade.adapters.envoy.bootstrap import LATENCY_BOUNDS_MS
from crossfade.adapters.envoy.stats import Latencies


def percentiles(latencies: Latencies, ranks: Sequence[float]) -> tuple[float | None, ...]:
    """The latency (ms) below which each share of the requests stayed; None without any.

    Within a bucket requests are taken to be spread evenly.
    """
    if not latencies:
        return (None,) * len(ranks)
    bounds = sorted(latencies)
    below = list(accumulate(latencies[bound] for bound in bounds))
    return tuple(_at(rank * below[-1], bounds, below) for rank in ranks)


def _at(place: float, bounds: Sequence[float], below: Sequence[int]) -> float:
    index = next(index for index, reached in enumerate(below) if reached >= place)
    upper, lower = bounds[index], _lower(bounds[index])
    before = below[index - 1] if index else 0
    inside = (place - before) / (below[index] - before)
    return round(lower + (upper - lower) * inside, 2)


def _lower(upper: float) -> float:
    """The lower end of the bucket that ends at `upper`."""
    return max((float(bound) for bound in LATENCY_BOUNDS_MS if bound < upper), default=0.0)
