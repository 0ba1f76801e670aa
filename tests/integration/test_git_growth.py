"""A repository that grows stays quick, and its pictures stay true."""

import asyncio
import random
from pathlib import Path

import pytest
from tests.contract.git_changes import a_change, digest, document
from tests.contract.git_people import edit, git
from tests.contract.git_program import counting_git
from tests.contract.git_settings import own_repository

pytestmark = pytest.mark.integration


async def test_pictures_that_follow_the_changes_are_those_of_a_first_look(tmp_path: Path) -> None:
    chance = random.Random(5)
    following = await own_repository(tmp_path)
    own = tmp_path / "repository.git"
    names = ["a.yaml", "b.yaml", "c.yaml/d.yaml", "c.yaml", "notes.txt", "deep/er/e.yaml"]

    for _ in range(40):
        content = document(chance.randrange(9), chance.randrange(99))
        edit(own, f"istio/{chance.choice(names)}", chance.choice([content, content, None]))
        seen = await following.pictures()
        assert seen == await (await own_repository(tmp_path)).pictures()


async def test_pictures_cost_nothing_while_nothing_changes(tmp_path: Path) -> None:
    path, notes = counting_git(tmp_path / "bin")
    repository = await own_repository(tmp_path / "data", {"PATH": path})
    await repository.commit([a_change(path=f"istio/a/s{n}.yaml") for n in range(5)], None)
    await repository.pictures()
    notes.write_text("")

    await repository.pictures()
    assert notes.read_text().split() == ["rev-parse"]

    await repository.commit([a_change(2, path="istio/a/s1.yaml", confirmed=digest(80))], None)
    notes.write_text("")
    await repository.pictures()
    assert notes.read_text().split() == ["rev-parse", "diff-tree", "ls-tree", "cat-file"]


async def test_commits_are_indexed_now_and_then(tmp_path: Path) -> None:
    repository = await own_repository(tmp_path)
    await repository.commit([a_change(path=f"istio/a/s{n}.yaml") for n in range(20)], None)

    index = tmp_path / "repository.git" / "objects/info/commit-graphs/commit-graph-chain"
    async with asyncio.timeout(20):
        for _ in range(2000):
            if index.exists():
                break
            await asyncio.sleep(0.01)

    assert index.exists()
    assert git(tmp_path / "repository.git", "commit-graph", "verify") == ""
