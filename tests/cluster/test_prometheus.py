"""The rig's Prometheus can be trusted: it scrapes, hangs, comes back and forgets when told to."""

import math
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.cluster.prometheus import Prometheus, Scrape, scraping

from crossfade.application.processes import StartError

pytestmark = pytest.mark.cluster

UP = 'up{job="itself"}'


@pytest.fixture
async def prometheus(tmp_path: Path) -> AsyncIterator[Prometheus]:
    """A Prometheus that scrapes itself."""
    started = await Prometheus.start(tmp_path / "prometheus", scraping())
    await started.configure(scraping(_itself(started)))
    await started.until_scraped("itself", addresses=1)
    yield started
    await started.stop()


async def test_what_it_scrapes_carries_the_labels_it_was_given(prometheus: Prometheus) -> None:
    series = next(iter(await prometheus.query(UP)))

    assert ("version", "v1") in series


async def test_what_it_does_not_know_is_no_number(prometheus: Prometheus) -> None:
    assert math.isnan(await prometheus.value("nobody_counts_this"))


async def test_it_hangs_without_refusing_and_then_goes_on(prometheus: Prometheus) -> None:
    prometheus.hang()
    async with httpx.AsyncClient(trust_env=False, timeout=0.5) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"{prometheus.url}/-/ready")

    prometheus.go_on()

    await prometheus.ready()


async def test_halted_and_back_it_remembers(prometheus: Prometheus) -> None:
    known = await prometheus.value(f"timestamp({UP})")
    await prometheus.halt()
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(prometheus.url)

    await prometheus.again()

    assert await prometheus.value(f"{UP} @ {known}") == 1


async def test_emptied_it_has_never_seen_a_sample(prometheus: Prometheus) -> None:
    known = await prometheus.value(f"timestamp({UP})")

    await prometheus.emptied()

    await prometheus.until_scraped("itself", addresses=1)
    assert math.isnan(await prometheus.value(f"{UP} @ {known}"))


async def test_a_configuration_it_cannot_read_is_told_with_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="field nonsense not found"):
        await Prometheus.start(tmp_path, {"nonsense": 1})


def _itself(prometheus: Prometheus) -> Scrape:
    return Scrape("itself", (prometheus.url.removeprefix("http://"),), {"version": "v1"})
