"""The API server fails in the middle of a deploy: it is named, it heals, nothing else changes."""

import random
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from tests.cluster.product.crowd import crowd
from tests.cluster.product.faults import (
    edit_by_hand,
    elsewhere,
    flagged,
    killed,
    paused,
    restart,
    unheard,
    without_routes,
)
from tests.cluster.product.line import ROUTES, Line, account
from tests.cluster.weather import Answer, Cut, Silence, Slow

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

TWO_AT_A_TIME = (
    "--max-requests-inflight=2",
    "--max-mutating-requests-inflight=1",
    "--enable-priority-and-fairness=false",
)
EXPIRED = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}

BUSY = Answer(429, headers={"retry-after": "1"})
WEATHER = (Slow(0), Slow(0), Slow(0.3), Cut(), Cut(carried_out=True), BUSY, Answer(503, "no route"))


@pytest.fixture
def halfway(line: Line) -> dict[str, Any]:
    """A deploy that has made the new subset, and whose routes are on the way to the API server."""
    line.weather.bring(Slow(0), verb="patch", resource=ROUTES, times=1)  # the rehearsal
    line.weather.bring(Silence(), verb="patch", resource=ROUTES, times=1)
    operation = line.deploy(v1=50, v3=50)
    line.until_asked("patch", ROUTES, 2)
    return operation


@pytest.fixture(autouse=True)
def untouched(line: Line) -> Iterator[None]:
    """Whatever happens, nothing changes but the rule's own objects."""
    before = elsewhere(line)
    yield
    assert elsewhere(line) == before


def test_killed_it_is_out_of_reach_until_it_is_back(line: Line, halfway: dict[str, Any]) -> None:
    with killed(line):
        line.tells(halfway, "The API server cannot be reached to ", ROUTES)
    line.arrives(halfway, v1=50, v3=50)


def test_paused_it_does_not_answer_in_time_until_it_goes_on(
    line: Line, halfway: dict[str, Any]
) -> None:
    with paused(line):
        line.tells(halfway, "The API server did not answer in time to patch virtualservices ")
    line.arrives(halfway, v1=50, v3=50)


def test_full_it_is_too_busy_until_there_is_room(line: Line) -> None:
    with flagged(line, *TWO_AT_A_TIME):
        others = crowd(account(line.rig), line.service.namespace, lanes=2)
        with line.background.held(others):
            operation = line.deploy(v1=50, v2=50)
            line.tells(operation, "too busy to patch virtualservices", "it asks to wait 1 s")
        line.arrives(operation, v1=50, v2=50)


def test_writes_whose_answers_are_lost_are_not_made_twice(line: Line) -> None:
    line.weather.bring(Cut(carried_out=True), verb="patch")
    operation = line.deploy(v1=50, v3=50)
    line.tells(operation, "was cut during the attempt to patch ")
    line.weather.clear_up()
    line.arrives(operation, v1=50, v3=50)


def test_without_its_kind_the_deploy_waits_until_that_is_back(
    line: Line, halfway: dict[str, Any]
) -> None:
    with without_routes(line):
        line.tells(halfway, "does not know virtualservices")
    line.arrives(halfway, v1=50, v3=50)


def test_a_forgotten_past_is_named_and_holds_no_deploy_up(line: Line) -> None:
    text = orjson.dumps(EXPIRED).decode()
    expired = Answer(410, text, {"content-type": "application/json"})
    line.weather.bring(expired, verb="watch")
    line.background.run(line.weather.cut())
    line.unwell("has forgotten too much to watch ")
    line.arrives(line.deploy(v1=50, v3=50), v1=50, v3=50)
    line.weather.clear_up()
    line.well()


def test_what_was_forgotten_while_nothing_was_heard_does_not_stand_in_the_way(line: Line) -> None:
    with unheard(line):
        edit_by_hand(line, v1=7, v2=93)
        restart(line)
        operation = line.deploy(v1=50, v3=50)
    line.arrives(operation, v1=50, v3=50)
    line.well()


def test_a_rule_that_went_with_its_kind_is_shown_as_drift_and_brought_back(line: Line) -> None:
    with without_routes(line):
        pass
    line.drifts("its VirtualService is gone from the cluster")
    operation = line.product.api.post(f"/api/rules/{line.rule}/repair", json={}).json()
    line.arrives(operation, v1=80, v2=20)


def test_every_deploy_arrives_in_changing_weather(line: Line) -> None:
    chance = random.Random(20_261_124)
    for share in range(10, 60, 10):
        for trouble in chance.choices(WEATHER, k=12):
            line.weather.bring(trouble, times=1)
        weights = {"v1": 100 - share, chance.choice(("v2", "v3")): share}
        line.arrives(line.deploy(**weights), **weights)
    assert line.commits == sorted(set(line.commits))
