"""What git gets to see of us, and what the content of a repository cannot make us do."""

from pathlib import Path

import pytest
from tests.contract.git_changes import PATH, a_change, digest, ids
from tests.contract.git_over_http import git_host
from tests.contract.git_people import bare_repository, commits, edit, git
from tests.contract.git_program import pretended_ssh, recording_git
from tests.contract.git_settings import PATHS, clone_of, own_repository, remote_repository

from crossfade.adapters.git.building import Identity
from crossfade.adapters.git.repository import GitRepository
from crossfade.adapters.git.settings import GitSettings
from crossfade.application.ports import Uncommitted
from crossfade.domain.audit import Link
from crossfade.domain.errors import UnavailableError

pytestmark = pytest.mark.integration

SECRET = "a-planted-secret-93fd"


async def test_no_variable_of_ours_reaches_git(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    path, notes = recording_git(tmp_path / "bin")
    dangerous = ("GIT_DIR", "GIT_TRACE", "GIT_EXTERNAL_DIFF", "GIT_CONFIG_PARAMETERS", "LD_PRELOAD")
    environment = {"PATH": path, "DATABASE_URL": SECRET, "HTTPS_PROXY": "http://proxy:1"}
    environment |= dict.fromkeys(dangerous, SECRET)
    repository = await remote_repository(tmp_path / "data", str(remote), environment)

    await repository.commit([a_change()], None)
    await repository.read(PATH)

    assert SECRET not in notes.read_text()
    assert "HTTPS_PROXY=http://proxy:1" in notes.read_text()


async def test_a_password_is_in_no_list_of_processes(tmp_path: Path) -> None:
    bare_repository(tmp_path / "remote.git")
    path, notes = recording_git(tmp_path / "bin")
    with git_host(tmp_path, login=f"bot:{SECRET}") as host:
        url = host.url("remote.git", login=f"bot:{SECRET}@")
        repository = await remote_repository(tmp_path / "data", url, {"PATH": path})
        ids(await repository.commit([a_change()], None))

    assert notes.exists()
    assert SECRET not in notes.read_text()


async def test_ssh_asks_nobody_and_trusts_known_hosts_only(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    path, notes = pretended_ssh(tmp_path / "bin")
    repository = await remote_repository(tmp_path / "data", f"git@host:{remote}", {"PATH": path})

    ids(await repository.commit([a_change()], None))

    said = notes.read_text().splitlines()
    assert {"-oBatchMode=yes", "-oStrictHostKeyChecking=yes", "git@host"} <= set(said)
    assert len(commits(remote)) == 1


async def test_hooks_in_our_clone_never_run_and_those_of_the_remote_do(tmp_path: Path) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    repository = await remote_repository(tmp_path / "data", str(remote))
    for folder, names in (
        (clone_of(tmp_path / "data"), ["pre-push", "reference-transaction", "post-update"]),
        (remote, ["post-receive"]),
    ):
        (folder / "hooks").mkdir(exist_ok=True)
        for name in names:
            program = folder / "hooks" / name
            program.write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/ran\n")
            program.chmod(0o755)

    ids(await repository.commit([a_change()], None))

    assert (tmp_path / "ran").read_text().split() == ["post-receive"]


@pytest.mark.parametrize(
    "said",
    [
        "[i18n]\n\tlogOutputEncoding = utf-16",
        "[i18n]\n\tcommitEncoding = latin1\n\tlogOutputEncoding = latin1",
        "[diff]\n\torderFile = /nowhere",
        "[color]\n\tui = always\n[format]\n\tpretty = oneline\n[log]\n\tdiffMerges = off",
    ],
)
async def test_how_the_user_likes_to_read_git_changes_nothing(tmp_path: Path, said: str) -> None:
    (tmp_path / ".gitconfig").write_text(said)
    environment = {"PATH": PATHS, "HOME": str(tmp_path)}
    repository = await own_repository(tmp_path / "data", environment)
    ids(await repository.commit([a_change(1)], Link(1, b"", "a" * 64)))

    found = await repository.read(PATH)

    assert found is not None
    assert found.picture.generation == 1
    assert [head async for head in repository.audit_heads()]


async def test_our_own_repository_has_main_as_its_head_and_our_identity(tmp_path: Path) -> None:
    identity = Identity("Deploy Bot", "bot@example.org")
    repository = await GitRepository.open(
        GitSettings(folder=tmp_path, identity=identity, environment={"PATH": PATHS})
    )
    ids(await repository.commit([a_change()], None))

    own = tmp_path / "repository.git"
    assert git(own, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(own, "log", "-1", "--format=%an <%ae> %cn <%ce>") == " ".join(
        ["Deploy Bot <bot@example.org>"] * 2
    )
    assert git(own, "for-each-ref", "--format=%(refname)") == "refs/heads/main"


async def test_what_was_accepted_cannot_be_pushed_away(tmp_path: Path) -> None:
    repository = await own_repository(tmp_path / "data")
    await repository.commit([a_change(1)], None)
    clone = bare_repository(tmp_path / "clone.git")
    edit(clone, "README.md", "another history\n")
    own = str(tmp_path / "data" / "repository.git")

    pushed = git(clone, "config", "--get", "core.bare"), _push(clone, own)

    assert pushed == ("true", False)
    assert len(commits(tmp_path / "data" / "repository.git")) == 1


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize(
    ("entry", "path", "what"),
    [
        (f"120000 {{blob}} 0\t{PATH}", PATH, "a symbolic link"),
        ("120000 {blob} 0\tistio/default", "istio/default", "a symbolic link"),
        ("120000 {blob} 0\tistio", "istio", "a symbolic link"),
        (f"160000 {'1' * 40} 0\tistio/default", "istio/default", "a submodule"),
        ("100644 {blob} 0\tistio/default", "istio/default", "a file"),
        (f"100644 {{blob}} 0\t{PATH}/x", PATH, "a folder"),
    ],
)
async def test_what_stands_in_our_way_is_told_and_left(
    tmp_path: Path, entry: str, path: str, what: str, *, forced: bool
) -> None:
    remote = bare_repository(tmp_path / "remote.git")
    _plant(remote, entry)
    before = commits(remote)
    repository = await remote_repository(tmp_path / "data", str(remote))

    [answer] = await repository.commit([a_change(forced=forced)], None)

    assert answer == Uncommitted(f"{path} is {what} in the repository; move it away.")
    assert commits(remote) == before
    assert PATH not in await repository.pictures() or what == "a symbolic link"


async def test_a_file_too_large_to_be_ours_is_not_read(tmp_path: Path) -> None:
    repository = await own_repository(tmp_path)
    await repository.commit([a_change(1)], None)
    edit(tmp_path / "repository.git", PATH, "x: " + "y" * (2 << 20))

    found = await repository.read(PATH)
    assert found is not None
    assert found.content == ""
    assert found.picture.generation is None
    [answer] = await repository.commit([a_change(2, confirmed=digest(80))], None)
    assert isinstance(answer, Uncommitted)
    ids(await repository.commit([a_change(2, forced=True)], None))


async def test_bytes_that_are_no_text_are_shown_as_well_as_can_be(tmp_path: Path) -> None:
    repository = await own_repository(tmp_path)
    await repository.commit([a_change(1)], None)
    edit(tmp_path / "repository.git", "istio/default/\u00fcber.yaml", "a: \ud7ff\x01\n")

    pictures = await repository.pictures()

    assert set(pictures) == {PATH, "istio/default/\u00fcber.yaml"}


async def test_a_machine_without_git_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="the git program is not on the PATH"):
        await own_repository(tmp_path, {"PATH": str(tmp_path)})


@pytest.mark.parametrize("branch", ["", "-x", "a..b", "a b", "a.lock", "a/", "/a", "a~1", "@{-1}"])
def test_a_branch_must_have_a_plain_name(tmp_path: Path, branch: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a Git branch"):
        GitSettings(folder=tmp_path, branch=branch)


@pytest.mark.parametrize("prefix", ["", "/istio", "istio/", "../x", "a/../b", ".git", "-x", ":x"])
def test_our_folder_must_be_a_plain_one(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot hold our files"):
        GitSettings(folder=tmp_path, prefix=prefix)


@pytest.mark.parametrize("name", ["", " ", "a<b", "a>b", "a\nb", "a\0b"])
def test_an_identity_must_be_plain(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        Identity(name, "x@example.org")
    with pytest.raises(ValueError, match="cannot be the name"):
        Identity("x", name)


def _plant(remote: Path, entry: str) -> None:
    """One commit whose tree holds just this entry, whatever it is."""
    blob = git(remote, "hash-object", "-w", "--stdin", stdin="../../etc/passwd")
    mode, oid, _, path = entry.format(blob=blob).replace("\t", " ").split(" ")
    change = f"M {mode} {oid} {path}\n"
    commit = "commit refs/heads/main\ncommitter Jane <jane@example.org> now\ndata 1\nx\n"
    stream = f"{commit}{change}done\n"
    git(remote, "fast-import", "--quiet", "--done", "--date-format=now", stdin=stream)


def _push(clone: Path, url: str) -> bool:
    """Whether a forced push was taken."""
    told = git(clone, "push", "--porcelain", "--force", url, "main:main", check=False)
    return "rejected" not in told
