"""Prometheus with the configuration that we ship, on the services and the ports of a chain."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.cluster import shipped
from tests.cluster.prometheus import Prometheus
from tests.cluster.waiting import LOOPBACK

Ports = Mapping[str, Sequence[int]]  # of each version


async def measuring(
    folder: Path, service: str, namespace: str, ports: Ports, own_port: int
) -> Prometheus:
    """A Prometheus that scrapes every replica of the service, and Crossfade at its own port."""
    configuration = shipped.static(folder, tuple(_targets(service, namespace, ports)))
    for job in configuration["scrape_configs"]:
        if job["job_name"] == "crossfade":
            job["static_configs"] = [{"targets": [f"{LOOPBACK}:{own_port}"]}]
    return await Prometheus.start(folder, configuration)


def _targets(service: str, namespace: str, ports: Ports) -> Iterator[shipped.Target]:
    for version, found in ports.items():
        place = {"namespace": namespace, "service": service, "version": version}
        for port in found:
            yield f"{LOOPBACK}:{port}", {**place, "job": f"{service}-{version}"}
