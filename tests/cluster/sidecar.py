"""A proxy beside a workload, as far as istiod can see: it takes whatever it is sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import grpc.aio
from envoy.config.core.v3.base_pb2 import Node
from envoy.service.discovery.v3.ads_pb2_grpc import AggregatedDiscoveryServiceStub
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest, DiscoveryResponse
from google.protobuf.json_format import MessageToDict
from tests.cluster.istio import CLUSTER_ID, ROOT, Istiod
from tests.cluster.waiting import LOOPBACK

ADDRESS: Final = "192.0.2.255"
TYPES: Final = "type.googleapis.com/envoy.config"
CLUSTERS: Final = f"{TYPES}.cluster.v3.Cluster"
ROUTES: Final = f"{TYPES}.route.v3.RouteConfiguration"
PORT_80: Final = "80"  # how istiod names the routes of all services with that port

Stream = grpc.aio.StreamStreamCall[DiscoveryRequest, DiscoveryResponse]


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A proxy that istiod knows by this id."""

    proxy_id: str
    taken: dict[str, DiscoveryResponse] = field(default_factory=dict)  # the last of each kind

    async def held(self) -> Any:  # noqa: ANN401  Envoy's own messages
        """What it was sent last, of all kinds."""
        return [MessageToDict(it) for answer in self.taken.values() for it in answer.resources]


@asynccontextmanager
async def connected(
    istiod: Istiod, namespace: str = ROOT, name: str = "sidecar"
) -> AsyncIterator[Sidecar]:
    """A sidecar of the namespace that asks for clusters and routes, until the block ends."""
    sidecar = Sidecar(f"{name}.{namespace}")
    async with grpc.aio.insecure_channel(f"{LOOPBACK}:{istiod.grpc_port}") as channel:
        stream = AggregatedDiscoveryServiceStub(channel).StreamAggregatedResources()
        node = _node(sidecar.proxy_id, namespace)
        await stream.write(DiscoveryRequest(node=node, type_url=CLUSTERS))
        await stream.write(DiscoveryRequest(type_url=ROUTES, resource_names=[PORT_80]))
        acknowledging = asyncio.create_task(_acknowledge(stream, sidecar))
        try:
            yield sidecar
        finally:
            acknowledging.cancel()
            with suppress(asyncio.CancelledError):
                await acknowledging


async def _acknowledge(stream: Stream, sidecar: Sidecar) -> None:
    async for answer in stream:
        sidecar.taken[answer.type_url] = answer
        names = [PORT_80] if answer.type_url == ROUTES else []
        await stream.write(
            DiscoveryRequest(
                type_url=answer.type_url,
                version_info=answer.version_info,
                response_nonce=answer.nonce,
                resource_names=names,
            )
        )


def _node(name: str, namespace: str) -> Node:
    node = Node(id=f"sidecar~{ADDRESS}~{name}~{namespace}.svc.cluster.local", cluster="sidecar")
    facts = {"NAMESPACE": namespace, "CLUSTER_ID": CLUSTER_ID, "INSTANCE_IPS": ADDRESS}
    node.metadata.update(facts)
    return node
