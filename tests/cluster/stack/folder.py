"""The folder of a chain: empty before it and after it."""

import os
import shutil
from pathlib import Path

from crossfade.adapters.processes.records import end_leftovers

RECORDS = ("run*", "*/run*", "*/processes")
OURS_ALONE = 0o700


async def emptied(folder: Path) -> None:
    """Leave nothing of an earlier chain, not even programs that are about to end."""
    for records in (found for pattern in RECORDS for found in folder.glob(pattern)):
        await end_leftovers(records)
    _unlock(folder / "argocd")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _unlock(folder: Path) -> None:
    """Argo CD shuts its clones against everybody, also against their end."""
    for place, names, _ in os.walk(folder):
        for found in (Path(place, name) for name in names):
            if not found.is_symlink():
                found.chmod(OURS_ALONE)
