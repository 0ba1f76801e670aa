"""A stock Envoy as a gateway of Istio's: traffic comes in at a port of loopback."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.cluster.api import Api, Manifest
from tests.cluster.istio import CLUSTER_ID, ROOT, Istiod
from tests.cluster.waiting import LOOPBACK, free_ports, until_ready
from tests.integration.envoy_traffic import Caller

from crossfade.adapters.envoy.binary import envoy_binary
from crossfade.adapters.processes.children import Child, Children
from crossfade.adapters.processes.identity import identify, send
from crossfade.application.processes import Command

GRACE_S = 1.0
LABEL = "crossfade.test/gateway"
HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"

RUNTIME = {"re2.max_program_size.error_level": 32_768}  # as Istio starts its own proxies


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway."""

    name: str
    child: Child
    port: int
    admin_url: str

    @classmethod
    async def start(
        cls,
        folder: Path,
        istiod: Istiod,
        api: Api,
        children: Children,
        name: str = "gateway",
        port: int | None = None,
    ) -> "Gateway":
        """One that lets traffic in; with other names, several may stand side by side."""
        free, admin = free_ports(2)
        port = port or free
        await api.apply(_manifest(name, port))
        document = folder / f"{name}.json"
        document.write_text(json.dumps(_bootstrap(name, istiod.grpc_port, admin)))
        argv = (
            *(str(envoy_binary()), "--config-path", str(document)),
            *("--concurrency", "2", "--disable-hot-restart"),
            *(
                "--log-level",
                "warn",
                "--component-log-level",
                "misc:error",
            ),  # Istio uses old fields
        )
        command = Command(name, argv, folder / f"{name}.log", grace_s=GRACE_S)
        gateway = cls(name, await children.start(command), port, f"http://{LOOPBACK}:{admin}")
        await gateway.ready()
        return gateway

    @property
    def manifest(self) -> Manifest:
        """Its object in the cluster."""
        return _manifest(self.name, self.port)

    @property
    def reference(self) -> str:
        """How a rule of any namespace names it."""
        return f"{ROOT}/{self.name}"

    @property
    def proxy_id(self) -> str:
        """How istiod names its proxy."""
        return f"{self.name}.{ROOT}"

    @property
    def caller(self) -> Caller:
        """Who sends requests to it."""
        return Caller(self.port)

    async def ready(self) -> None:
        """Come back when it lets traffic in, though it leads nowhere yet."""
        entrance, nowhere = f"http://{LOOPBACK}:{self.port}", httpx.codes.NOT_FOUND
        async with httpx.AsyncClient() as client:
            await until_ready(self.child, entrance, client, nowhere)

    async def held(self) -> Any:  # noqa: ANN401  Envoy's own document
        """The configuration that the proxy itself says it holds."""
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{self.admin_url}/config_dump")
        return answer.json()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """The proxy does nothing at all until the block ends."""
        process = identify(self.child.pid)
        assert process is not None
        send(process, signal.SIGSTOP)
        try:
            yield
        finally:
            send(process, signal.SIGCONT)


def _manifest(name: str, port: int) -> dict[str, Any]:
    server = {
        "bind": LOOPBACK,
        "port": {"number": port, "name": "http", "protocol": "HTTP"},
        "hosts": ["*"],
    }
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": {"name": name, "namespace": ROOT},
        "spec": {"selector": {LABEL: name}, "servers": [server]},
    }


def _bootstrap(name: str, istiod_port: int, admin_port: int) -> dict[str, Any]:
    ads = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}
    return {
        "node": {
            "id": f"router~{LOOPBACK}~{name}.{ROOT}~{ROOT}.svc.cluster.local",
            "cluster": name,
            "metadata": {
                "NAMESPACE": ROOT,
                "CLUSTER_ID": CLUSTER_ID,
                "INSTANCE_IPS": LOOPBACK,
                "LABELS": {LABEL: name},
            },
        },
        "admin": {"address": _address(admin_port)},
        "static_resources": {"clusters": [_istiod_cluster(istiod_port)]},
        "dynamic_resources": {"lds_config": ads, "cds_config": ads, "ads_config": _stream()},
        "layered_runtime": {"layers": [{"name": "istio", "static_layer": RUNTIME}]},
    }


def _stream() -> dict[str, Any]:
    pauses = {"retry_back_off": {"base_interval": "0.1s", "max_interval": "1s"}}
    return {
        "api_type": "DELTA_GRPC",
        "transport_api_version": "V3",
        "set_node_on_first_message_only": True,
        "grpc_services": [{"envoy_grpc": {"cluster_name": "istiod", "retry_policy": pauses}}],
    }


def _istiod_cluster(port: int) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _address(port)}}
    return {
        "name": "istiod",
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": "istiod",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
        "typed_extension_protocol_options": {
            HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{HTTP_OPTIONS}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}
