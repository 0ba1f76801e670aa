"""What two hundred rules cost an API server: one write a move, and nothing while all is idle."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from tests.cluster.background import Background
from tests.cluster.product.line import Line, account, standing
from tests.cluster.rig import Rig
from tests.cluster.samples import SampleService
from tests.cluster.waiting import until
from tests.cluster.weather import Weather

from crossfade.adapters.processes.children import Children
from crossfade.bootstrap.cluster import OnCluster
from crossfade.bootstrap.opened import Crossfade, open_crossfade
from crossfade.bootstrap.places import places
from crossfade.entrypoints.worker.every import Loop
from crossfade.entrypoints.worker.health import health_loop
from crossfade.entrypoints.worker.holding import Holding
from crossfade.entrypoints.worker.loops import (
    drift_loop,
    git_loop,
    holding_loop,
    late_proof_loop,
    mesh_drift_loop,
    mesh_loop,
)
from crossfade.entrypoints.worker.process import REPOSITORY_LEASE, at_work
from crossfade.settings import Settings

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]

RULES = 200
AT_ONCE = 8
MOVES = 5
TEN_MINUTES_S = 600


@pytest.fixture(scope="module")
def line(
    rig: Rig,
    background: Background,
    lasting_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Line]:
    """One of two hundred rules that are all live."""
    folder = tmp_path_factory.mktemp("calls")
    with standing(rig, background, lasting_database, folder) as line:
        background.run(populated(line))
        yield line


async def populated(line: Line) -> None:
    """Make as many services and rules as are missing, and deploy all of them."""
    at_once = asyncio.Semaphore(AT_ONCE)
    base = str(line.product.api.base_url)
    async with httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as client:

        async def one(number: int) -> None:
            async with at_once:
                await deployed(line, client, f"service-{number}")

        await asyncio.gather(*(one(number) for number in range(1, RULES)))


async def deployed(line: Line, client: httpx.AsyncClient, name: str) -> None:
    """A rule for one more service, before the same pods; they are live when this returns."""
    first = line.service
    await SampleService(line.api, first.namespace, name, pods=first.pods).create()
    weights = [{"name": "v1", "weight": 80}, {"name": "v2", "weight": 20}]
    body = {"namespace": first.namespace, "serviceName": name, "versions": weights}
    made = await client.post("/api/rules", json=body | reach(line, name))
    assert made.status_code == 201, made.text
    address, terms = f"/api/deploy-rule/{made.json()['id']}", {"Prefer": "wait=30"}
    answer = await client.post(address, json={}, headers=terms)
    assert answer.json()["state"] == "effective", answer.text


def reach(line: Line, name: str) -> Mapping[str, Sequence[str]]:
    """Where requests for the service come in, and what they ask for."""
    host = f"{name}.{line.service.namespace}.svc.cluster.local"
    return {"gateways": [line.rig.gateway.reference, "mesh"], "hosts": [name, host]}


def test_a_move_of_weights_is_one_write_and_no_other_call(line: Line) -> None:
    line.weather.calls.clear()

    for share in range(30, 30 + MOVES):
        line.arrives(line.deploy(v1=100 - share, v2=share), v1=100 - share, v2=share)

    name = f"{line.service.namespace}/{line.service.name}"
    assert [str(call) for call in line.weather.calls] == [f"patch virtualservices {name}"] * MOVES


@pytest.fixture
async def another(
    line: Line, lasting_database: str, tmp_path: Path
) -> AsyncIterator[tuple[Crossfade, Weather]]:
    """One more Crossfade for the same rules, in this process, which has heard all there is."""
    async with Weather.before(account(line.rig), tmp_path) as weather:
        settings = Settings(
            data_dir=tmp_path / "data",
            database_url=SecretStr(lasting_database),
            kubeconfig=str(weather.kubeconfig),
            namespaces=(line.service.namespace,),
            istiod=(line.rig.istiod.url,),
            git_remote=f"file://{line.repository}",
            git_allow_file=True,
        )
        where = places(settings)
        async with (
            Children(where.processes) as children,
            open_crossfade(settings, lasting_database, children, where) as crossfade,
        ):
            yield crossfade, weather


def loops_of(crossfade: Crossfade) -> Sequence[Loop]:
    """All that a process beside a cluster does over and over."""
    assert isinstance(crossfade.surrounding, OnCluster)
    ports, repository = crossfade.ports, Holding(crossfade.ports, REPOSITORY_LEASE, nullcontext)
    return (
        mesh_loop(ports),
        git_loop(ports, repository),
        holding_loop("repository", repository),
        drift_loop(ports, repository),
        mesh_drift_loop(ports, crossfade.surrounding.cluster),
        late_proof_loop(ports),
        health_loop(crossfade, repository),
    )


async def test_ten_idle_minutes_are_no_call_at_all(
    line: Line, another: tuple[Crossfade, Weather]
) -> None:
    crossfade, weather = another
    at_work_here: set[str] = set()
    async with at_work(crossfade, lambda name, _: at_work_here.add(name)):
        loops = loops_of(crossfade)
        await until(lambda: all_heard(crossfade, at_work_here, loops))
        weather.calls.clear()
        line.weather.calls.clear()

        for loop in loops:
            for _ in range(round(TEN_MINUTES_S / loop.seconds)):
                await loop.work()

        assert [str(call) for call in weather.calls] == []
        assert [str(call) for call in line.weather.calls if call.verb != "watch"] == []
        due = [call.resource for call in line.weather.asked("watch")]
        assert sorted(due) == sorted(set(due))  # each stands for longer than the test may take


async def all_heard(crossfade: Crossfade, names: set[str], loops: Sequence[Loop]) -> bool:
    """Whether each loop has had its turn, and the cluster is known."""
    assert isinstance(crossfade.surrounding, OnCluster)
    return names == {loop.name for loop in loops} and crossfade.surrounding.sight.synced
