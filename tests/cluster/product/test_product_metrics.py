"""Prometheus behind Crossfade: numbers while it is there, "no data since" while it is not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.background import Background
from tests.cluster.prometheus import Prometheus
from tests.cluster.rig import Rig
from tests.cluster.samples import NAME, SampleService
from tests.cluster.serving import a_rule, effective, serving
from tests.cluster.shipped import static
from tests.cluster.waiting import LOOPBACK, until
from tests.e2e.product import Product

pytestmark = pytest.mark.cluster

REQUESTS = 400


@dataclass(frozen=True, slots=True)
class Measured:
    """A live rule whose traffic a Prometheus of its own scrapes."""

    product: Product
    prometheus: Prometheus
    rule: str
    rig: Rig
    sample: SampleService

    def now(self) -> dict[str, Any]:
        """What the rule's page shows."""
        found: dict[str, Any] = self.product.api.get(
            f"/api/rules/{self.rule}/metrics", params={"window": 60}
        ).json()
        return found

    async def shown(self) -> None:
        """Come back when the page shows numbers; traffic flows until it does."""

        async def counted() -> bool:
            await self.rig.gateway.caller.calls(REQUESTS // 10, self.sample.host)
            return bool(self.now()["rate"])

        await until(counted, 40)

    async def silent(self) -> dict[str, Any]:
        """What is shown as soon as there is no data."""
        await until(self._is_silent, 40)
        return self.now()

    async def _is_silent(self) -> bool:
        return self.now()["noDataSince"] is not None


@pytest.fixture
async def measured(
    rig: Rig,
    background: Background,
    sample: SampleService,
    database_url: str,
    tmp_path: Path,
) -> AsyncIterator[Measured]:
    targets = []
    for version in ("v1", "v2"):
        [port] = await background.do(rig.backends.ports(version))
        labels = {"namespace": sample.namespace, "service": NAME, "version": version}
        targets.append((f"{LOOPBACK}:{port}", {**labels, "job": f"{NAME}-{version}"}))
    prometheus = await Prometheus.start(tmp_path / "prometheus", static(tmp_path, targets))
    settings = {
        "CROSSFADE_PROMETHEUS_URL": prometheus.url,
        "CROSSFADE_PROMETHEUS_METRICS": "plain",
    }
    folder = tmp_path / "crossfade"
    try:
        with serving(rig, sample.namespace, database_url, folder, **settings) as product:
            rule = a_rule(product, sample.namespace, rig.gateway.reference, v1=80, v2=20)
            effective(product, product.deploy(rule))
            yield Measured(product, prometheus, rule, rig, sample)
    finally:
        await prometheus.stop()


async def test_through_every_weather_of_prometheus_the_page_says_what_it_knows(
    measured: Measured,
) -> None:
    await measured.shown()
    assert {version["name"] for version in measured.now()["versions"]} == {"v1", "v2"}

    measured.prometheus.hang()
    hung = await measured.silent()
    assert "does not answer" in hung["reason"]
    assert all(version["rate"] is None for version in hung["versions"])
    measured.prometheus.go_on()
    await measured.shown()

    await measured.prometheus.halt()
    assert (await measured.silent())["rate"] is None
    await measured.prometheus.again()
    await measured.shown()

    await measured.prometheus.emptied()
    assert measured.product.api.get(f"/api/rules/{measured.rule}").json()["state"] == "live"
    await measured.shown()
