"""Writes the hash-locked requirement files from pyproject.toml, or says that they are old.

    python scripts/lock.py             resolve again, keeping what still fits
    python scripts/lock.py --upgrade   resolve again, taking the newest
    python scripts/lock.py --check     compare with pyproject.toml, without a network

A lock begins with the digest of what it was made from, which is how an old one is recognised.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

from toolbox import ROOT, uv

LOCKS = {
    "requirements.txt": ("pyproject.toml", "--extra", "local"),
    "requirements-dev.txt": ("pyproject.toml", "--extra", "local", "--group", "dev"),
    "requirements-build.txt": ("--group", "build"),
    "requirements-node.txt": ("--group", "node"),
    "requirements-uv.txt": ("--group", "uv"),
}
# Nothing that differs from one machine or registry to the next may enter a lock.
COMPILE = (
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
)


def source_digest(pyproject: dict[str, object]) -> str:
    """The digest of all that the locks are resolved from."""
    project = pyproject["project"]
    assert isinstance(project, dict)
    wanted = [
        project["requires-python"],
        project["dependencies"],
        project["optional-dependencies"],
        pyproject["dependency-groups"],
    ]
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16]


def first_line(digest: str) -> str:
    """The line that ties a lock to its source."""
    return f"# made by `make lock` from pyproject.toml ({digest})\n"


def stale_locks(root: Path) -> list[str]:
    """The locks that were made from another pyproject.toml than the present one."""
    line = first_line(source_digest(tomllib.loads((root / "pyproject.toml").read_text())))
    return [name for name in LOCKS if not (root / name).read_text().startswith(line)]


def write(name: str, *, upgrade: bool) -> None:
    """Resolve one lock."""
    path = ROOT / name
    command = [uv(), *COMPILE, *LOCKS[name], "--output-file", name]
    if upgrade:
        command.append("--upgrade")
    if name == "requirements-dev.txt":
        command += ["--constraints", "requirements.txt"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    line = first_line(source_digest(tomllib.loads((ROOT / "pyproject.toml").read_text())))
    path.write_text(line + path.read_text().removeprefix(line))


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--upgrade", action="store_true")
    asked = parser.parse_args()
    if asked.check:
        stale = stale_locks(ROOT)
        for name in stale:
            print(f"{name} was not made from the present pyproject.toml: run `make lock`")
        return 1 if stale else 0
    for name in LOCKS:
        write(name, upgrade=asked.upgrade)
        print(f"{name} is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
