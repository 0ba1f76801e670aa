"""The Prometheus configuration and rules that we ship are what promtool calls correct."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.cluster.shipped import RULES, STATIC, in_cluster, written

pytestmark = pytest.mark.cluster

RULE_TESTS = sorted((Path(__file__).parent / "rules").glob("*.yml"))


def promtool(*words: str | Path) -> str:
    """What promtool says; AssertionError with it where it is not content."""
    program = shutil.which("promtool")
    assert program is not None, "promtool comes with Debian's package prometheus"
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_configuration_for_one_machine_is_valid_and_finds_all_rules() -> None:
    assert f"SUCCESS: {len(RULES)} rule files found" in promtool("check", "config", STATIC)


def test_the_configuration_for_a_cluster_is_valid(tmp_path: Path) -> None:
    promtool("check", "config", written(tmp_path, in_cluster(tmp_path, [])))


def test_every_rule_is_valid() -> None:
    assert "SUCCESS" in promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)


def test_rules_say_of_known_counts_what_they_should() -> None:
    assert {path.name for path in RULE_TESTS} == {path.name for path in RULES}
    assert "FAILED" not in promtool("test", "rules", *RULE_TESTS)
