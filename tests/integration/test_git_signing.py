"""Where git is configured to sign, our commits are signed, and make the same history."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.contract.git_changes import PATH, a_change, digest, ids
from tests.contract.git_people import commits, git, problems
from tests.contract.git_settings import PATHS, own_repository

from crossfade.adapters.git.repository import GitRepository
from crossfade.adapters.git.settings import GitSettings
from crossfade.domain.audit import Link
from crossfade.domain.errors import UnavailableError

pytestmark = pytest.mark.integration


async def test_commits_are_signed_where_git_is_configured_so(tmp_path: Path) -> None:
    repository = await own_repository(tmp_path / "data", _signing_home(tmp_path))

    first = await repository.commit(
        [a_change(1), a_change(1, path="istio/a/b.yaml")], Link(1, b"", "a" * 64)
    )
    second = await repository.commit([a_change(2, weight=1, confirmed=digest(80))], None)

    own = tmp_path / "data" / "repository.git"
    assert commits(own) == [*ids(second), *reversed(ids(first))]
    assert git(own, "-c", _signers(tmp_path), "log", "--format=%G?").split() == ["G"] * 3
    assert git(own, "log", "--format=%an %cn").splitlines() == ["crossfade crossfade"] * 3
    assert len([head async for head in repository.audit_heads()]) == 2
    assert problems(own) == ""


async def test_signatures_that_the_user_likes_to_see_do_not_come_between(tmp_path: Path) -> None:
    environment = _signing_home(tmp_path)
    with (tmp_path / ".gitconfig").open("a") as config:
        config.write("[log]\n\tshowSignature = true\n")
    repository = await own_repository(tmp_path / "data", environment)
    await repository.commit([a_change(1)], Link(1, b"", "a" * 64))

    found = await repository.read(PATH)

    assert found is not None
    assert found.picture.generation == 1
    assert len([head async for head in repository.audit_heads()]) == 1


async def test_a_setting_goes_before_the_configuration(tmp_path: Path) -> None:
    environment = _signing_home(tmp_path)
    unsigned = GitSettings(folder=tmp_path / "data", environment=environment, signed=False)
    repository = await GitRepository.open(unsigned)

    await repository.commit([a_change()], None)

    own = tmp_path / "data" / "repository.git"
    assert git(own, "log", "--format=%G?") == "N"


async def test_a_key_that_is_gone_is_told_and_nothing_is_committed(tmp_path: Path) -> None:
    repository = await own_repository(tmp_path / "data", _signing_home(tmp_path))
    (tmp_path / "key").unlink()

    with pytest.raises(UnavailableError, match="git commit-tree"):
        await repository.commit([a_change()], None)

    assert await repository.head() is None


def _signing_home(folder: Path) -> Mapping[str, str]:
    """A home whose git signs with a key of ssh's."""
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (folder / ".gitconfig").write_text(
        f"[commit]\n\tgpgSign = true\n[gpg]\n\tformat = ssh\n[user]\n\tsigningKey = {key}\n"
    )
    return {"PATH": PATHS, "HOME": str(folder)}


def _signers(folder: Path) -> str:
    signers = folder / "signers"
    public = (folder / "key.pub").read_text()
    signers.write_text(f"crossfade@localhost {public}")
    return f"gpg.ssh.allowedSignersFile={signers}"
