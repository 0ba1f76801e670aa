"""Two processes on one PostgreSQL and one Git remote share the work without a double effect."""

import asyncio
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.e2e.product import Product, until

pytestmark = pytest.mark.e2e

HEALED_S = 30.0


@pytest.fixture
def pair(tmp_path: Path, database_url: str) -> Iterator[tuple[Product, Product]]:
    """Two servers; the first owns Envoy. Both let traffic in by the same entrance."""
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(remote)], check=True)
    settings = {
        "DATABASE_URL": database_url,
        "CROSSFADE_GIT_REMOTE": f"file://{remote}",
        "CROSSFADE_GIT_ALLOW_FILE": "true",
    }
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (Product(folder, **settings) for folder in folders)
    second.entrance_port = first.entrance_port
    second.entrance = first.entrance
    try:
        for product in (first, second):
            product.start("serve")
            product.ready()
        yield first, second
    finally:
        second.end()
        first.end()


def _rule(product: Product, backends: dict[str, str]) -> str:
    versions = {name: [address] for name, address in backends.items()}
    product.api.put("/api/local/default/shop", json={"versions": versions})
    body = {
        "serviceName": "shop",
        "versions": [{"name": "v1", "weight": 100}, {"name": "v2", "weight": 0}],
    }
    return str(product.api.post("/api/rules", json=body).json()["id"])


def test_either_takes_a_deploy_and_it_is_made_true_once(
    pair: tuple[Product, Product], backends: dict[str, str], tmp_path: Path
) -> None:
    first, second = pair
    rule_id = _rule(first, backends)

    by_first = first.deploy(rule_id)
    until(lambda: _generations(tmp_path) == [1], "a commit of its own", HEALED_S)
    second.resplit({"v1": 0, "v2": 100}, "shop")
    by_second = second.deploy(rule_id)

    until(lambda: _generations(tmp_path) == [1, 2], "two commits", HEALED_S)
    assert (by_first["state"], by_second["state"]) == ("effective", "effective")
    assert second.answers(20, "shop") == {"v2": 20}


def test_deploys_at_both_at_once_end_with_one_chain_and_no_double_commit(
    pair: tuple[Product, Product], backends: dict[str, str], tmp_path: Path
) -> None:
    first, second = pair
    rule_id = _rule(first, backends)
    first.deploy(rule_id)

    asyncio.run(_storm(first, second, rule_id))

    until(lambda: _settled(first), "all targets confirmed", HEALED_S)
    generations = Counter(_generations(tmp_path))
    assert max(generations.values()) == 1
    assert first.api.get("/api/audit/verify").json()["problems"] == []


def test_the_other_takes_envoy_over_when_its_owner_dies(
    pair: tuple[Product, Product], backends: dict[str, str]
) -> None:
    first, second = pair
    rule_id = _rule(first, backends)
    first.deploy(rule_id)

    first.kill()

    until(lambda: second.answers(1, "shop") == {"v1": 1}, "traffic by the other", HEALED_S)
    second.resplit({"v1": 0, "v2": 100}, "shop")
    assert second.deploy(rule_id, wait_s=20)["state"] == "effective"


async def _storm(first: Product, second: Product, rule_id: str) -> None:
    """Twelve rounds of edits and deploys, at both servers side by side."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        await asyncio.gather(
            *(
                _shift(client, str(product.api.base_url), rule_id, share)
                for share in range(5, 65, 5)
                for product in (first, second)
            )
        )


async def _shift(client: httpx.AsyncClient, base: str, rule_id: str, share: int) -> None:
    body = {
        "version1Name": "v1",
        "version2Name": "v2",
        "version1Weight": 100 - share,
        "version2Weight": share,
        "serviceName": "shop",
    }
    edited = await client.put(f"{base}/api/rules/{rule_id}", json=body)
    deployed = await client.post(f"{base}/api/deploy-rule/{rule_id}", json={})
    assert edited.status_code == 200, edited.text
    assert deployed.status_code in (200, 202), deployed.text


def _settled(product: Product) -> bool:
    rule = product.rule("shop")
    confirmed = {target["confirmedGeneration"] for target in rule["targets"]}
    return rule["operation"]["state"] != "running" and confirmed == {rule["generation"]}


def _generations(folder: Path) -> list[int]:
    trailer = "--format=%(trailers:key=Crossfade-Generation,valueonly)"
    command = ["git", "-C", str(folder / "remote.git"), "log", "--reverse", trailer, "main"]
    said = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    return [int(line) for line in said.split()]
