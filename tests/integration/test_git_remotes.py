"""Remotes with moods: down, strict, slow, mute, locked, rewritten."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest
from tests.contract.git_changes import PATH, a_change, digest, ids
from tests.contract.git_over_http import git_host
from tests.contract.git_people import bare_repository, commits, edit, git
from tests.contract.git_settings import remote_repository

from crossfade.adapters.git.repository import GitRepository
from crossfade.application.ports import CommittedFile, Uncommitted
from crossfade.domain.errors import UnavailableError

pytestmark = pytest.mark.integration


def hook(remote: Path, name: str, script: str) -> Path:
    """A hook of the remote's own."""
    (remote / "hooks").mkdir(exist_ok=True)
    program = remote / "hooks" / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


async def test_a_hook_that_declines_is_quoted_and_asked_again_later(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    repository = await remote_repository(tmp_path / "data", str(remote))
    policy = hook(remote, "pre-receive", 'echo "no deploys on Fridays" >&2; exit 1')

    with pytest.raises(UnavailableError, match=r"pre-receive hook declined.*no deploys on Fridays"):
        await repository.commit([a_change()], None)
    assert await repository.head() is None

    policy.unlink()
    assert ids(await repository.commit([a_change()], None)) == commits(remote)


async def test_a_remote_that_is_down_is_told_and_used_when_it_is_back(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    with git_host(tmp_path) as host:
        repository = await remote_repository(tmp_path / "data", host.url("remote.git"))
        await repository.commit([a_change(1)], None)
    change = a_change(2, weight=50, confirmed=digest(80))

    with pytest.raises(UnavailableError, match="git push: unable to access"):
        await repository.commit([change], None)
    with pytest.raises(UnavailableError, match="git fetch: unable to access"):
        await repository.read(PATH)

    with git_host(tmp_path, port=host.port):
        assert ids(await repository.commit([change], None)) == commits(remote)[:1]


async def test_a_repository_opens_while_its_remote_is_down(tmp_path: Path) -> None:
    repository = await remote_repository(tmp_path / "data", str(tmp_path / "remote.git"))
    with pytest.raises(UnavailableError, match="does not appear to be a git repository"):
        await repository.head()

    remote = bare_repository(tmp_path / "remote.git")

    assert ids(await repository.commit([a_change()], None)) == commits(remote)


async def test_an_answer_that_was_lost_does_not_make_a_second_commit(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    with git_host(tmp_path) as host:
        repository = await remote_repository(tmp_path / "data", host.url("remote.git"))
        await repository.commit([a_change(1)], None)
        change = a_change(2, weight=50, confirmed=digest(80))
        host.mute = True
        with pytest.raises(UnavailableError):
            await repository.commit([change], None)
        host.mute = False

        assert ids(await repository.commit([change], None)) == commits(remote)[:1]

    assert len(commits(remote)) == 2


async def test_a_login_is_used_and_never_shown(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    with git_host(tmp_path, login="bot:hunter2") as host:
        url = host.url("remote.git", login="bot:hunter2@")
        repository = await remote_repository(tmp_path / "data", url)
        assert ids(await repository.commit([a_change()], None)) == commits(remote)

    kept = [p for p in (tmp_path / "data").rglob("*") if p.is_file() and b"hunter2" in _bytes(p)]
    assert kept == []


@pytest.mark.parametrize("login", ["bot:wrong@", "bot@", ""])
async def test_a_login_that_is_refused_is_told_without_the_secret(
    tmp_path: Path, login: str
) -> None:
    bare_repository(tmp_path / "remote.git")
    with git_host(tmp_path, login="bot:hunter2") as host:
        repository = await remote_repository(tmp_path / "data", host.url("remote.git", login))
        with pytest.raises(UnavailableError, match="asks for a login") as raised:
            await repository.commit([a_change()], None)
    assert "wrong" not in str(raised.value)


@pytest.mark.timeout(20)
async def test_a_remote_that_hangs_is_left_with_all_its_processes(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    repository = await remote_repository(tmp_path / "data", str(remote), timeout_s=2.0)
    await repository.commit([a_change(1)], None)
    hook(remote, "pre-receive", f"echo $$ > {tmp_path}/pid; exec sleep 60")

    with pytest.raises(UnavailableError, match="git push: no answer within 2 seconds"):
        await repository.commit([a_change(2, weight=1, confirmed=digest(80))], None)

    pid = int((tmp_path / "pid").read_text())
    for _ in range(500):  # killed it is already; its exit may not be taken yet
        await asyncio.sleep(0.01 if _runs(pid) else 0)
    assert not _runs(pid)


@pytest.mark.timeout(20)
async def test_a_reader_does_not_wait_for_a_push_that_hangs(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    repository = await remote_repository(tmp_path / "data", str(remote), read_within_s=0.5)
    await repository.commit([a_change(1)], None)
    hook(remote, "pre-receive", f"touch {tmp_path}/pushing; exec sleep 60")

    change = a_change(2, weight=1, confirmed=digest(80))
    push = asyncio.create_task(repository.commit([change], None))
    for _ in range(500):
        await asyncio.sleep(0 if (tmp_path / "pushing").exists() else 0.01)
    with pytest.raises(UnavailableError, match=r"did not answer within 0\.5 seconds"):
        await repository.read(PATH)

    push.cancel()
    await asyncio.wait([push])
    async with asyncio.timeout(10):
        assert await _read_at_last(repository) is not None


async def _read_at_last(repository: GitRepository) -> CommittedFile | None:
    """What the file holds; half a second is short for a machine that has much to do."""
    while True:
        with suppress(UnavailableError):
            return await repository.read(PATH)


async def test_a_rewritten_history_is_shown_until_somebody_accepts_it(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    repository = await remote_repository(tmp_path / "data", str(remote))
    [first] = ids(await repository.commit([a_change(1)], None))
    [lost] = ids(await repository.commit([a_change(2, weight=60, confirmed=digest(80))], None))
    git(remote, "update-ref", "refs/heads/main", first, lost)
    change = a_change(3, weight=50, confirmed=digest(60))

    [answer] = await repository.commit([change], None)
    assert isinstance(answer, Uncommitted)
    assert f"no longer holds commit {lost[:7]}" in answer.reason
    assert repository.rewritten == answer.reason

    again = await remote_repository(tmp_path / "data", str(remote))
    assert await again.commit([change], None) == (answer,)

    [restored] = ids(await again.commit([a_change(3, weight=50, forced=True)], None))
    assert again.rewritten is None
    assert commits(remote) == [restored, first]


async def test_a_branch_that_vanished_is_a_rewritten_history_too(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    repository = await remote_repository(tmp_path / "data", str(remote))
    await repository.commit([a_change(1)], None)
    git(remote, "update-ref", "-d", "refs/heads/main")

    assert await repository.head() is None
    assert "was rewritten" in (repository.rewritten or "")
    [answer] = await repository.commit([a_change(2)], None)
    assert isinstance(answer, Uncommitted)


async def test_a_history_that_only_grew_is_not_rewritten(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    repository = await remote_repository(tmp_path / "data", str(remote))
    await repository.commit([a_change(1)], None)

    head = edit(remote, "README.md", "hello\n")

    assert await repository.head() == head
    assert repository.rewritten is None


async def test_another_remote_gets_another_clone(tmp_path: Path) -> None:
    for name in ("one", "two"):
        remote = bare_repository(tmp_path / f"{name}.git")
        repository = await remote_repository(tmp_path / "data", str(remote))
        await repository.commit([a_change()], None)

    assert len(list((tmp_path / "data").glob("clone-*.git"))) == 2
    assert len(commits(tmp_path / "two.git")) == 1


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
