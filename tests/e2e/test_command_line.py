"""The command line against a Crossfade that is up: what it says, and how it exits."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.product import CHECKOUT, Product

pytestmark = pytest.mark.e2e


def crossfade(product: Product, *words: str) -> str:
    """What a command says; it must end well."""
    command = [sys.executable, "-m", "crossfade", *words, "--url", str(product.api.base_url)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_split_is_changed_and_deployed_in_one_command(running: Product) -> None:
    said = crossfade(
        running, "deploy", "dummy-service", "v1=33.5", "v2=66.5", "--reason", "why not"
    )
    history = crossfade(running, "history", "default/dummy-service")

    assert "Revision 2 is effective" in said
    assert [arm["weight"] for arm in running.rule()["liveVersions"]] == [33.5, 66.5]
    assert "v1 80% → 33.5%, v2 20% → 66.5%" in history


def test_a_file_is_applied_twice_and_its_draft_deleted(shared: Product, tmp_path: Path) -> None:
    file = tmp_path / "rule.yaml"
    for weights, edition in (((80, 20), 1), ((70, 30), 2)):
        arms = ", ".join(f"{{name: v{n}, weight: {w}}}" for n, w in enumerate(weights, 1))
        file.write_text(f"serviceName: filed\nversions: [{arms}]\n")
        said = crossfade(shared, "rules", "apply", "--file", str(file))
        assert (
            f"default/filed: v1 {weights[0]}%, v2 {weights[1]}% (draft, edition {edition})" in said
        )

    assert "default/filed" in crossfade(shared, "rules", "list")
    assert "draft for default/filed is gone" in crossfade(shared, "rules", "delete", "filed")


def test_the_status_tells_what_is_connected_and_where(shared: Product) -> None:
    table = crossfade(shared, "status")
    found = json.loads(crossfade(shared, "status", "--output", "json"))

    assert "the local Envoy divides traffic" in table
    assert {"api", "entrance", "database", "git", "envoy"} <= set(re.findall(r"\w+", table))
    assert found["status"] == "ok"
    assert found["addresses"]["api"] == str(shared.api.base_url).rstrip("/")
    assert found["addresses"]["entrance"].startswith("http://localhost:")
    assert "default/dummy-service" in crossfade(shared, "services", "-n", "default")


def test_own_services_are_told_listed_and_forgotten(shared: Product) -> None:
    crossfade(shared, "local", "add", "shop/cart", "--version", "v1=127.0.0.1:9101")

    assert "shop/cart" in crossfade(shared, "local", "list")
    assert "local service shop/cart" in crossfade(shared, "audit", "list")
    crossfade(shared, "local", "remove", "shop/cart")
    assert "shop/cart" not in crossfade(shared, "local", "list")
