"""How the versions of the sample service behave."""

import pytest

from crossfade_dummy.behaviour import Behaviour, of_version
from crossfade_dummy.settings import from_environment


def test_the_first_version_is_slower_and_fails_more_often_than_the_second() -> None:
    assert (of_version("v1").latency_ms, of_version("v1").error_rate) == (100, 0.3)
    assert (of_version("v2").latency_ms, of_version("v2").error_rate) == (50, 0.1)


def test_latency_varies_around_its_middle() -> None:
    behaviour = Behaviour(latency_ms=100, error_rate=0)

    assert [behaviour.latency_s(luck) for luck in (0, 0.5, 1)] == pytest.approx([0.08, 0.1, 0.12])


@pytest.mark.parametrize(
    ("rate", "luck", "fails"), [(0, 0, False), (0.3, 0.29, True), (1, 0.99, True)]
)
def test_failures_are_a_matter_of_luck(rate: float, luck: float, *, fails: bool) -> None:
    assert Behaviour(latency_ms=0, error_rate=rate).fails(luck) is fails


@pytest.mark.parametrize(("latency_ms", "error_rate"), [(-1, 0), (60_001, 0), (0, -0.1), (0, 1.1)])
def test_impossible_behaviour_cannot_be_built(latency_ms: float, error_rate: float) -> None:
    with pytest.raises(ValueError, match="must be 0 to"):
        Behaviour(latency_ms, error_rate)


def test_an_empty_environment_gives_the_first_version_on_loopback() -> None:
    settings = from_environment({})

    assert (settings.version, settings.host, settings.port) == ("v1", "127.0.0.1", 8080)
    assert not settings.admin
    assert settings.upstream_url is None


def test_the_environment_has_the_last_word() -> None:
    settings = from_environment({"VERSION": "v2", "LATENCY_MS": "7", "ERROR_RATE": "0.5"})

    assert settings.behaviour == Behaviour(latency_ms=7, error_rate=0.5)
