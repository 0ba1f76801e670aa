"""Percentiles out of buckets."""

from itertools import accumulate
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfade.adapters.prometheus.quantiles import percentiles

RANKS = (0.5, 0.95, 0.99)
NONE = (None, None, None)


def test_requests_are_spread_evenly_within_a_bucket() -> None:
    assert percentiles({10: 50, 20: 100, inf: 100}, (0.25, 0.5, 0.75, 1)) == (5, 10, 15, 20)


def test_what_lies_above_the_highest_bound_is_taken_to_lie_at_it() -> None:
    assert percentiles({10: 50, 20: 60, inf: 100}, RANKS) == (10, 20, 20)


@pytest.mark.parametrize(
    "buckets",
    [
        {},
        {inf: 10},
        {10: 0, inf: 0},
        {10: 5, 20: 10},
        {10: nan, inf: 10},
        {10: 5, inf: inf},
        {nan: 1, inf: 2},
    ],
)
def test_where_nobody_can_say_nothing_is_said(buckets: dict[float, float]) -> None:
    assert percentiles(buckets, RANKS) == NONE


def test_a_bucket_below_the_one_before_it_was_scraped_too_early() -> None:
    assert percentiles({10: 50, 20: 48, 30: 100, inf: 99}, (0.5, 1)) == (10, 30)


@given(
    st.dictionaries(st.integers(1, 10_000), st.integers(0, 1_000), min_size=1, max_size=12),
    st.integers(0, 100),
)
def test_they_rise_with_their_ranks_and_stay_within_the_bounds(
    inside: dict[int, int], above: int
) -> None:
    bounds = sorted(inside)
    below = accumulate(inside[bound] for bound in bounds)
    buckets = dict(zip(map(float, bounds), map(float, below), strict=True))
    total = sum(inside.values()) + above

    found = percentiles({**buckets, inf: float(total)}, RANKS)

    if total == 0:
        assert found == NONE
    else:
        numbers = [number for number in found if number is not None]
        assert numbers == sorted(numbers)
        assert len(numbers) == len(RANKS)
        assert 0 <= numbers[0] <= numbers[-1] <= bounds[-1]
