"""What the command line is told wrongly is refused in a sentence, before anybody is asked."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crossfade.entrypoints.cli.client import CommandError
from crossfade.entrypoints.cli.main import app


def complaint(*words: str) -> str:
    """The sentence in which a command is refused."""
    found = CliRunner().invoke(app, words).exception
    assert isinstance(found, CommandError), found
    return str(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"serviceName: shop\nversions: [{name: v1, weight: .nan}]", "what JSON cannot say"),
        (b"serviceName: shop\nreason: 2026-01-01", "what JSON cannot say"),
        (b"serviceName: shop\nhosts: &a [*a]", "what JSON cannot say"),
        (b"[" * 5000, "nested too deep"),
        (b"serviceName: sh\xfcp", "is not YAML"),
        (b"- serviceName", "holds no rule"),
        (b"", "holds no rule"),
    ],
)
def test_a_file_that_holds_no_rule_is_refused(tmp_path: Path, text: bytes, expected: str) -> None:
    file = tmp_path / "rule.yaml"
    file.write_bytes(text)
    assert expected in complaint("rules", "apply", "--file", str(file))


@pytest.mark.parametrize("weight", ["", "much", "nan", "snan", "inf", "0x10"])
def test_a_weight_is_a_number(weight: str) -> None:
    assert f"found 'v1={weight}'" in complaint("deploy", "shop", f"v1={weight}")


@pytest.mark.parametrize(
    "url", ["localhost:4000", "ftp://localhost", "/tmp", "http://", "http://[::1"]
)
def test_an_address_is_one_of_http(url: str) -> None:
    assert "address" in complaint("rules", "list", "--url", url)


def test_a_terminal_that_knows_few_letters_is_spoken_to() -> None:
    words = [sys.executable, "-m", "crossfade", "rules", "list", "--help"]
    told = subprocess.run(
        ["env", "PYTHONIOENCODING=ascii", *words], capture_output=True, check=True, text=True
    )
    assert "live, drift, failed, ?" in told.stdout
