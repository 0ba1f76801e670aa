"""What every GitOps repository does: in memory, our own, at a path, and over HTTP."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.contract.git_changes import PATH, a_change, a_removal, digest, document, ids
from tests.contract.git_over_http import git_host
from tests.contract.git_people import bare_repository, edit
from tests.fakes.repository import FakeRepository

from crossfade.adapters.git.repository import GitRepository
from crossfade.adapters.git.settings import GitSettings
from crossfade.application.ports import Committed, Repository, Uncommitted
from crossfade.domain.audit import Link
from crossfade.domain.errors import RefusedError
from crossfade.domain.plan import Picture

REAL = pytest.mark.integration
HEAD = Link(7, b"", "a" * 64)


@dataclass(frozen=True)
class Place:
    """A repository, and a stranger's way to change a file of it (None: delete) as Jane Doe."""

    repository: Repository
    edit: Callable[[str, str | None], str]


@pytest.fixture(
    params=["fake", *(pytest.param(kind, marks=REAL) for kind in ("own", "path", "http"))]
)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "fake":
        fake = FakeRepository()
        yield Place(fake, lambda path, content: fake.edit(path, content, "Jane Doe"))
        return
    with remote(request.param, tmp_path) as (url, folder):
        settings = GitSettings(
            folder=tmp_path / "data",
            remote=url,
            allow_file=True,
            environment={"PATH": os.defpath},
            look_every_s=0.0,
        )
        repository = await GitRepository.open(settings)
        yield Place(repository, lambda path, content: edit(folder, path, content))


@contextmanager
def remote(kind: str, tmp_path: Path) -> Iterator[tuple[str | None, Path]]:
    """A remote's URL (None: our own repository), and the folder where it really is."""
    if kind == "own":
        yield None, tmp_path / "data" / "repository.git"
        return
    folder = bare_repository(tmp_path / "remote.git")
    if kind == "path":
        yield folder.as_uri(), folder
        return
    with git_host(tmp_path) as host:
        yield host.url("remote.git"), folder


async def test_a_new_repository_is_empty(place: Place) -> None:
    assert await place.repository.head() is None
    assert await place.repository.pictures() == {}
    assert await place.repository.read(PATH) is None
    assert [found async for found in place.repository.audit_heads()] == []


async def test_a_committed_change_can_be_read(place: Place) -> None:
    change = a_change(generation=3)

    [commit] = ids(await place.repository.commit([change], None))

    found = await place.repository.read(PATH)
    assert found is not None
    assert (found.content, found.picture) == (change.content, change.desired)
    assert (found.commit, found.author) == (commit, "crossfade")
    assert found.at.tzinfo is not None
    assert await place.repository.head() == commit
    assert await place.repository.pictures() == {PATH: change.desired}


async def test_each_change_of_a_batch_has_a_commit_of_its_own(place: Place) -> None:
    changes = [a_change(path=f"istio/shop/s{n}.yaml") for n in range(5)]

    commits = ids(await place.repository.commit(changes, None))

    assert len(set(commits)) == 5
    assert await place.repository.head() == commits[-1]
    assert len(await place.repository.pictures()) == 5


async def test_what_is_there_already_is_not_committed_again(place: Place) -> None:
    first = await place.repository.commit([a_change(), a_change(path="istio/a/b.yaml")], None)
    head = await place.repository.head()

    again = await place.repository.commit([a_change(), a_change(path="istio/a/b.yaml")], None)

    assert again == first
    assert await place.repository.head() == head


async def test_a_removed_file_is_gone_and_its_removal_is_remembered(place: Place) -> None:
    await place.repository.commit([a_change(1), a_change(path="istio/a/b.yaml")], None)

    [removal] = ids(await place.repository.commit([a_removal(2, digest(80))], None))

    assert await place.repository.read(PATH) is None
    assert list(await place.repository.pictures()) == ["istio/a/b.yaml"]
    assert ids(await place.repository.commit([a_removal(2, None)], None)) == [removal]


async def test_removing_from_an_empty_repository_names_a_commit_all_the_same(place: Place) -> None:
    [commit] = ids(await place.repository.commit([a_removal(2, None)], None))

    assert await place.repository.head() == commit


async def test_a_strangers_edit_is_named_and_left_alone(place: Place) -> None:
    await place.repository.commit([a_change(1, weight=80)], None)
    foreign = place.edit(PATH, document(1, weight=5))

    changes = [a_change(2, weight=50, confirmed=digest(80)), a_change(path="istio/a/b.yaml")]
    contested, other = await place.repository.commit(changes, None)

    sentence = f"{PATH} was changed by Jane Doe in {foreign[:7]}; Restore overwrites it."
    assert contested == Uncommitted(sentence, author="Jane Doe")
    assert isinstance(other, Committed)
    found = await place.repository.read(PATH)
    assert found is not None
    assert (found.content, found.author) == (document(1, weight=5), "Jane Doe")


