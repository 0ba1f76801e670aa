"""A real istiod on loopback, that reads the cluster and feeds proxies by plain gRPC."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from tests.cluster.api import Api
from tests.cluster.waiting import LOOPBACK, free_ports, until_ready

from crossfade.adapters.processes.children import Child, Children
from crossfade.application.processes import Command

CLUSTER_ID = "Kubernetes"
GRACE_S = 2.0
# Not the usual istio-system: a mesh that the cluster may have already must not obey our filters.
ROOT = "crossfade-mesh"
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ROOT}}
MESH = {"rootNamespace": ROOT, "trustDomain": "cluster.local", "enableAutoMtls": False}
ENVIRONMENT = {
    "POD_NAMESPACE": ROOT,
    "CLUSTER_ID": CLUSTER_ID,
    "ENABLE_CA_SERVER": "false",
    "PILOT_CERT_PROVIDER": "none",
    "ENABLE_DEBUG_ON_HTTP": "true",
    "VALIDATION_WEBHOOK_CONFIG_NAME": "",
    "INJECTION_WEBHOOK_CONFIG_NAME": "",
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "PILOT_DISABLE_MX_ALPN": "true",
}
# A filter of Istio's own build of Envoy, which the stock one refuses.
ALPN_REMOVED = {
    "apiVersion": "networking.istio.io/v1alpha3",
    "kind": "EnvoyFilter",
    "metadata": {"name": "stock-envoy", "namespace": ROOT},
    "spec": {
        "configPatches": [
            {
                "applyTo": "HTTP_FILTER",
                "match": {
                    "listener": {
                        "filterChain": {
                            "filter": {
                                "name": "envoy.filters.network.http_connection_manager",
                                "subFilter": {"name": "istio.alpn"},
                            }
                        }
                    }
                },
                "patch": {"operation": "REMOVE"},
            }
        ]
    },
}


@dataclass(slots=True)
class Istiod:
    """A running istiod."""

    command: Command
    child: Child
    url: str  # of its debug pages
    grpc_port: int

    @classmethod
    async def start(
        cls, folder: Path, program: Path, kubeconfig: Path, children: Children, name: str = "istiod"
    ) -> "Istiod":
        """One that is ready; with other names, several may stand side by side."""
        http, grpc, monitoring = free_ports(3)
        mesh = folder / f"{name}.mesh.yaml"
        mesh.write_text(yaml.safe_dump(MESH))
        argv = (
            *(str(program), "discovery"),
            *("--kubeconfig", str(kubeconfig)),
            *("--meshConfig", str(mesh)),
            *("--httpAddr", f"{LOOPBACK}:{http}"),
            *("--grpcAddr", f"{LOOPBACK}:{grpc}"),
            *("--monitoringAddr", f"{LOOPBACK}:{monitoring}"),
            *("--secureGRPCAddr=", "--httpsAddr="),
            *("--registries=Kubernetes", "--domain=cluster.local"),
        )
        log = folder / f"{name}.log"
        env = {**ENVIRONMENT, "POD_NAME": name}
        command = Command(name, argv, log, env=env, grace_s=GRACE_S)
        child = await children.start(command)
        istiod = cls(command, child, f"http://{LOOPBACK}:{http}", grpc)
        await istiod.ready()
        return istiod

    async def ready(self) -> None:
        """Come back when it knows the cluster."""
        async with httpx.AsyncClient() as client:
            await until_ready(self.child, f"{self.url}/ready", client)

    async def restart(self, children: Children) -> None:
        """The same anew: it has lost no API server yet, so it hurries to find the next one again.

        With every loss it waits longer, up to a minute.
        """
        await self.child.stop()
        self.child = await children.start(self.command)
        await self.ready()

    async def page(self, name: str, **query: str) -> Any:  # noqa: ANN401  whatever the page holds
        """What a debug page says, such as `syncz`."""
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{self.url}/debug/{name}", params=query, timeout=30)
        answer.raise_for_status()
        return answer.json()


async def prepare(api: Api) -> None:
    """Make the mesh's own namespace, and let its proxies be stock Envoys."""
    await api.apply(NAMESPACE)
    await api.apply(ALPN_REMOVED)


async def leave(api: Api) -> None:
    """Take away all that the mesh had in the cluster."""
    await api.delete(NAMESPACE)
