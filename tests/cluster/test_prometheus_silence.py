"""A Prometheus that is gone, hangs, forgets or sees nothing is no data, and never zero."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from tests.cluster.measured import Measured, Service, asking, measured

from crossfade.adapters.clock import SystemClock
from crossfade.adapters.prometheus.api import ANSWERS_WITHIN_S
from crossfade.application.ports import Sample
from crossfade.domain.errors import UnavailableError
from crossfade.domain.names import ServiceKey

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

VIEWERS = 50
ROUND = {"/api/v1/query": 3, "/api/v1/query_range": 1}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def rig(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Measured]:
    async with measured(tmp_path_factory.mktemp("prometheus")) as rig:
        yield rig


@pytest_asyncio.fixture(loop_scope="module")
async def shop(rig: Measured) -> Service:
    """A service with requests, of which there is data."""
    shop = await rig.a_service()
    shop.count("v1", 10)
    await shop.scraped(10)
    return shop


async def asked(rig: Measured) -> dict[str, int]:
    """How often each part of Prometheus' API was used so far, as it says itself."""
    async with httpx.AsyncClient(trust_env=False) as client:
        page = (await client.get(f"{rig.prometheus.url}/metrics")).text
    counts = dict.fromkeys(ROUND, 0)
    for line in page.splitlines():
        for path in ROUND:
            if line.startswith(f'prometheus_http_requests_total{{code="200",handler="{path}"}}'):
                counts[path] = int(line.rpartition(" ")[2])
    return counts


def assert_no_data(sample: Sample, reason: str) -> None:
    assert sample.reason is not None
    assert reason in sample.reason
    assert sample.rate is None
    assert [(one.share, one.rate, one.p99_ms) for one in sample.versions] == [(None, None, None)]


async def test_a_hung_one_costs_three_seconds_and_is_no_data_since_its_last_sample(
    rig: Measured, shop: Service
) -> None:
    before = SystemClock().now()
    assert (await shop.sample("v1")).reason is None

    rig.prometheus.hang()
    began = time.perf_counter()
    try:
        sample = await shop.sample("v1")
    finally:
        rig.prometheus.go_on()

    assert time.perf_counter() - began < ANSWERS_WITHIN_S + 1
    assert_no_data(sample, f"{rig.prometheus.url} does not answer within 3 s")
    assert sample.no_data_since is not None
    assert abs((sample.no_data_since - before).total_seconds()) < 5
    assert (await shop.speaks("v1")).versions[0].requests == 10


async def test_a_stopped_one_is_no_data_and_restarted_it_is_asked_again(
    rig: Measured, shop: Service
) -> None:
    await rig.prometheus.halt()
    sample = await shop.sample("v1")
    with pytest.raises(UnavailableError, match="does not answer"):
        await rig.metrics.health()

    await rig.prometheus.again()

    assert_no_data(sample, f"Prometheus at {rig.prometheus.url} does not answer")
    assert (await rig.metrics.health()).endswith("answers")
    assert (await shop.speaks("v1")).versions[0].requests == 10


async def test_an_emptied_one_has_no_series_until_it_has_scraped_twice(
    rig: Measured, shop: Service
) -> None:
    await rig.prometheus.emptied()
    sample = await shop.sample("v1")

    assert_no_data(sample, f"no series of {shop.key} now (istio_requests_total)")
    assert (await shop.speaks("v1")).no_data_since is None


async def test_a_service_whose_proxies_are_gone_is_no_data(rig: Measured, shop: Service) -> None:
    rig.page.hide()
    try:
        sample = await shop.falls_silent("v1")
    finally:
        rig.page.show()

    assert_no_data(sample, "no series")
    assert (await shop.speaks("v1")).versions[0].requests == 10


async def test_what_is_no_number_is_no_data(rig: Measured, shop: Service) -> None:
    rig.page.spoil("v1", **shop.place)

    assert_no_data(await shop.falls_silent("v1"), "no counts of requests")


async def test_many_viewers_cost_one_round_of_questions(rig: Measured, shop: Service) -> None:
    metrics = asking(rig.prometheus, fresh_s=60)
    before = await asked(rig)

    samples = await asyncio.gather(
        *(metrics.samples({shop.key: ("v1",)}, 60) for _ in range(VIEWERS))
    )
    again = await metrics.samples({shop.key: ("v1", "v2")}, 60)

    after = await asked(rig)
    await metrics.aclose()
    assert {one[shop.key].versions[0].requests for one in samples} == {10}
    assert again[shop.key].versions[1].requests == 0
    assert {path: after[path] - before[path] for path in ROUND} == ROUND


async def test_hundreds_of_services_cost_no_more_questions_than_one(
    rig: Measured, shop: Service
) -> None:
    unknown = [ServiceKey("cluster", f"team-{n}", f"service-{n}") for n in range(300)]
    before = await asked(rig)

    samples = await rig.metrics.samples(dict.fromkeys((shop.key, *unknown), ("v1",)), 60)

    after = await asked(rig)
    assert samples[shop.key].versions[0].requests == 10
    assert sum(sample.reason is not None for sample in samples.values()) == len(unknown)
    assert {path: after[path] - before[path] for path in ROUND} == ROUND


async def test_names_too_long_for_one_question_are_asked_in_several(
    rig: Measured, shop: Service
) -> None:
    unknown = [ServiceKey("cluster", "n" * 60, f"{'s' * 50}-{n}") for n in range(300)]
    before = await asked(rig)

    samples = await rig.metrics.samples(dict.fromkeys((shop.key, *unknown), ("v1",)), 60)

    after = await asked(rig)
    assert samples[shop.key].versions[0].requests == 10
    assert 5 <= after["/api/v1/query"] - before["/api/v1/query"] <= 8
