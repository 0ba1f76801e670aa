"""Rules to look at: of the sample service's two versions, under any name."""

import asyncio
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from tests.conftest import administer
from tests.e2e.product import Product, until

from crossfade.adapters.processes.folders import runtime_folder
from crossfade.settings import Settings

WHO = ("-c", "user.name=Jane Doe", "-c", "user.email=jane@example.com")


def listen(product: Product, service: str, addresses: Mapping[str, str]) -> None:
    """Say where the versions of a service listen."""
    versions = {name: [address] for name, address in addresses.items()}
    product.api.put(f"/api/local/default/{service}", json={"versions": versions}).raise_for_status()


def sample_rule(product: Product, service: str, *splits: tuple[float, float]) -> str:
    """A rule whose v1 and v2 were deployed with these weights, one after the other; its id."""
    samples = product.api.get("/api/services").json()["items"]
    first = next(item for item in samples if item["serviceName"] == "dummy-service")
    listen(product, service, {v["name"]: v["addresses"][0] for v in first["versions"]})
    versions = [{"name": name, "weight": 50} for name in ("v1", "v2")]
    body = {"serviceName": service, "versions": versions}
    rule_id = str(product.api.post("/api/rules", json=body).raise_for_status().json()["id"])
    for v1, v2 in splits:
        product.resplit({"v1": v1, "v2": v2}, service)
        operation = product.deploy(rule_id)
        assert operation["state"] == "effective"
        until(lambda at=operation["id"]: _is_committed(product, at), "the commit")
    return rule_id


def _is_committed(product: Product, operation_id: str) -> bool:
    # Of pictures that follow each other faster than Git, only the newest is committed.
    stages = product.api.get(f"/api/operations/{operation_id}").json()["stages"]
    return any(s["name"] == "committed" and s["state"] == "done" for s in stages)


def commit_by_hand(product: Product, service: str, folder: Path) -> None:
    """Somebody else halves the file of a service in the GitOps repository."""
    clone = folder / f"clone-of-{service}"
    remote = product.api.get("/api/me").json()["gitUrl"]
    subprocess.run(["git", "clone", "-q", remote, str(clone)], check=True)
    [file] = clone.rglob(f"{service}.yaml")
    text = file.read_text()
    assert "weight: 80" in text
    file.write_text(text.replace("weight: 80", "weight: 70").replace("weight: 20", "weight: 30"))
    for words in ((*WHO, "commit", "-qam", "A hotfix"), ("push", "-q")):
        subprocess.run(["git", "-C", str(clone), *words], check=True)


def add_drafts(product: Product, count: int) -> None:
    """Put many drafts straight into the database."""
    _administer(product, _drafts(count))


def remove_drafts(product: Product) -> None:
    """Take every draft out of it again."""
    _administer(product, "DELETE FROM traffic_rules WHERE state = 'draft'")


def _administer(product: Product, statement: str) -> None:
    sockets = runtime_folder(product.folder / "data", Settings().runtime_base) / "pg"
    url = f"postgresql+asyncpg://crossfade@/crossfade?host={quote(str(sockets))}"
    # The browser's driver keeps the event loop of this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, administer(url, statement)).result()


def _drafts(count: int) -> str:
    return f"""
        INSERT INTO traffic_rules
        SELECT 'rule-' || n, 'local', 'ns-' || n % 20, 'service-' || n, jsonb_build_object(
            'namespace', 'ns-' || n % 20, 'serviceName', 'service-' || n, 'ruleType', 'WEIGHTED',
            'versions', '[{{"name": "v1", "weight": 80}}, {{"name": "v2", "weight": 20}}]'::jsonb
        ), 'draft', 1, null, true, now(), now(), null
        FROM generate_series(1, {count}) AS n
    """
