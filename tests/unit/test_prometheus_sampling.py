"""From Prometheus' answers to the samples of versions: what is not known is never zero."""

from math import inf, nan

import pytest

from crossfade.adapters.prometheus.answers import Line, Row
from crossfade.adapters.prometheus.dialects import ISTIO, PLAIN, Dialect
from crossfade.adapters.prometheus.pulse import Pulse, Silence, Span
from crossfade.adapters.prometheus.readings import Answered, Reading, spread
from crossfade.adapters.prometheus.sampling import sample
from crossfade.application.ports import Sample

AT = 1_000.0
PLACE = ("default", "shop")
BOTH_UP = Pulse(AT, AT, 15, up=frozenset({"v1", "v2"}))


def a_row(dialect: Dialect, version: str, value: float, **labels: str) -> Row:
    """One row about the shop."""
    place = {dialect.namespace: "default", dialect.service: "shop", dialect.version: version}
    return Row(metric={**place, **labels}, value=(AT, value))


def counted(version: str, code: str, value: float, dialect: Dialect = PLAIN) -> Row:
    """So many requests with a code."""
    return a_row(dialect, version, value, part="count", **{dialect.code: code})


def rated(version: str, code: str, value: float, dialect: Dialect = PLAIN) -> Row:
    """So many requests a second with a code."""
    return a_row(dialect, version, value, part="rate", **{dialect.code: code})


def read(
    *requests: Row,
    latencies: tuple[Row, ...] = (),
    pulse: Pulse = BOTH_UP,
    dialect: Dialect = PLAIN,
) -> Reading | Silence:
    """What is made of the rows."""
    answered = Answered(dialect, Span(30, 15), requests, latencies, ())
    return answered.readings({PLACE: pulse})[PLACE]


def sampled(
    *requests: Row,
    latencies: tuple[Row, ...] = (),
    pulse: Pulse = BOTH_UP,
    dialect: Dialect = PLAIN,
) -> Sample:
    """The sample of v1 and v2."""
    reading = read(*requests, latencies=latencies, pulse=pulse, dialect=dialect)
    assert isinstance(reading, Reading)
    return sample(reading, ("v1", "v2"), dialect)


def test_requests_of_all_codes_are_added_up() -> None:
    sample = sampled(
        counted("v1", "200", 60),
        counted("v1", "503", 20),
        counted("v2", "200", 20),
        rated("v1", "200", 2),
        rated("v1", "503", 1),
        rated("v2", "200", 1),
    )

    v1, v2 = sample.versions
    assert (v1.requests, v1.share, v1.error_rate, v1.rate) == (80, 80, 25, 3)
    assert (v2.requests, v2.share, v2.error_rate, v2.rate) == (20, 20, 0, 1)
    assert (sample.rate, sample.window_s) == (4, 30)


def test_a_rate_says_no_less_than_the_requests_that_were_counted() -> None:
    (v1, _) = sampled(counted("v1", "200", 60), rated("v1", "200", 0)).versions

    assert v1.rate == 2


def test_latencies_are_in_milliseconds_whatever_they_are_counted_in() -> None:
    seconds = tuple(
        a_row(PLAIN, "v1", value, le=le) for le, value in (("0.1", 0), ("0.2", 10), ("+Inf", 10))
    )

    (v1, _) = sampled(counted("v1", "200", 10), latencies=seconds).versions

    assert (v1.p50_ms, v1.p99_ms) == (150, 199)


def test_latencies_of_requests_that_are_not_in_the_window_are_no_data() -> None:
    seconds = tuple(a_row(PLAIN, "v1", value, le=le) for le, value in (("1", 5), ("+Inf", 5)))

    assert sampled(latencies=seconds).versions[0].p50_ms is None


def test_a_bucket_without_a_bound_is_left_out() -> None:
    odd = (a_row(PLAIN, "v1", 10, le="many"), a_row(PLAIN, "v1", 10, le="+Inf"))

    assert sampled(counted("v1", "200", 10), latencies=odd).versions[0].p50_ms is None


def test_versions_without_requests_had_none() -> None:
    quiet = sampled()

    assert quiet.rate == 0
    assert [(v.requests, v.rate, v.share, v.error_rate) for v in quiet.versions] == [
        (0, 0, None, None)
    ] * 2


def test_a_version_that_is_down_takes_the_shares_with_it() -> None:
    pulse = Pulse(AT, AT, 15, up=frozenset({"v1"}), down=frozenset({"v2"}))

    half = sampled(counted("v1", "200", 60), counted("v2", "200", 5), pulse=pulse)

    v1, v2 = half.versions
    assert half.rate is None
    assert (v1.requests, v1.rate, v1.share) == (60, 2, None)
    assert (v2.requests, v2.rate, v2.share) == (0, None, None)


def test_a_version_without_pods_is_unknown_to_those_who_count_for_themselves() -> None:
    pulse = Pulse(AT, AT, 15, up=frozenset({"v1"}))

    v1, v2 = sampled(counted("v1", "200", 60), pulse=pulse).versions

    assert (v1.share, v2.rate) == (100, None)


def test_a_version_without_series_had_no_requests_where_callers_count() -> None:
    rows = (counted("v1", "200", 60, ISTIO), rated("v1", "200", 2, ISTIO))

    v1, v2 = sampled(*rows, pulse=Pulse(AT, AT, 15), dialect=ISTIO).versions

    assert (v1.share, v2.share, v2.rate) == (100, 0, 0)


@pytest.mark.parametrize("value", [nan, inf, -1])
def test_what_is_no_count_is_no_data(value: float) -> None:
    silence = read(counted("v1", "200", 5), counted("v2", "200", value))

    assert silence == Silence(
        "Prometheus holds numbers of default/shop that are no counts of requests.", AT
    )


def test_counters_that_were_seen_once_say_nothing_about_growth() -> None:
    silence = read(counted("v1", "200", 0, ISTIO), pulse=Pulse(AT, AT, 15), dialect=ISTIO)

    assert silence == Silence("Prometheus has seen default/shop fewer than twice in 30 s.", AT)


def test_each_point_of_a_series_stands_for_the_seconds_before_it() -> None:
    line = Line(metric={}, values=((AT - 60, 9.0), (AT - 45, 1.0), (AT - 15, nan), (AT, 4.0)))

    series = spread(line, AT, 15)

    assert series == (*(1.0,) * 15, *(None,) * 30, *(4.0,) * 15)


def test_without_a_line_nothing_is_known_of_the_past() -> None:
    assert spread(None, AT, 15) == (None,) * 60
