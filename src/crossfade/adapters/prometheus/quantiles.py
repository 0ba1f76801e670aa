"""Percentiles out of a histogram's buckets."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import inf, isfinite


def percentiles(buckets: Mapping[float, float], ranks: Sequence[float]) -> tuple[float | None, ...]:
    """The value below which each share of the observations stayed; None where nobody can say.

    A bucket counts all that is at most its bound. Within one they are taken to be spread evenly;
    what lies above the highest bound is taken to lie at it, as Prometheus does too.
    """
    reached = _rising(buckets)
    if reached is None:
        return (None,) * len(ranks)
    return tuple(_at(rank * reached[-1][1], reached) for rank in ranks)


def _rising(buckets: Mapping[float, float]) -> list[tuple[float, float]] | None:
    """The buckets in order, none below the one before: a scrape may see one half counted."""
    bounds = sorted(buckets)
    counts = [buckets[bound] for bound in bounds]
    if len(bounds) <= 1 or bounds[-1] != inf or not all(map(isfinite, (*bounds[:-1], *counts))):
        return None
    rising = list(accumulate(counts, max, initial=0.0))
    return list(zip([0.0, *bounds], rising, strict=True)) if rising[-1] > 0 else None


def _at(place: float, reached: Sequence[tuple[float, float]]) -> float:
    (low, below), (high, above) = next(
        (lower, upper) for lower, upper in pairwise(reached) if upper[1] >= place
    )
    if high == inf:
        return round(low, 2)
    return round(low + (high - low) * (place - below) / (above - below), 2)
