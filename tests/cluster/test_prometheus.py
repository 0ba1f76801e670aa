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
    """A Prometheus that scrapes nothing yet."""
    started = await Prometheus.start(tmp_path / "prometheus", scraping())
    yield started
    await started.stop()


async def test_what_it_scrapes_has_labels_and_what_it_does_not_is_no_number(
    prometheus: Prometheus,
) -> None:
    await _scraped(prometheus)

    series = next(iter(await prometheus.query(UP)))

    assert ("version", "v1") in series
    assert math.isnan(await prometheus.value("nobody_counts_this"))


async def test_it_hangs_without_refusing_and_then_goes_on(prometheus: Prometheus) -> None:
    prometheus.hang()
    async with httpx.AsyncClient(trust_env=False, timeout=0.5) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"{prometheus.url}/-/ready")

    prometheus.go_on()

    await prometheus.ready()


async def test_halted_and_back_it_remembers_and_emptied_it_does_not(
    prometheus: Prometheus,
) -> None:
    await _scraped(prometheus)
    known = await prometheus.value(f"timestamp({UP})")
    await prometheus.halt()
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(prometheus.url)

    await prometheus.again()
    remembered = await prometheus.value(f"{UP} @ {known}")
    await prometheus.emptied()

    assert remembered == 1
    assert math.isnan(await prometheus.value(f"{UP} @ {known}"))


async def test_a_configuration_it_cannot_read_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="field nonsense not found"):
        await Prometheus.start(tmp_path, {"nonsense": 1})


async def _scraped(prometheus: Prometheus) -> None:
    address = prometheus.url.removeprefix("http://")
    await prometheus.configure(scraping(Scrape("itself", (address,), {"version": "v1"})))
    await prometheus.until_scraped("itself", addresses=1)
