"""Kill -9 of us or of git, at any moment: the next attempt works, and nothing is there twice."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from tests.contract.git_changes import a_change, digest, ids
from tests.contract.git_people import bare_repository, commits, problems
from tests.contract.git_program import murderous_git
from tests.contract.git_settings import PATHS, clone_of, own_repository, remote_repository

from crossfade.adapters.git.failure import GitFailedError
from crossfade.adapters.git.local import LocalBranch
from crossfade.adapters.git.process import Git, occupied
from crossfade.adapters.git.repository import GitRepository
from crossfade.domain.errors import UnavailableError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
LOCKS = ["refs/heads/main.lock", "HEAD.lock", "packed-refs.lock", "objects/maintenance.lock"]


@pytest.mark.parametrize("kind", ["own", "remote"])
async def test_our_death_between_any_two_commands_leaves_one_commit(
    tmp_path: Path, kind: str
) -> None:
    deaths = 0
    for command in range(1, 20):
        for after in (False, True):
            folder = tmp_path / f"{command}-{after}"
            deaths += (died := await _die_and_go_on(folder, kind, command, after=after))
        if not died:
            break
    assert deaths >= 10


async def _die_and_go_on(folder: Path, kind: str, command: int, *, after: bool) -> bool:
    """Whether the process died; whatever it did, one commit of each generation is there."""
    data, repository, remote = await _prepared(folder, kind)
    path = murderous_git(folder / "bin", command, after=after)
    program = "tests.contract.git_deed"
    argv = [
        sys.executable,
        "-m",
        program,
        str(data),
        str(remote) if kind == "remote" else "-",
        path,
    ]
    ended = await asyncio.to_thread(subprocess.run, argv, cwd=ROOT, timeout=60)

    answer = await repository.commit([a_change(2, weight=60, confirmed=digest(80))], None)

    assert ids(answer) == commits(remote)[:1]
    assert len(commits(remote)) == 2
    assert problems(remote) == ""
    assert ended.returncode in (0, -signal.SIGKILL)
    return ended.returncode != 0


async def _prepared(folder: Path, kind: str) -> tuple[Path, GitRepository, Path]:
    """A data folder, a repository that holds generation 1, and where it really is."""
    folder.mkdir()
    data, remote = folder / "data", folder / "remote.git"
    if kind == "own":
        repository, remote = await own_repository(data), data / "repository.git"
    else:
        repository = await remote_repository(data, str(bare_repository(remote)))
    await repository.commit([a_change(1)], None)
    return data, repository, remote


@pytest.mark.parametrize("kind", ["own", "remote"])
async def test_git_killed_at_random_moments_is_no_lasting_harm(tmp_path: Path, kind: str) -> None:
    chance = random.Random(kind)
    _, repository, remote = await _prepared(tmp_path / "x", kind)

    deaths = 0
    for generation in range(2, 32):
        confirmed = digest(80 if generation == 2 else generation - 1)
        change = a_change(generation, weight=generation, confirmed=confirmed)
        attempt = asyncio.create_task(repository.commit([change], None))
        await asyncio.sleep(chance.uniform(0.0, 0.03))
        deaths += _kill_children()
        with suppress(UnavailableError):
            await attempt
        ids(await repository.commit([change], None))

    assert deaths > 0
    assert len(commits(remote)) == 31
    assert problems(remote) == ""


def _kill_children() -> int:
    """Kill -9 every git that runs for us now, but for the host's end of a push; how many died.

    A real host's receiver does not die with its caller: it sees that the line is gone, and tidies.
    """
    seen = {int(process.name): process for process in Path("/proc").glob("[0-9]*")}
    parents = {pid: _parent(process) for pid, process in seen.items()}
    deaths = 0
    for pid, process in seen.items():
        if _descends(pid, os.getpid(), parents) and _is_ours(process):
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                deaths += 1
    return deaths


def _parent(process: Path) -> int | None:
    with suppress(OSError):
        return int((process / "stat").read_text().rpartition(") ")[2].split()[1])
    return None


def _descends(pid: int, ancestor: int, parents: dict[int, int | None]) -> bool:
    parent = parents.get(pid)
    while parent:
        if parent == ancestor:
            return True
        parent = parents.get(parent)
    return False


def _is_ours(process: Path) -> bool:
    """Whether a process is a git of ours, and not one that serves a remote."""
    with suppress(OSError):
        words = (process / "cmdline").read_bytes()
        served = (b"receive-pack", b"unpack-objects", b"index-pack", b"rev-list")
        return words.partition(b"\0")[0].endswith(b"git") and not any(
            word in words for word in served
        )
    return False


@pytest.mark.parametrize("lock", LOCKS)
async def test_the_lock_of_a_dead_git_is_removed_from_our_own_repository(
    tmp_path: Path, lock: str
) -> None:
    repository = await own_repository(tmp_path)
    await repository.commit([a_change(1)], None)
    _leave_lock(tmp_path / "repository.git" / lock)

    ids(await repository.commit([a_change(2, weight=60, confirmed=digest(80))], None))

    assert len(commits(tmp_path / "repository.git")) == 2


async def test_locks_stay_while_a_git_of_ours_runs_or_while_they_are_fresh(tmp_path: Path) -> None:
    await own_repository(tmp_path)
    git = Git(tmp_path / "repository.git", {"PATH": PATHS})
    lock = git.folder / "refs/heads/main.lock"
    locked = GitFailedError(
        "update-ref", "", errors=f"fatal: Unable to create '{lock}': File exists"
    )
    branch = LocalBranch(git, "main")

    _leave_lock(lock)
    with occupied(git.busy_path):
        assert await branch.mend(locked)
    assert lock.exists()

    lock.touch()
    assert await branch.mend(locked)
    assert lock.exists()

    _leave_lock(lock)
    assert await branch.mend(locked)
    assert not lock.exists()


@pytest.mark.parametrize("lock", ["refs/crossfade/tip.lock", "HEAD.lock", "packed-refs.lock"])
async def test_a_locked_clone_is_made_afresh(tmp_path: Path, lock: str) -> None:
    data, repository, remote = await _prepared(tmp_path / "x", "remote")
    (clone_of(data) / lock).touch()

    assert await repository.head() == commits(remote)[0]
    ids(await repository.commit([a_change(2, weight=60, confirmed=digest(80))], None))

    assert len(commits(remote)) == 2


@pytest.mark.parametrize("damage", ["truncated", "missing", "HEAD", "everything"])
async def test_a_damaged_clone_is_made_afresh(tmp_path: Path, damage: str) -> None:
    data, repository, remote = await _prepared(tmp_path / "x", "remote")
    _damage(clone_of(data), damage)

    ids(await repository.commit([a_change(2, weight=60, confirmed=digest(80))], None))

    assert len(commits(remote)) == 2
    assert problems(remote) == ""


async def test_damage_in_our_own_repository_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    _, repository, own = await _prepared(tmp_path / "x", "own")
    _damage(own, "truncated")
    before = sorted(path for path in own.rglob("*") if "tmp_obj" not in path.name)

    with pytest.raises(UnavailableError, match=r"^git [a-z-]+: "):
        await repository.commit([a_change(2, weight=60, confirmed=digest(80))], None)

    assert set(before) <= set(own.rglob("*"))


def _leave_lock(lock: Path) -> None:
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    long_ago = time.time() - 60
    os.utime(lock, (long_ago, long_ago))


def _damage(repository: Path, damage: str) -> None:
    objects = [path for path in (repository / "objects").rglob("*") if path.is_file()]
    for path in objects if damage in ("truncated", "everything") else ():
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:5])
    for path in objects if damage in ("missing", "everything") else ():
        path.unlink()
    if damage in ("HEAD", "everything"):
        (repository / "HEAD").unlink()
