"""Other people's requests, which take all the room that an API server has."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from lightkube.config.client_adapter import verify_cluster
from lightkube.config.kubeconfig import KubeConfig
from tests.cluster.api import Api
from tests.cluster.waiting import until

AGAIN_AFTER_S = 0.05
TURNED_AWAY = "Too many requests"
LATER = {"resourceVersion": "999999999", "resourceVersionMatch": "NotOlderThan"}

BEGINNING = (
    "POST {path} HTTP/1.1\r\n"
    "Host: {host}\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 1000000\r\n"
    "\r\n"
    "{{"
)

Call = Callable[[], Coroutine[None, None, object]]


@asynccontextmanager
async def crowd(kubeconfig: Path, namespace: str, lanes: int) -> AsyncIterator[None]:
    """So many readers and one writer whom the API server has its hands full with."""
    async with Api.opened(kubeconfig) as api:
        path = f"/apis/networking.istio.io/v1/namespaces/{namespace}/virtualservices"
        waiting = [lambda: api.client.get(path, params=LATER)] * lanes
        calls = [*waiting, lambda: _write_without_end(kubeconfig, path)]
        tasks = [asyncio.create_task(_insist(call)) for call in calls]
        try:
            await until(lambda: _full(api, path))
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _insist(call: Call) -> None:
    """Call again and again: who has just begun may turn everybody away, for other reasons."""
    while True:
        with suppress(httpx2.TransportError, OSError):
            await call()
        await asyncio.sleep(AGAIN_AFTER_S)


async def _write_without_end(kubeconfig: Path, path: str) -> None:
    """Send the beginning of an object; come back as soon as that is answered all the same.

    Not by a client of HTTP: it would send all it has before it reads that nobody wants it.
    """
    config = KubeConfig.from_file(kubeconfig).get()
    assert config is not None, f"{kubeconfig} has no current context"
    assert config.user is not None, f"{kubeconfig} names nobody"
    trust = verify_cluster(config.cluster, config.user, config.abs_file)
    server = urlsplit(config.cluster.server)
    reader, writer = await asyncio.open_connection(server.hostname, server.port, ssl=trust)
    try:
        said = BEGINNING.format(path=path, host=server.netloc)
        writer.write(said.encode())
        await reader.read(1)
    finally:
        writer.close()


async def _full(api: Api, path: str) -> bool:
    answers = [await api.client.get(path), await api.client.post(path, content=b"{}")]
    return all(answer.text.startswith(TURNED_AWAY) for answer in answers)