async def test_a_repair_overwrites_a_strangers_edit(place: Place) -> None:
    await place.repository.commit([a_change(1)], None)
    place.edit(PATH, "words of a stranger\n")

    [commit] = ids(await place.repository.commit([a_change(2, forced=True)], None))

    found = await place.repository.read(PATH)
    assert found is not None
    assert (found.commit, found.picture.generation) == (commit, 2)


async def test_a_file_that_a_stranger_deleted_is_written_again(place: Place) -> None:
    await place.repository.commit([a_change(1)], None)
    place.edit(PATH, None)

    [commit] = ids(await place.repository.commit([a_change(1, confirmed=digest(80))], None))

    assert await place.repository.head() == commit


async def test_a_newer_generation_stops_an_older_writer(place: Place) -> None:
    await place.repository.commit([a_change(9)], None)

    [answer] = await place.repository.commit([a_change(8, weight=50, confirmed=digest(80))], None)

    assert isinstance(answer, Uncommitted)
    assert answer.outrun_by == 9
    assert answer.reason == f"{PATH} already holds generation 9, newer than 8."


async def test_our_own_commit_that_nobody_recorded_is_not_taken_for_a_strangers(
    place: Place,
) -> None:
    await place.repository.commit([a_change(1, weight=80)], None)
    await place.repository.commit([a_change(2, weight=60, confirmed=digest(80))], None)

    answers = await place.repository.commit([a_change(3, weight=40, confirmed=digest(80))], None)

    assert ids(answers) == [await place.repository.head()]


async def test_two_changes_of_one_file_follow_each_other_in_one_batch(place: Place) -> None:
    changes = [a_change(1, weight=80), a_change(2, weight=60), a_change(2, weight=60)]

    first, second, kept = ids(await place.repository.commit(changes, None))

    assert first != second
    assert kept == second
    assert (await place.repository.pictures())[PATH] == Picture(2, digest(60))


async def test_foreign_texts_have_pictures_without_a_generation(place: Place) -> None:
    place.edit("istio/default/notes.yaml", "a: [unfinished\n")
    place.edit("istio/README.md", "not ours\n")
    place.edit("elsewhere/app.yaml", document(4))

    pictures = await place.repository.pictures()

    assert list(pictures) == ["istio/default/notes.yaml"]
    assert pictures["istio/default/notes.yaml"].generation is None


async def test_commits_remember_the_audit_chain_newest_first(place: Place) -> None:
    [first] = ids(await place.repository.commit([a_change(1)], HEAD))
    place.edit("istio/notes.yaml", "a: 1\n")
    later = Link(9, b"", "b" * 64)
    [second] = ids(await place.repository.commit([a_change(2, confirmed=digest(80))], later))

    heads = [found async for found in place.repository.audit_heads()]

    assert heads == [(second, 9, "b" * 64), (first, 7, "a" * 64)]


async def test_a_reason_cannot_pass_for_a_memory_of_the_audit_chain(place: Place) -> None:
    forged = f"Deploy checkout\n\nfast\nCrossfade-Audit: 99 {'f' * 64}"

    await place.repository.commit([a_change(message=forged)], None)
    await place.repository.commit([a_change(path="istio/a/b.yaml", message=forged)], HEAD)

    heads = [found async for found in place.repository.audit_heads()]
    assert [(n, value) for _, n, value in heads] == [(7, "a" * 64)]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd.yaml",
        "istio/../../escaped.yaml",
        "istio/.git/config.yaml",
        "istio/.GIT/hooks/x.yaml",
        "istio//x.yaml",
        "istio/x\n.yaml",
        "istio/a\\b.yaml",
        "elsewhere/x.yaml",
        "istio/x.sh",
        "-x/istio/a.yaml",
    ],
)
async def test_a_hostile_path_is_left_out_and_the_rest_goes_on(place: Place, path: str) -> None:
    left_out, other = await place.repository.commit([a_change(path=path), a_change()], None)

    assert isinstance(left_out, Uncommitted)
    assert "cannot be a file of ours" in left_out.reason
    assert isinstance(other, Committed)
    assert list(await place.repository.pictures()) == [PATH]
    with pytest.raises(RefusedError, match="cannot be a file of ours"):
        await place.repository.read(path)
