"""Several writers on one branch: everything arrives, once, and the newest generation wins."""

import asyncio
from pathlib import Path

import pytest
from tests.contract.git_changes import PATH, a_change, digest, ids
from tests.contract.git_people import bare_repository, commits, edit, git, problems
from tests.contract.git_program import counting_git
from tests.contract.git_settings import own_repository, remote_repository

from crossfade.application.ports import Committed, Uncommitted

pytestmark = pytest.mark.integration

ROUNDS = 8


async def test_two_writers_race_and_every_commit_arrives_once(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    writers = [await remote_repository(tmp_path / name, str(remote)) for name in ("a", "b")]

    made: list[str] = []
    for n in range(ROUNDS):
        changes = [a_change(n + 1, path=f"istio/w{w}/s{n}.yaml") for w in range(2)]
        both = zip(writers, changes, strict=True)
        answers = await asyncio.gather(*(w.commit([change], None) for w, change in both))
        made += [commit for answer in answers for commit in ids(answer)]

    assert sorted(commits(remote)) == sorted(made)
    assert len(set(made)) == 2 * ROUNDS
    assert len(await writers[0].pictures()) == 2 * ROUNDS
    assert problems(remote) == ""


async def test_two_processes_worth_of_writers_share_our_own_repository(tmp_path: Path) -> None:
    writers = [await own_repository(tmp_path) for _ in range(2)]

    changes = [[a_change(path=f"istio/w{w}/s{n}.yaml") for n in range(5)] for w in range(2)]
    both = zip(writers, changes, strict=True)
    answers = await asyncio.gather(*(w.commit(batch, None) for w, batch in both))

    made = [commit for answer in answers for commit in ids(answer)]
    assert sorted(commits(tmp_path / "repository.git")) == sorted(made)


async def test_an_older_generation_is_outrun_by_one_it_has_not_seen(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    late = await remote_repository(tmp_path / "late", str(remote))
    quick = await remote_repository(tmp_path / "quick", str(remote))
    await late.commit([a_change(1)], None)
    await quick.commit([a_change(3, weight=10, confirmed=digest(80))], None)

    [answer] = await late.commit([a_change(2, weight=50, confirmed=digest(80))], None)

    assert isinstance(answer, Uncommitted)
    assert answer.outrun_by == 3
    assert len(commits(remote)) == 2


async def test_a_hand_edit_that_we_have_not_seen_is_not_overwritten(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    repository = await remote_repository(tmp_path / "data", str(remote))
    await repository.commit([a_change(1)], None)
    foreign = edit(remote, PATH, "weight: by hand\n")

    [answer] = await repository.commit([a_change(2, weight=50, confirmed=digest(80))], None)

    assert isinstance(answer, Uncommitted)
    assert answer.author == "Jane Doe"
    assert foreign[:7] in answer.reason
    assert commits(remote)[0] == foreign


async def test_a_lone_writer_asks_the_remote_once_for_each_commit(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    path, notes = counting_git(tmp_path / "bin")
    repository = await remote_repository(tmp_path / "data", str(remote), {"PATH": path})
    await repository.commit([a_change(1)], None)
    notes.write_text("")

    [answer] = await repository.commit([a_change(2, weight=1, confirmed=digest(80))], None)

    assert isinstance(answer, Committed)
    assert notes.read_text().split() == ["ls-tree", "cat-file", "fast-import", "push"]


async def test_foreign_commits_beside_our_files_stay(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    edit(remote, "README.md", "hello\n")
    edit(remote, "istio/default/other.txt", "hello\n")
    repository = await remote_repository(tmp_path / "data", str(remote))

    await repository.commit([a_change()], None)

    names = git(remote, "ls-tree", "-r", "--name-only", "main").splitlines()
    assert names == ["README.md", PATH, "istio/default/other.txt"]
