"""What runs beside us is killed with -9: it is named, it heals, and nothing is lost."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.product import Product, until

pytestmark = pytest.mark.e2e

HEALED_S = 30.0


def _kill(product: Product, program: str) -> None:
    """kill -9 of a program that runs beside the product."""
    os.kill(product.beside(program), signal.SIGKILL)


def _is_anew(product: Product, program: str, killed: int) -> bool:
    """Whether another one runs in place of what was killed."""
    with suppress(StopIteration):  # nothing is on record in between
        return product.beside(program) != killed
    return False


def _check(product: Product, name: str) -> dict[str, Any]:
    checks = product.api.get("/health").json()["checks"]
    return next(check for check in checks if check["name"] == name)


def test_envoy_is_started_again_with_all_its_routes(running: Product) -> None:
    rule_id = running.resplit({"v1": 0, "v2": 100})
    running.deploy(rule_id)

    _kill(running, "envoy")

    until(lambda: running.answers(1) == {"v2": 1}, "traffic by the deployed rule", HEALED_S)


def test_a_deploy_while_envoy_is_down_ends_when_it_is_back(running: Product) -> None:
    rule_id = running.resplit({"v1": 0, "v2": 100})
    _kill(running, "envoy")

    operation = running.deploy(rule_id, wait_s=0)

    ended = until(lambda: _ended(running, operation["id"]), "an end", HEALED_S)
    assert ended["state"] == "effective"
    assert running.answers(20) == {"v2": 20}


def test_postgresql_is_started_again_and_keeps_what_was_acknowledged(running: Product) -> None:
    rule_id = running.resplit({"v1": 10, "v2": 90})
    killed = running.beside("postgres")
    _kill(running, "postgres")

    # What it had forked answers for a moment longer.
    until(lambda: _is_anew(running, "postgres", killed), "another PostgreSQL", HEALED_S)
    until(lambda: running.api.get("/api/rules").is_success, "answers again", HEALED_S)

    assert [v["weight"] for v in running.rule()["versions"]] == [10, 90]
    assert running.deploy(rule_id)["state"] == "effective"


def test_traffic_goes_on_while_postgresql_is_down(running: Product) -> None:
    _kill(running, "postgres")

    assert sum(running.answers(200).values()) == 200
    assert "failed" not in running.answers(200)


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository that somebody else keeps."""
    made = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(made)], check=True)
    return made


@pytest.fixture
def committing(tmp_path: Path, remote: Path) -> Iterator[Product]:
    """A Crossfade that is up, with its first commit in the remote."""
    product = Product(
        tmp_path, CROSSFADE_GIT_REMOTE=f"file://{remote}", CROSSFADE_GIT_ALLOW_FILE="true"
    )
    try:
        product.start()
        product.ready()
        until(lambda: _commits(remote) == 1, "the first commit", HEALED_S)
        yield product
    finally:
        product.end()


def test_a_remote_that_is_down_is_named_and_followed_up(committing: Product, remote: Path) -> None:
    away = remote.with_name("away.git")
    remote.rename(away)
    operation = committing.deploy(committing.resplit({"v1": 50, "v2": 50}))
    waiting = until(lambda: _committing(committing, operation["id"], "waiting"), "waiting")
    away.rename(remote)

    until(lambda: _committing(committing, operation["id"], "done"), "the commit", HEALED_S)

    assert operation["state"] == "effective"
    assert waiting["detail"]
    assert _commits(remote) == 2


def test_a_rewritten_history_is_named_until_somebody_restores(
    committing: Product, remote: Path
) -> None:
    rule_id = committing.resplit({"v1": 50, "v2": 50})
    committing.deploy(rule_id)
    until(lambda: _commits(remote) == 2, "the second commit", HEALED_S)
    subprocess.run(["git", "-C", str(remote), "update-ref", "refs/heads/main", "main~"], check=True)

    told = until(lambda: _unwell(committing, "git"), "a word about Git", HEALED_S)
    committing.api.post(f"/api/rules/{rule_id}/repair", json={})

    assert "was rewritten" in told["detail"]
    until(lambda: _check(committing, "git")["ok"], "all well with Git", HEALED_S)


def _unwell(product: Product, name: str) -> dict[str, Any] | None:
    check = _check(product, name)
    return None if check["ok"] else check


def _ended(product: Product, operation_id: str) -> dict[str, Any] | None:
    operation = product.api.get(f"/api/operations/{operation_id}").json()
    return operation if operation["state"] != "running" else None


def _committing(product: Product, operation_id: str, state: str) -> dict[str, Any] | None:
    operation = product.api.get(f"/api/operations/{operation_id}").json()
    stage = next(stage for stage in operation["stages"] if stage["name"] == "committed")
    return stage if stage["state"] == state else None


def _commits(remote: Path) -> int:
    command = ["git", "-C", str(remote), "rev-list", "--count", "main"]
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    return int(said.stdout or 0)
