"""Two Crossfades on one database, one repository and one cluster race with deploys of one rule."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cluster.background import Background
from tests.cluster.product.line import HEALED_S, Line, standing
from tests.cluster.product.places import mark
from tests.cluster.recording import KINDS, Recording, State, recording, subsets_of, weights_of
from tests.cluster.rig import Rig
from tests.cluster.serving import serving, versions
from tests.cluster.weather import Slow
from tests.e2e.product import until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

DEPLOYS = 12
PAUSES = (Slow(0), Slow(0), Slow(0.5))
ANY_EDITION = {"If-Match": "*"}

States = Sequence[State[None]]


@pytest.fixture
def pair(
    rig: Rig, background: Background, database_url: str, tmp_path: Path
) -> Iterator[tuple[Line, Line]]:
    """One rule, and two products that serve it."""
    with standing(rig, background, database_url, tmp_path) as line:
        place = (line.service.namespace, database_url, tmp_path / "second")
        with serving(rig, *place, **line.product.settings) as second:
            yield line, replace(line, product=second)


@pytest.fixture
def recorded(pair: tuple[Line, Line], background: Background) -> Iterator[Recording[None]]:
    """Every state of the rule's objects from now on."""
    line, _ = pair

    async def nothing() -> None:
        """Nothing beside the states is asked for."""

    service = line.service
    with background.held(recording(line.api, service.namespace, service.name, nothing)) as told:
        yield told


def storm(line: Line) -> list[str]:
    """The operations of many deploys, one after the other, whatever others draft meanwhile."""
    chance = random.Random(line.product.port)
    operations = []
    for _ in range(DEPLOYS):
        share = chance.randint(1, 99)
        weights = {"v1": 100 - share, chance.choice(("v2", "v3")): share}
        body = {**line.read(), "versions": versions(**weights)}
        for old in ("version1Name", "version2Name", "version1Weight", "version2Weight"):
            body.pop(old, None)
        answer = line.product.api.put(f"/api/rules/{line.rule}", json=body, headers=ANY_EDITION)
        assert answer.status_code == 200, answer.text
        operations.append(str(line.product.deploy(line.rule, wait_s=0)["id"]))
    return operations


def of(states: States, kind: str) -> list[State[None]]:
    """The states of one kind."""
    return [one for one in states if one.object["kind"] == kind]


def test_nothing_is_lost_and_no_generation_ever_goes_back(
    pair: tuple[Line, Line], recorded: Recording[None]
) -> None:
    first, second = pair
    for pause in random.Random(DEPLOYS).choices(PAUSES, k=4 * DEPLOYS):
        first.weather.bring(pause, verb="patch", times=1)  # so that writes overtake each other
    with ThreadPoolExecutor(2) as pool:
        operations = {id for found in pool.map(storm, pair) for id in found}
    first.product.kill()  # whatever it still had to do is left to the other

    until(lambda: all_ended(second, operations), "an end of all operations", HEALED_S)
    states = second.background.run(recorded.states())

    live = {one["name"]: one["weight"] for one in second.read()["liveVersions"]}
    second.converges(**live)
    assert second.operation(second.read()["operation"]["id"])["state"] == "effective"
    assert second.commits == sorted(set(second.commits))
    assert second.product.api.get("/api/audit/verify").json()["problems"] == []
    for kind in KINDS:
        generations = [int(mark(one.object) or 0) for one in of(states, kind)]
        assert generations == sorted(generations)
    assert_every_state_was_right(second, states)


def all_ended(line: Line, operations: set[str]) -> bool:
    """Whether all have ended well: effective, or overtaken by a newer one."""
    found = [line.operation(id)["state"] for id in operations]
    assert set(found) <= {"running", "effective", "superseded"}, found
    return "running" not in found


def assert_every_state_was_right(line: Line, states: States) -> None:
    """Assert that whatever was to be seen had been asked for, and led to known versions alone."""
    known: set[str] = set()
    for state in states:
        if state.object["kind"] == "DestinationRule":
            known = set(subsets_of(state.object))
            continue
        weights = weights_of(state.object)
        assert sum(weights.values()) == 100
        assert not known or set(weights) <= known
        asked = line.picture(int(mark(state.object) or 0))
        assert asked["VirtualService"] == state.object["spec"]
