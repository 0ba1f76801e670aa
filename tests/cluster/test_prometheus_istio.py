"""What Istio's metrics in a real Prometheus are taken to say is what happened."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.cluster.istio_page import istio_page
from tests.cluster.measured import Measured, Service, measured

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def rig(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Measured]:
    async with measured(tmp_path_factory.mktemp("prometheus")) as rig:
        yield rig


@pytest_asyncio.fixture(loop_scope="module")
async def shop(rig: Measured) -> Service:
    """A service that has been scraped for a while, without requests so far."""
    return await rig.a_service()


async def test_requests_shares_and_errors_are_exactly_what_was_counted(shop: Service) -> None:
    shop.count("v1", 78)
    shop.count("v1", 2, response_code="503", response_flags="UF")
    shop.count("v2", 19)
    shop.count("v2", 1, response_code="404")
    await shop.scraped(100)

    sample = await shop.sample("v1", "v2")

    v1, v2 = sample.versions
    assert (v1.requests, v1.share, v1.error_rate) == (80, 80, 2.5)
    assert (v2.requests, v2.share, v2.error_rate) == (20, 20, 0)
    assert v1.rate
    assert v2.rate
    assert sample.rate == pytest.approx(v1.rate + v2.rate, abs=0.002)
    assert any(rate and rate > 0 for rate in (await shop.sample("v1")).series)
    assert (v1.retried_rate, sample.no_data_since, sample.reason) == (None, None, None)


async def test_latencies_are_of_the_version_that_answered(shop: Service) -> None:
    shop.count("v1", 1, took_ms=70)
    shop.count("v2", 1, took_ms=3)
    await shop.scraped(2)
    shop.count("v1", 90, took_ms=70)
    shop.count("v1", 10, took_ms=2_000)
    shop.count("v2", 10, took_ms=3)
    await shop.scraped(112)

    v1, v2 = (await shop.sample("v1", "v2")).versions

    assert v1.p50_ms
    assert 50 <= v1.p50_ms <= 100
    assert v1.p95_ms
    assert 1_000 <= v1.p95_ms <= 2_500
    assert v2.p99_ms
    assert 1 <= v2.p99_ms <= 5


async def test_a_version_without_series_had_no_requests_for_its_callers_would_know(
    shop: Service,
) -> None:
    shop.count("v1", 10)
    await shop.scraped(10)

    v1, v2 = (await shop.sample("v1", "v2")).versions

    assert (v1.share, v2.share) == (100, 0)
    assert (v2.requests, v2.rate, v2.error_rate, v2.p50_ms) == (0, 0, None, None)


async def test_a_caller_who_went_away_without_an_answer_is_a_failure(shop: Service) -> None:
    shop.count("v1", 3)
    shop.count("v1", 1, response_code="0", response_flags="DC")
    await shop.scraped(4)

    assert (await shop.sample("v1")).versions[0].error_rate == 25


async def test_requests_that_reached_no_version_are_in_the_rate_and_in_nobody_s_share(
    shop: Service,
) -> None:
    shop.count("v1", 10)
    shop.count("unknown", 10, response_code="503", response_flags="UH")
    await shop.scraped(20)

    sample = await shop.sample("v1")

    v1 = sample.versions[0]
    assert (v1.requests, v1.share, v1.error_rate) == (10, 100, 0)
    assert v1.rate
    assert sample.rate
    assert sample.rate > v1.rate


async def test_what_the_versions_own_proxies_count_is_not_counted_again(shop: Service) -> None:
    shop.count("v1", 10)
    shop.count("v1", 10, reporter="destination")
    await shop.scraped(10)

    assert (await shop.sample("v1")).versions[0].requests == 10


async def test_services_of_one_question_are_kept_apart(rig: Measured, shop: Service) -> None:
    others = [await rig.a_service(), await rig.a_service("prod")]
    for times, service in enumerate((shop, *others), start=1):
        service.count("v1", times)
        await service.scraped(times)

    asked = {service.key: ("v1",) for service in (shop, *others)}
    samples = await rig.metrics.samples(asked, 60)

    assert [samples[key].versions[0].requests for key in asked] == [1, 2, 3]


async def test_a_proxy_that_begins_anew_takes_nothing_back(rig: Measured, shop: Service) -> None:
    shop.count("v1", 100)
    await shop.scraped(100)
    rig.page.restart()
    shop.count("v1", 30)
    await shop.scraped(30)

    v1 = (await shop.sample("v1")).versions[0]

    assert 100 < v1.requests <= 200
    assert v1.rate
    assert v1.rate > 0


async def test_what_was_counted_before_anybody_looked_is_not_new_though_scrapes_fail(
    rig: Measured,
) -> None:
    with istio_page() as page:
        old = rig.service(page)
        old.count("v1", 1_000)
        await rig.scrape(rig.page, page)
        await old.speaks("v1")
        page.hide()
        await old.falls_silent("v1")
        page.show()
        old.count("v1", 5)
        await old.scraped(1_005)

        sample = await old.speaks("v1")

    assert sample.versions[0].requests == 5


async def test_a_window_shorter_than_two_scrapes_is_made_that_long_and_says_so(
    rig: Measured, shop: Service
) -> None:
    sample = (await rig.metrics.samples({shop.key: ("v1",)}, 1))[shop.key]

    assert sample.window_s > 1
    assert sample.reason is None
