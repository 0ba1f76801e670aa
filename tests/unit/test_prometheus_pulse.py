"""Whether a service is counted, how often, and over which window that lets it be measured."""

from collections.abc import Iterable, Mapping

import pytest

from crossfade.adapters.prometheus.answers import Row
from crossfade.adapters.prometheus.dialects import ISTIO, PLAIN, Dialect
from crossfade.adapters.prometheus.pulse import Pulse, Silence, Span, pulses, span
from crossfade.domain.names import ServiceKey

SHOP = ServiceKey("cluster", "default", "shop")
AT = 1_000.0


def rows(dialect: Dialect, version: str, **parts: float) -> Iterable[Row]:
    """What is answered about a version of the shop."""
    place = {dialect.namespace: "default", dialect.service: "shop", dialect.version: version}
    for part, value in parts.items():
        yield Row(metric={**place, "part": part}, value=(AT, value))


def the_pulse(rows: Iterable[Row], dialect: Dialect) -> Pulse | None:
    """The shop's."""
    found: Mapping[tuple[str, str], Pulse] = pulses(rows, dialect)
    return found.get(("default", "shop"))


@pytest.mark.parametrize(
    ("beats", "interval_s"),
    [
        (600, 1),
        (120, 1),
        (24, 5),
        (8, 15),
        (9, 15),  # one of them at the very edge
        (4, 30),
        (2, 60),
        (3, 60),  # perhaps it has just begun: not more is claimed than was seen
    ],
)
def test_the_time_between_scrapes_is_taken_from_how_many_there_were(
    beats: float, interval_s: int
) -> None:
    found = the_pulse(rows(ISTIO, "v1", newest=AT, beats=beats), ISTIO)

    assert found == Pulse(AT, AT, interval_s)


def test_a_version_that_was_just_born_slows_nobody_down() -> None:
    old = rows(ISTIO, "v1", newest=AT - 2, beats=8)
    new = rows(ISTIO, "v2", newest=AT - 1, beats=1)

    assert the_pulse((*old, *new), ISTIO) == Pulse(AT, AT - 1, 15)


def test_who_was_seen_a_while_ago_only_has_no_pulse() -> None:
    assert the_pulse(rows(ISTIO, "v1", beats=4), ISTIO) is None


def test_versions_that_count_themselves_are_up_or_down_or_not_known_yet() -> None:
    answers = (
        *rows(PLAIN, "v1", up=1, newest=AT, beats=8),
        *rows(PLAIN, "v2", up=0, newest=AT, beats=8),
        *rows(PLAIN, "v3", up=1, newest=AT, beats=1),
    )

    found = the_pulse(answers, PLAIN)

    assert found == Pulse(AT, AT, 15, up=frozenset({"v1"}), down=frozenset({"v2"}))


def test_the_window_asked_for_is_taken_where_two_scrapes_fit_into_it() -> None:
    assert span(SHOP, Pulse(AT, AT, 15), 60, ISTIO) == Span(60, 15)


def test_else_it_is_as_long_as_two_scrapes() -> None:
    assert span(SHOP, Pulse(AT, AT, 60), 30, ISTIO) == Span(120, 60)


@pytest.mark.parametrize(
    ("pulse", "silence"),
    [
        (None, Silence("Prometheus has no series of default/shop now (istio_requests_total).")),
        (
            Pulse(AT, AT, None),
            Silence("Prometheus has seen default/shop only once within 120 s.", AT),
        ),
        (
            Pulse(AT, AT - 51, 15),
            Silence("Prometheus last saw default/shop 51 s ago.", AT - 51),
        ),
        (
            Pulse(AT, AT, 15, down=frozenset({"v1"})),
            Silence("The pods of default/shop do not answer Prometheus."),
        ),
    ],
)
def test_silence_has_its_reason(pulse: Pulse | None, silence: Silence) -> None:
    assert span(SHOP, pulse, 30, ISTIO) == silence


def test_a_late_scrape_or_two_are_no_silence() -> None:
    assert span(SHOP, Pulse(AT, AT - 49, 15), 30, ISTIO) == Span(30, 15)
