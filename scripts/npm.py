"""Runs npm in frontend/, with the Node of the lock: python scripts/npm.py run check.

`install` brings node_modules to what package-lock.json names, and does nothing where it is so.
"""

import sys

from toolbox import MissingToolError, install_modules, npm


def main(arguments: list[str]) -> int:
    """The exit code of npm."""
    try:
        return install_modules() if arguments == ["install"] else npm(*arguments)
    except MissingToolError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
