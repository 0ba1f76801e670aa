"""Other people's requests, which take all the room that an API server has."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
from tests.cluster.api import Api
from tests.cluster.waiting import until

AGAIN_AFTER_S = 0.05
TURNED_AWAY = "Too many requests"
LATER = {"resourceVersion": "999999999", "resourceVersionMatch": "NotOlderThan"}

Call = Callable[[], Coroutine[None, None, httpx2.Response]]


@asynccontextmanager
async def crowd(kubeconfig: Path, namespace: str, lanes: int) -> AsyncIterator[None]:
    """So many readers and one writer whom the API server has its hands full with."""
    async with Api.opened(kubeconfig) as api:
        path = f"/apis/networking.istio.io/v1/namespaces/{namespace}/virtualservices"
        waiting = [lambda: api.client.get(path, params=LATER)] * lanes
        calls = [*waiting, lambda: api.client.post(path, content=_endless())]
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
        with suppress(httpx2.TransportError):
            await call()
        await asyncio.sleep(AGAIN_AFTER_S)


async def _endless() -> AsyncIterator[bytes]:
    """The beginning of an object, and never its end."""
    yield b"{"
    await asyncio.Event().wait()


async def _full(api: Api, path: str) -> bool:
    answers = [await api.client.get(path), await api.client.post(path, content=b"{}")]
    return all(answer.text.startswith(TURNED_AWAY) for answer in answers)
