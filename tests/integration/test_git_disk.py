"""A disk that fills up in the middle: no half commit, and all goes on when there is room again."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.git_changes import a_change, ids
from tests.contract.git_people import bare_repository, commits, problems
from tests.contract.git_settings import own_repository, remote_repository

from crossfade.adapters.git.repository import GitRepository
from crossfade.domain.errors import UnavailableError

pytestmark = pytest.mark.integration


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """One MiB of room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("kind", ["own", "remote"])
async def test_a_full_disk_leaves_no_half_commit(
    small_disk: Path, tmp_path: Path, kind: str
) -> None:
    repository, real = await _opened(small_disk, tmp_path, kind)
    await repository.commit([a_change(1, path="istio/a/before.yaml")], None)
    _fill(small_disk / "filler")
    batch = [a_change(1, path=f"istio/a/s{n}.yaml") for n in range(50)]

    with pytest.raises(UnavailableError, match=r"(?i)space|writ"):
        await repository.commit(batch, None)
    assert len(commits(real)) == 1
    assert [*real.glob("fast_import_crash_*"), *real.glob("objects/pack/tmp_*")] == []

    (small_disk / "filler").unlink()
    assert ids(await repository.commit(batch, None)) == list(reversed(commits(real)[:50]))
    assert problems(real) == ""


async def _opened(disk: Path, tmp_path: Path, kind: str) -> tuple[GitRepository, Path]:
    if kind == "own":
        return await own_repository(disk), disk / "repository.git"
    remote = bare_repository(tmp_path / "remote.git")
    return await remote_repository(disk, str(remote)), remote


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            return
