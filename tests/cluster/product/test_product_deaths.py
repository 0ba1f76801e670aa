"""kill -9 of Crossfade amid its deploys: each becomes effective, and nothing is done twice."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest
from tests.cluster.background import Background
from tests.cluster.product.line import Line, standing
from tests.cluster.rig import Rig
from tests.cluster.weather import Cut, Silence, Slow
from tests.e2e.product import until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]

# A deploy with other versions: two rehearsals, the subsets, the routes, what is left over.
REHEARSED, SUBSETS, ROUTED, TIDIED = 1, 2, 3, 4
BEFORE, AFTER = False, True
POINTS = (
    (REHEARSED, BEFORE),
    (SUBSETS, BEFORE),
    (SUBSETS, AFTER),
    (ROUTED, BEFORE),
    (ROUTED, AFTER),
    (TIDIED, BEFORE),
    (TIDIED, AFTER),
)
ROUNDS = 3
LOOK_AGAIN_S = 0.001

Split = Mapping[str, float]


@pytest.fixture(scope="module")
def lines(
    rig: Rig,
    background: Background,
    lasting_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Sequence[Line]]:
    """As many rules of one product as there are points at which it may die."""
    folder = tmp_path_factory.mktemp("deaths")
    with standing(rig, background, lasting_database, folder) as first:
        yield [first, *(first.beside(f"service-{n}") for n in range(1, len(POINTS)))]


def stop_at(line: Line, patch: int, *, carried_out: bool) -> None:
    """Let no patch of the rule be answered from this one on, and none be carried out but it."""
    name, weather = line.service.name, line.weather
    weather.bring(Slow(0), verb="patch", name=name, times=patch)
    if carried_out:
        weather.bring(Cut(carried_out=True), verb="patch", name=name, times=1)
    weather.bring(Silence(), verb="patch", name=name)


def start_again(line: Line) -> None:
    """Crossfade after its death, in fair weather."""
    line.weather.clear_up()
    line.product.start("serve")
    line.product.ready()


def nothing_doubled(line: Line) -> None:
    """Assert that Git has each generation once, in their order, and that the audit is whole."""
    assert line.commits == sorted(set(line.commits))
    assert line.product.api.get("/api/audit/verify").json()["problems"] == []


def test_at_whatever_call_it_dies_the_deploy_becomes_effective(lines: Sequence[Line]) -> None:
    weather, product = lines[0].weather, lines[0].product
    weather.calls.clear()
    for line, (patch, carried_out) in zip(lines, POINTS, strict=True):
        stop_at(line, patch, carried_out=carried_out)
    operations = [line.deploy(v1=50, v3=50) for line in lines]
    awaited = sum(patch + 1 + carried_out for patch, carried_out in POINTS)
    until(lambda: len(weather.asked("patch")) >= awaited, "a deploy at each point")

    product.kill()
    start_again(lines[0])

    for line, operation in zip(lines, operations, strict=True):
        line.arrives(operation, v1=50, v3=50)
        nothing_doubled(line)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_at_whatever_moment_it_dies_what_was_acknowledged_becomes_effective(
    lines: Sequence[Line], seed: int
) -> None:
    chance = random.Random(seed)
    splits = [split(chance) for _ in lines]
    for line, wanted in zip(lines, splits, strict=True):
        line.draft(**wanted)
    writes = len(lines[0].weather.writes)

    with ThreadPoolExecutor(len(lines)) as pool:
        answers = pool.map(asked_to_deploy, lines)
        until_written(lines[0], writes + chance.randint(1, len(lines) - 1))
        lines[0].product.kill()
        operations = list(answers)
    start_again(lines[0])

    for line, wanted, operation in zip(lines, splits, operations, strict=True):
        if operation:
            line.arrives(operation, **wanted)
        else:
            line.converges(**live(line))
        nothing_doubled(line)


def split(chance: random.Random) -> Split:
    """Some share for one of two other versions."""
    share = chance.randint(1, 99)
    return {"v1": 100 - share, chance.choice(("v2", "v3")): share}


def live(line: Line) -> Split:
    """What is deployed of the rule."""
    return {one["name"]: one["weight"] for one in line.read()["liveVersions"]}


def asked_to_deploy(line: Line) -> dict[str, Any] | None:
    """The operation; None where nobody acknowledged it."""
    with suppress(httpx.TransportError):
        return line.product.deploy(line.rule, wait_s=0)
    return None


def until_written(line: Line, count: int) -> None:
    """Come back as soon as so many writes were made."""
    end = time.monotonic() + 10
    while len(line.weather.writes) < count:
        assert time.monotonic() < end, line.weather.writes
        time.sleep(LOOK_AGAIN_S)
