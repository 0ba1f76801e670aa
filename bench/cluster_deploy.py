"""How long a deploy takes in a cluster until it is proven, beside the least it could take.

    python -m bench.cluster_deploy [rounds]

The least is one server-side apply of a VirtualService by hand, until the gateway itself shows the
new weights. A deploy is the click: POST until the answer that says *effective*. Both are measured
in turns, on one control plane, one istiod and one Envoy, for two services side by side.
"""

import asyncio
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from bench.envoy_flip import say
from tests.cluster import namespaces
from tests.cluster.api import Api
from tests.cluster.environment import from_environment
from tests.cluster.rig import Rig, programs, running
from tests.cluster.samples import NAME, SampleService
from tests.cluster.serving import a_rule, effective, resplit, serving
from tests.cluster.test_rig import destination_rule, virtual_service
from tests.e2e.product import Product

from crossfade.adapters.postgres_server.server import start
from crossfade.adapters.processes.children import Children
from crossfade.adapters.processes.folders import runtime_folder

ROUNDS = 30
BY_HAND = "by-hand"
LOOK_S = 0.002
MILLISECONDS = 1_000


@dataclass
class Stand:
    """A cluster with two services: one that we shift by hand, and one that Crossfade shifts."""

    rig: Rig
    api: Api
    by_hand: SampleService
    product: Product
    rule_id: str
    admin: httpx.AsyncClient

    async def least(self, turn: int) -> float:
        """Seconds from a bare write until the gateway holds it."""
        weight = 1 + turn % 99
        manifest = virtual_service(
            self.by_hand, self.rig.gateway.reference, v1=100 - weight, v2=weight
        )
        begun = time.perf_counter()
        await self.api.apply(manifest)
        while not await self._holds(weight):  # noqa: ASYNC110  Envoy sets no event of ours
            await asyncio.sleep(LOOK_S)
        return time.perf_counter() - begun

    async def click(self, turn: int) -> float:
        """Seconds from the click until the answer that it is effective."""
        weight = 1 + turn % 99
        await asyncio.to_thread(resplit, self.product, self.rule_id, v1=100 - weight, v2=weight)
        begun = time.perf_counter()
        operation = await asyncio.to_thread(self.product.deploy, self.rule_id)
        took = time.perf_counter() - begun
        effective(self.product, operation)
        return took

    async def _holds(self, weight: int) -> bool:
        wanted = {"resource": "dynamic_route_configs"}
        dump = (await self.admin.get("/config_dump", params=wanted)).json()
        return f"'weight': {weight}}}" in str(_weights(dump, self.by_hand.host))


def _weights(dump: object, host: str) -> list[Mapping[str, object]]:
    """Weights of a host's v2 in what the gateway holds."""
    found: list[Mapping[str, object]] = []
    match dump:
        case {"name": str(name), "weight": int(weight)} if f"|v2|{host}" in name:
            found.append({"weight": weight})
        case dict():
            found += [one for value in dump.values() for one in _weights(value, host)]
        case list():
            found += [one for value in dump for one in _weights(value, host)]
    return found


@contextlib.asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[Stand]:
    """All of it, up."""
    async with contextlib.AsyncExitStack() as stack:
        found = programs(from_environment(), print)
        rig = await stack.enter_async_context(running(folder, found, None, print))
        api = await stack.enter_async_context(Api.opened(rig.kubeconfig))
        namespace = await stack.enter_async_context(namespaces.fresh(api))
        by_hand = await _service(rig, api, namespace, BY_HAND)
        await api.apply(destination_rule(by_hand, "v1", "v2"))
        await _service(rig, api, namespace, NAME)
        children = await stack.enter_async_context(Children(folder / "run-bench"))
        server = await start(folder, runtime_folder(folder), children)
        product = stack.enter_context(serving(rig, namespace, server.url, folder / "crossfade"))
        rule_id = a_rule(product, namespace, rig.gateway.reference, v1=80, v2=20)
        effective(product, product.deploy(rule_id))
        admin = await stack.enter_async_context(httpx.AsyncClient(base_url=rig.gateway.admin_url))
        yield Stand(rig, api, by_hand, product, rule_id, admin)


async def _service(rig: Rig, api: Api, namespace: str, name: str) -> SampleService:
    service = SampleService(api, namespace, name)
    await service.create("v1", "v2")
    await service.route(v1=await rig.backends.ports("v1"), v2=await rig.backends.ports("v2"))
    return service


async def measure(rounds: int, folder: Path) -> None:
    """Print the medians of both, and their ratio."""
    least: list[float] = []
    clicks: list[float] = []
    async with standing(folder) as stand:
        await stand.least(50)
        for turn in range(rounds):
            turns = [(stand.least, least), (stand.click, clicks)]
            random.shuffle(turns)
            for act, times in turns:
                times.append(await act(turn))
    tell("one apply until the gateway's routes changed", least)
    tell("click until effective", clicks)
    say(f"ratio of medians: {statistics.median(clicks) / statistics.median(least):.2f}")


def tell(what: str, times: Sequence[float]) -> None:
    """Write the median and the worst of some times."""
    milliseconds = sorted(MILLISECONDS * one for one in times)
    worst, median = milliseconds[-1], statistics.median(milliseconds)
    say(f"{what}: median {median:.0f} ms, worst {worst:.0f} ms of {len(times)}")


def main() -> None:
    """Measure as often as the command line says."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(rounds, Path(folder)))


if __name__ == "__main__":
    main()
