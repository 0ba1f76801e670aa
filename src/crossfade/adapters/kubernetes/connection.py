"""The way to an API server: from a kubeconfig, or from within a pod."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx2
import msgspec
import yaml
from lightkube import AsyncClient, KubeConfig, SingleConfig
from lightkube.config import client_adapter
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError

from crossfade.adapters.kubernetes.objects import Kind, path, plural
from crossfade.adapters.kubernetes.outcomes import naming
from crossfade.adapters.kubernetes.transport import PersistentTransport
from crossfade.domain.errors import RefusedError
from crossfade.manifests.authorship import FIELD_MANAGER

IN_CLUSTER: Final = "in-cluster"

_ANSWER_S: Final = 10.0
_TIMEOUT: Final = httpx2.Timeout(_ANSWER_S, connect=3.0)
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
# Every watch holds a connection of its own, for as long as it stands.
_LIMITS: Final = httpx2.Limits(
    max_connections=None, max_keepalive_connections=16, keepalive_expiry=60.0
)
# A peer that is gone without a word is noticed after 25 seconds, whether we wait for it to speak
# (10 + 3 * 5) or to confirm that it heard us (in milliseconds).
_KEEPALIVE: Final = {
    "TCP_KEEPIDLE": 10,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 25_000,
}


@dataclass(frozen=True, slots=True)
class Connection:
    """An API server that can be talked to; calls belong within `outcomes.naming`."""

    client: AsyncClient
    address: str
    wire: httpx2.AsyncClient  # for what lightkube leaves out

    @asynccontextmanager
    async def watching(
        self, kind: Kind, namespace: str, params: Mapping[str, str], *, silence_s: float
    ) -> AsyncIterator[AsyncIterator[str]]:
        """The events of a watch that stands, one a line, until the API server ends it.

        A silence of more than `silence_s` is a failure like any other.
        """
        timeout = httpx2.Timeout(_TIMEOUT.connect, read=silence_s)
        address, query = path(kind, namespace), {"watch": "true", **params}
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(_ANSWER_S):
                response = await stack.enter_async_context(
                    self.wire.stream("GET", address, params=query, timeout=timeout)
                )
                if not response.is_success:
                    await response.aread()
                    response.raise_for_status()
            yield response.aiter_lines()

    async def delete(self, kind: Kind, namespace: str, name: str, version: str) -> None:
        """Delete the object, unless it has changed since it had this resourceVersion."""
        options = {"preconditions": {"resourceVersion": version}}
        with naming("delete", plural(kind), namespace, name):
            address = path(kind, namespace, name)
            response = await self.wire.request("DELETE", address, json=options)
            response.raise_for_status()


@asynccontextmanager
async def connected(kubeconfig: str, context: str | None = None) -> AsyncIterator[Connection]:
    """The API server of a kubeconfig's context, or of the pod that we run in ("in-cluster").

    RefusedError where the kubeconfig cannot be used; nothing is asked of the API server yet.
    """
    config, trust = await asyncio.to_thread(_configuration, kubeconfig, context)
    inner = httpx2.AsyncHTTPTransport(
        verify=trust, trust_env=False, limits=_LIMITS, socket_options=list(_socket_options())
    )
    async with PersistentTransport(inner) as transport:
        client = AsyncClient(
            config,
            timeout=_TIMEOUT,
            field_manager=FIELD_MANAGER,
            trust_env=False,
            transport=transport,
        )
        wire = httpx2.AsyncClient(
            base_url=config.cluster.server,
            auth=client_adapter.user_auth(config.user),
            timeout=_TIMEOUT,
            trust_env=False,
            transport=transport,
        )
        yield Connection(client, config.cluster.server, wire)


def _configuration(kubeconfig: str, context: str | None) -> tuple[SingleConfig, ssl.SSLContext]:
    try:
        config = _chosen(kubeconfig, context)
        return config, _trust(config)
    except KeyError as error:
        detail = f"it does not say {error}"
    except (TypeError, AttributeError):
        detail = "it is not laid out as a kubeconfig"
    except (ConfigError, OSError, ssl.SSLError, yaml.YAMLError, msgspec.MsgspecError) as error:
        detail = str(error)
    what = "account of this pod" if kubeconfig == IN_CLUSTER else f"kubeconfig {kubeconfig}"
    raise RefusedError(f"The {what} cannot be used: {detail}")


def _chosen(kubeconfig: str, context: str | None) -> SingleConfig:
    if kubeconfig == IN_CLUSTER:
        found = KubeConfig.from_service_account().get()
    else:
        found = KubeConfig.from_file(kubeconfig).get(context)
    if found is None:
        raise ConfigError("no context is current")
    return found if found.user else found._replace(user=User())


def _trust(config: SingleConfig) -> ssl.SSLContext:
    """Whose certificates are taken for the API server's: only those that can be checked."""
    address = httpx2.URL(config.cluster.server)
    if config.cluster.insecure:
        raise ConfigError(
            "it switches the check of certificates off (insecure-skip-tls-verify); "
            "name the certificate authority instead"
        )
    if address.scheme != "https" and address.host not in _LOOPBACK:
        raise ConfigError(f"expected an https address, found {config.cluster.server}")
    user = config.user or User()
    return client_adapter.verify_cluster(config.cluster, user, config.abs_file, trust_env=False)


def _socket_options() -> Iterator[tuple[int, int, int]]:
    yield socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1
    for name, value in _KEEPALIVE.items():
        if option := getattr(socket, name, None):  # not every system has them all
            yield socket.IPPROTO_TCP, option, value
