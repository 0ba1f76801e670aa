"""Which pods are scraped, and what their series are called, by the configuration that we ship."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from tests.cluster.istio_page import IstioPage, istio_page
from tests.cluster.prometheus import Labels, Prometheus
from tests.cluster.shipped import Target, in_cluster
from tests.cluster.waiting import LOOPBACK, until

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

SCRAPED = {"annotation_prometheus_io_scrape": "true"}
SHOP = {"label_app": "shop", "label_version": "v1"}
FOUND = 4  # the pods below that are to be scraped


def pod(name: str, address: str = f"{LOOPBACK}:1", **found: str) -> Target:
    """A container port of a pod, as discovery finds it."""
    ip = address.rpartition(":")[0].strip("[]")
    about = {"name": name, "ip": ip, "phase": "Running", "container_init": "false", **found}
    labels = {f"__meta_kubernetes_pod_{key}": value for key, value in about.items()}
    return address, {"__meta_kubernetes_namespace": "team", **labels}


def pods(page: IstioPage) -> Iterator[Target]:
    """Those that are to be scraped, and others."""
    port = {"annotation_prometheus_io_port": page.address.rpartition(":")[2]}
    shop = {**SCRAPED, **SHOP}
    yield pod("shop-1", **shop, **port)
    yield pod("shop-1", f"{LOOPBACK}:2", **shop, **port)  # another port of the same pod
    yield pod("shop-2", "[fd00::1]:80", **shop, annotation_prometheus_io_port="8080")
    yield pod("gateway", page.address, container_port_name="http-envoy-prom")
    yield pod("crossfade-1", page.address, label_app_kubernetes_io_name="crossfade")
    yield pod(
        "crossfade-1",
        page.address,
        label_app_kubernetes_io_name="crossfade",
        container_port_name="health",
    )
    yield pod("not-asked-for", **SHOP, **port)
    yield pod("no-version", **SCRAPED, label_app="shop", **port)
    yield pod("over", **{**shop, **port, "phase": "Succeeded"})
    yield pod("starting", **{**shop, **port, "container_init": "true"})


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def prometheus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    folder = tmp_path_factory.mktemp("pods")
    with istio_page() as page:
        page.count("v1", 1)
        started = await Prometheus.start(folder, in_cluster(folder, list(pods(page))))
        yield started
        await started.stop()


async def seen(prometheus: Prometheus, series: str) -> list[Labels]:
    """The series, as soon as all pods were scraped."""

    async def is_so() -> bool:
        return await prometheus.value("count(up)") == FOUND

    await until(is_so)
    return list(await prometheus.query(series))


async def test_pods_that_ask_for_it_are_scraped_once_under_their_service_and_version(
    prometheus: Prometheus,
) -> None:
    place = {("namespace", "team"), ("service", "shop"), ("version", "v1"), ("job", "shop-v1")}

    found = await seen(prometheus, 'up{service!=""}')

    assert all(place <= labels for labels in found)
    assert sorted(dict(labels)["pod"] for labels in found) == ["shop-1", "shop-2"]


async def test_a_pod_s_port_is_the_one_it_names_also_with_an_address_of_the_newer_kind(
    prometheus: Prometheus,
) -> None:
    found = {dict(labels)["pod"]: dict(labels) for labels in await seen(prometheus, "up")}

    assert found["shop-2"]["instance"] == "[fd00::1]:8080"
    assert await prometheus.value('up{pod="shop-1"}') == 1


async def test_istio_s_metrics_are_taken_from_its_proxies_and_from_nowhere_else(
    prometheus: Prometheus,
) -> None:
    await prometheus.until('up{job="istio-proxies"}', lambda up: up == 1)

    found = await seen(prometheus, '{__name__=~"istio_.+|python_.+"}')

    assert {dict(labels)["pod"] for labels in found} == {"gateway", "crossfade-1"}


async def test_crossfade_is_found_at_its_port_for_health(prometheus: Prometheus) -> None:
    (found,) = await seen(prometheus, 'up{job="crossfade"}')

    assert {("namespace", "team"), ("pod", "crossfade-1")} <= found
