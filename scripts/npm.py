"""Runs npm in frontend/, with the Node of the lock: python scripts/npm.py run check.

`install` brings node_modules to what package-lock.json names, and does nothing where it is so.
"""

import subprocess
import sys

from toolbox import ROOT, MissingToolError, node_home, npm_command, npm_environment

FRONTEND = ROOT / "frontend"
INSTALLED = FRONTEND / "node_modules" / ".package-lock-used"


def npm(*arguments: str) -> int:
    """The exit code of npm; its output goes where ours goes."""
    node = node_home()
    command = [*npm_command(node), *arguments]
    return subprocess.run(command, cwd=FRONTEND, env=npm_environment(node), check=False).returncode


def install() -> int:
    """Make node_modules hold what the lock names; no package runs a script of its own."""
    wanted = (FRONTEND / "package-lock.json").read_bytes()
    if INSTALLED.exists() and INSTALLED.read_bytes() == wanted:
        return 0
    code = npm("ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
    if code == 0:
        INSTALLED.write_bytes(wanted)
    return code


def main(arguments: list[str]) -> int:
    """What the command line asks for."""
    try:
        return install() if arguments == ["install"] else npm(*arguments)
    except MissingToolError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
