"""One commit by a process of its own, which may die of it: <data> <remote, or -> <PATH>."""

import asyncio
import sys
from pathlib import Path

from tests.contract.git_changes import a_change, digest
from tests.contract.git_settings import own_repository, remote_repository


async def main(data: Path, remote: str, path: str) -> None:
    """Bring generation 2 of the test's file to the repository."""
    environment = {"PATH": path}
    opening = (
        own_repository(data, environment)
        if remote == "-"
        else remote_repository(data, remote, environment)
    )
    repository = await opening
    await repository.commit([a_change(2, weight=60, confirmed=digest(80))], None)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
