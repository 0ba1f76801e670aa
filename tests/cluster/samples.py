"""The sample service as a cluster sees it: a Service, its Pods and their EndpointSlice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from tests.cluster.api import Api, Manifest
from tests.cluster.routing import routed_to

PORT = 80
NAME = "dummy-service"
# Addresses for documentation, which nobody has and nothing reaches: Kubernetes forbids loopback.
_ADDRESSES = cycle(
    f"{network}.{host}"
    for network in ("198.51.100", "203.0.113", "192.0.2")
    for host in range(1, 255)
)


@dataclass(frozen=True, slots=True)
class Pod:
    """One replica of a version; `ready` is what the cluster believes."""

    name: str
    version: str
    address: str
    ready: bool = True


@dataclass
class SampleService:
    """A service in a namespace, as whoever watches the cluster sees it."""

    api: Api
    namespace: str
    name: str = NAME
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # of odd versions
    pods: dict[str, list[Pod]] = field(default_factory=dict)
    ports: dict[str, Sequence[int]] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Its full name."""
        return f"{self.name}.{self.namespace}.svc.cluster.local"

    async def create(self, *versions: str, replicas: int = 1) -> None:
        """Make it, with these versions, all ready."""
        await self.api.apply(self._service())
        for version in versions:
            await self._place(version, replicas)
        await self._publish()

    async def add(self, version: str, replicas: int = 1, *, ready: bool = True) -> None:
        """One more version."""
        await self._place(version, replicas, ready=ready)
        await self._publish()

    async def remove(self, version: str) -> None:
        """A version less: its pods go."""
        for pod in self.pods.pop(version):
            await self.api.delete(self._pod(pod))
        await self._publish()
        if self.ports.pop(version, None):
            await self.route()

    async def set_ready(self, version: str, ready: int) -> None:
        """So many of the version's pods are ready, from now on."""
        for number, pod in enumerate(self.pods[version]):
            changed = Pod(pod.name, version, pod.address, number < ready)
            self.pods[version][number] = changed
            await self.api.apply(self._status(changed), subresource="status")
        await self._publish()

    async def route(self, **ports: Sequence[int]) -> None:
        """Let gateways find these versions at ports of loopback, instead of their addresses."""
        self.ports.update(ports)
        await self.api.apply(routed_to(self.name, self.namespace, self.ports))

    async def _place(self, version: str, replicas: int, *, ready: bool = True) -> None:
        pods = [
            Pod(f"{self.name}-{version}-{number}", version, next(_ADDRESSES), ready)
            for number in range(replicas)
        ]
        for pod in pods:
            await self.api.apply(self._pod(pod))
            await self.api.apply(self._status(pod), subresource="status")
        self.pods[version] = pods

    async def _publish(self) -> None:
        await self.api.apply(self._endpoints())

    def _metadata(self, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
        return {"name": name, "namespace": self.namespace, "labels": dict(labels)}

    def _service(self) -> Manifest:
        port = {"name": "http", "port": PORT, "targetPort": 8080, "appProtocol": "http"}
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": self._metadata(self.name, {"app": self.name}),
            "spec": {"selector": {"app": self.name}, "ports": [port]},
        }

    def _pod(self, pod: Pod) -> Manifest:
        """A pod that no scheduler cares for: where there is a kubelet, it must not meddle."""
        versioned = self.labels.get(pod.version, {"version": pod.version})
        container = {
            "name": "dummy",
            "image": "crossfade-dummy",
            "ports": [{"containerPort": 8080}],
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": self._metadata(pod.name, {"app": self.name, **versioned}),
            "spec": {"schedulerName": "crossfade-test", "containers": [container]},
        }

    def _status(self, pod: Pod) -> Manifest:
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": pod.name, "namespace": self.namespace},
            "status": {
                "phase": "Running",
                "podIP": pod.address,
                "podIPs": [{"ip": pod.address}],
                "conditions": [{"type": "Ready", "status": "True" if pod.ready else "False"}],
            },
        }

    def _endpoints(self) -> Manifest:
        pods = [pod for version in self.pods.values() for pod in version]
        labels = {"kubernetes.io/service-name": self.name}
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": self._metadata(f"{self.name}-1", labels),
            "addressType": "IPv4",
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
            "endpoints": [self._endpoint(pod) for pod in pods],
        }

    def _endpoint(self, pod: Pod) -> Manifest:
        target = {"kind": "Pod", "name": pod.name, "namespace": self.namespace}
        return {
            "addresses": [pod.address],
            "conditions": {"ready": pod.ready, "serving": pod.ready},
            "targetRef": target,
        }
