"""A page of Istio's standard metrics, as a proxy of callers shows it, with known counts."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from tests.cluster.waiting import LOOPBACK

# What Istio's proxies put on each series, and what it holds unless a test says otherwise.
LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reporter": "source",
        "source_workload": "gateway",
        "source_workload_namespace": "istio-system",
        "source_principal": "unknown",
        "source_app": "gateway",
        "source_version": "unknown",
        "source_cluster": "Kubernetes",
        "source_canonical_service": "gateway",
        "source_canonical_revision": "latest",
        "destination_workload": "shop-v1",
        "destination_workload_namespace": "default",
        "destination_principal": "unknown",
        "destination_app": "shop",
        "destination_version": "v1",
        "destination_service": "shop.default.svc.cluster.local",
        "destination_service_name": "shop",
        "destination_service_namespace": "default",
        "destination_cluster": "Kubernetes",
        "destination_canonical_service": "shop",
        "destination_canonical_revision": "latest",
        "request_protocol": "http",
        "response_code": "200",
        "response_flags": "-",
        "grpc_response_status": "",
        "connection_security_policy": "unknown",
    }
)
BUCKETS_MS: Final = (0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)


class IstioPage:
    """Counts requests as a proxy would, and shows them at an address."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("istio_requests", "Requests", LABELS, registry=self._registry)
        self._durations = Histogram(
            "istio_request_duration_milliseconds",
            "Durations",
            LABELS,
            buckets=BUCKETS_MS,
            registry=self._registry,
        )
        self._port = 0
        self._stop = self._serve()

    @property
    def address(self) -> str:
        """Where it is shown."""
        return f"{LOOPBACK}:{self._port}"

    def count(self, version: str, times: int, took_ms: float = 7, **labels: str) -> None:
        """So many requests went to a version; labels by their names in Istio."""
        values = {**LABELS, "destination_version": version, **labels}
        self._requests.labels(**values).inc(times)
        for _ in range(times):
            self._durations.labels(**values).observe(took_ms)

    def spoil(self, version: str, **labels: str) -> None:
        """What is shown of a version is no number any more."""
        self._requests.labels(**{**LABELS, "destination_version": version, **labels}).inc(math.nan)

    def restart(self) -> None:
        """The proxy begins to count anew."""
        self._requests.clear()
        self._durations.clear()

    def hide(self) -> None:
        """Nothing is shown any more, though what was counted is kept."""
        self._stop()

    def show(self) -> None:
        """It is shown again, at the same address."""
        self._stop = self._serve()

    def _serve(self) -> Callable[[], None]:
        server, thread = start_http_server(self._port, LOOPBACK, self._registry)
        self._port = server.server_port

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop


@contextmanager
def istio_page() -> Iterator[IstioPage]:
    """A page with no counts yet, shown until the block ends."""
    page = IstioPage()
    yield page
    page.hide()
