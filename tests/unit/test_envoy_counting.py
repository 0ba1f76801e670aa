"""Envoy's statistics page as numbers: parsed, differenced, kept for a while, summed up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfade.adapters.envoy.bootstrap import LATENCY_BOUNDS_MS
from crossfade.adapters.envoy.latency import percentiles
from crossfade.adapters.envoy.metrics import version_sample
from crossfade.adapters.envoy.ring import KEPT_S, Ring, Tick, totals
from crossfade.adapters.envoy.stats import Counts, Reading, Services, read_page

PAGE = """\
cluster.ads.upstream_rq_retry: 3
cluster.default/shop/v1.external.upstream_rq_5xx: 2
cluster.default/shop/v1.external.upstream_rq_completed: 10
cluster.default/shop/v1.upstream_rq_retry: 4
cluster.default/shop/v2.external.upstream_rq_completed: 5
server.version: 77
vhost.default/shop.route.cohort-testers.v2.upstream_rq_completed: 3
vhost.default/shop.route.cohort-beta.v2.upstream_rq_completed: 1
cluster.default/shop/v1.external.upstream_rq_time: B1(0,0) B48(1,7) B1.8e+06(0,1)
cluster.default/shop/v3.external.upstream_rq_time: No recorded values
"""
SHOP = "default/shop"


def some(requests: int, failed: int = 0, **latencies: int) -> Counts:
    """Counts of so many requests; latencies as le48=7."""
    bounds = {float(bound.removeprefix("le")): number for bound, number in latencies.items()}
    return Counts(requests=requests, failed=failed, latencies=bounds)


def of(**versions: Counts) -> Services:
    """Only the shop did anything."""
    return {SHOP: versions}


def test_a_page_is_read() -> None:
    reading = read_page(PAGE)

    assert reading.incarnation == 77
    assert reading.services[SHOP]["v1"] == Counts(10, 2, 4, 0, {48: 7, 1_800_000: 1})
    assert reading.services[SHOP]["v2"] == Counts(5, 0, 0, 4)
    assert Counts() == reading.services[SHOP]["v3"]


def test_an_empty_page_is_a_reading_of_nothing() -> None:
    assert read_page("").services == {}


def test_only_what_was_added_between_two_readings_counts() -> None:
    before = Reading(1, of(v1=some(10, 2, le48=9), v2=some(4)))
    after = Reading(1, of(v1=some(15, 2, le48=11, le96=2), v2=some(4)))

    assert after.since(before) == of(v1=some(5, 0, le48=2, le96=2))


def test_a_version_that_was_not_there_before_counts_in_full() -> None:
    assert Reading(1, of(v1=some(3))).since(Reading(1, {})) == of(v1=some(3))


@pytest.mark.parametrize("fallen", [some(4, 2), some(20, 1), some(20, 2, le48=8)])
def test_a_counter_that_went_down_began_anew_and_so_did_all_beside_it(fallen: Counts) -> None:
    before = Reading(1, of(v1=some(10, 2, le48=9)))

    assert Reading(1, of(v1=fallen)).since(before) == of(v1=fallen)


def test_another_incarnation_began_anew_even_where_its_counters_are_higher() -> None:
    before, after = Reading(1, of(v1=some(10))), Reading(2, of(v1=some(50)))

    assert after.since(before) == of(v1=some(50))


counts = st.builds(
    Counts,
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    st.dictionaries(st.sampled_from((1.0, 48.0)), st.integers(1, 9)),
)


@given(before=counts, added=counts)
def test_what_was_added_is_found_again(before: Counts, added: Counts) -> None:
    assert before.plus(added).since(before) == added


def a_ring(*seconds: Services) -> Ring:
    """A ring of one-second ticks that ends at second 1,000."""
    ring = Ring()
    for age, services in reversed(list(enumerate(reversed(seconds)))):
        ring.add(Tick(999.0 - age, 1000.0 - age, services))
    return ring


def test_a_window_holds_the_newest_ticks() -> None:
    ring = a_ring(of(v1=some(1)), of(v1=some(10)), of(v1=some(100)))

    assert totals(ring.within(1000.4, 2), SHOP) == {"v1": some(110)}
    assert totals(ring.within(1000.0, 0), SHOP) == {"v1": some(100)}
    assert totals(ring.within(1000.0, 300), "default/other") == {}


def test_the_series_is_one_rate_a_second_with_gaps_where_nobody_looked() -> None:
    ring = a_ring(of(v1=some(1)), of(v1=some(2), v2=some(2)), {})

    assert ring.rates(SHOP, 1000.0, 5) == (None, None, 1, 4, 0)
    assert ring.rates(SHOP, 1002.0, 5) == (1, 4, 0, None, None)


def test_a_long_tick_is_spread_over_its_seconds() -> None:
    ring = Ring()
    ring.add(Tick(996.0, 1000.0, of(v1=some(8))))

    assert ring.rates(SHOP, 1000.0, 5) == (None, 2, 2, 2, 2)


def test_a_tick_of_less_than_a_second_still_shows() -> None:
    ring = Ring()
    ring.add(Tick(999.9, 1000.0, of(v1=some(1))))

    assert ring.rates(SHOP, 1000.0, 2)[1] == pytest.approx(10)


def test_what_is_older_than_five_minutes_is_forgotten() -> None:
    ring = a_ring(*[of(v1=some(1))] * (KEPT_S + 50))

    assert totals(ring.within(1000.0, 10_000), SHOP)["v1"].requests == KEPT_S + 1


def test_percentiles_lie_inside_their_bucket() -> None:
    assert percentiles({48.0: 100}, (0.5, 0.99)) == (44, 47.92)
    assert percentiles({48.0: 90, 256.0: 10}, (0.5, 0.95)) == (44.44, 240)
    assert percentiles({1.0: 4}, (0.25,)) == (0.25,)


def test_latencies_that_come_after_their_requests_are_no_data() -> None:
    late = version_sample("v1", Counts(requests=0, latencies={1.0: 3}), 30.0, 0)
    assert (late.p50_ms, late.p95_ms, late.p99_ms) == (None, None, None)


def test_without_requests_there_are_no_percentiles() -> None:
    assert percentiles({}, (0.5, 0.99)) == (None, None)


@given(
    st.dictionaries(st.sampled_from(LATENCY_BOUNDS_MS).map(float), st.integers(1, 1000), min_size=1)
)
def test_higher_ranks_are_never_faster(latencies: dict[float, int]) -> None:
    found = [value for value in percentiles(latencies, (0.1, 0.5, 0.9, 0.99, 1.0)) if value]

    assert found == sorted(found)
    assert found[-1] == max(latencies)
