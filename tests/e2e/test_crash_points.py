"""kill -9 at every effect boundary of a deploy: afterwards all agree, and nothing is doubled."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.crashing import POINTS
from tests.e2e.product import Product, until

pytestmark = pytest.mark.e2e

HEALED_S = 30.0
ARMED = "armed"
UNACKNOWLEDGED = ("before accepting",)


@pytest.fixture(scope="module")
def crossfade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One installation, which lives through all the deaths."""
    product = Product(tmp_path_factory.mktemp("crash"), program="tests.e2e.crashing")
    product.start(str(product.folder / ARMED))
    product.ready()
    yield product
    product.end()


@pytest.mark.parametrize("point", POINTS)
def test_after_a_death_everything_agrees(crossfade: Product, point: str) -> None:
    armed = crossfade.folder / ARMED
    share = 50 if crossfade.rule()["liveVersions"][0]["weight"] == 80 else 80
    rule_id = crossfade.resplit({"v1": share, "v2": 100 - share})
    generation = crossfade.rule()["generation"]
    armed.write_text(point)

    with suppress(httpx.TransportError):
        crossfade.deploy(rule_id)
    until(crossfade.killed, f"death {point}", HEALED_S)
    armed.unlink()
    crossfade.start(str(armed))
    crossfade.ready()

    expected = generation if point in UNACKNOWLEDGED else generation + 1
    rule = until(lambda: _settled(crossfade, expected), "an end of the operation", HEALED_S)
    _check_agreement(crossfade, rule, expected)


def _settled(crossfade: Product, generation: int) -> dict[str, Any] | None:
    rule = crossfade.rule()
    confirmed = [target["confirmedGeneration"] for target in rule["targets"]]
    ended = rule["operation"]["state"] in ("effective", "failed")
    return rule if ended and confirmed == [generation] * 2 else None


def _check_agreement(crossfade: Product, rule: dict[str, Any], generation: int) -> None:
    drift = crossfade.api.get(f"/api/rules/{rule['id']}/drift").json()
    assert [column["generation"] for column in drift["targets"]] == [generation] * 3
    assert not any(column["differs"] for column in drift["targets"])
    verified = crossfade.api.get("/api/audit/verify").json()
    assert verified["problems"] == []
    assert _generations_in_git(crossfade.folder) == sorted(
        set(_generations_in_git(crossfade.folder))
    )


def _generations_in_git(folder: Path) -> list[int]:
    repository = folder / "data" / "git" / "repository.git"
    command = [
        "git",
        "-C",
        str(repository),
        "log",
        "--reverse",
        "--format=%(trailers:key=Crossfade-Generation,valueonly)",
        "main",
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [int(line) for line in said.split()]
