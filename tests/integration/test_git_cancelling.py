"""Whoever waits for git may stop waiting at any moment, and so may the whole loop."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
from tests.contract.git_changes import a_change, digest, ids
from tests.contract.git_people import commits, problems
from tests.contract.git_settings import own_repository

from crossfade.adapters.git.process import nobody_at_work
from crossfade.adapters.git.repository import GitRepository

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

Deed = Callable[[GitRepository], Coroutine[object, object, object]]


def commit(repository: GitRepository) -> Coroutine[object, object, object]:
    return repository.commit([a_change(2, weight=60, confirmed=digest(80))], None)


async def stream(repository: GitRepository) -> None:
    async for _ in repository.audit_heads():
        await asyncio.sleep(0)


@pytest.mark.parametrize("deed", [commit, stream])
@pytest.mark.parametrize("moments", range(0, 30, 3))
async def test_a_cancelled_deed_leaves_no_git_behind(
    tmp_path: Path, deed: Deed, moments: int
) -> None:
    repository = await own_repository(tmp_path)
    await repository.commit([a_change(1)], None)

    attempt = asyncio.create_task(deed(repository))
    for _ in range(moments):
        await asyncio.sleep(0.001)
    attempt.cancel()
    await asyncio.wait([attempt])

    assert nobody_at_work(tmp_path / "repository.busy")
    ids(await repository.commit([a_change(2, weight=60, confirmed=digest(80))], None))
    assert len(commits(tmp_path / "repository.git")) == 2
    assert problems(tmp_path / "repository.git") == ""


@pytest.mark.parametrize("moments", range(5))
def test_a_loop_ends_in_the_middle_of_a_commit(tmp_path: Path, moments: int) -> None:
    async def begin_and_leave() -> None:
        repository = await own_repository(tmp_path)
        attempt = asyncio.create_task(commit(repository))
        for _ in range(moments):
            await asyncio.sleep(0)
        assert not attempt.done()

    asyncio.run(begin_and_leave())

    assert nobody_at_work(tmp_path / "repository.busy")
