"""A kubeconfig that cannot be used, or should not be, is refused with the reason."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from crossfade.adapters.kubernetes.connection import connected
from crossfade.domain.errors import RefusedError

SERVER = "https://127.0.0.1:6443"


def written(folder: Path, cluster: dict[str, Any], **rest: Any) -> str:  # noqa: ANN401
    """A kubeconfig of one context, "here"."""
    document = {
        "clusters": [{"name": "one", "cluster": cluster}],
        "users": [{"name": "me", "user": {"token": "secret-word"}}],
        "contexts": [{"name": "here", "context": {"cluster": "one", "user": "me"}}],
        "current-context": "here",
        **rest,
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(document))
    return str(path)


async def opened(kubeconfig: str, context: str | None = None) -> str:
    """The address of the API server."""
    async with connected(kubeconfig, context) as connection:
        return connection.address


async def test_the_current_context_is_taken_or_the_one_that_is_named(tmp_path: Path) -> None:
    contexts = [
        {"name": "here", "context": {"cluster": "one"}},
        {"name": "there", "context": {"cluster": "one", "user": "me"}},
    ]
    path = written(tmp_path, {"server": SERVER}, contexts=contexts)

    assert await opened(path) == SERVER
    assert await opened(path, "there") == SERVER


async def test_an_address_without_tls_is_taken_on_loopback_alone(tmp_path: Path) -> None:
    assert await opened(written(tmp_path, {"server": "http://localhost:8001"}))

    with pytest.raises(RefusedError, match=r"expected an https address, found http://10\.0\.0\.1"):
        await opened(written(tmp_path, {"server": "http://10.0.0.1:8001"}))


async def test_certificates_are_always_checked(tmp_path: Path) -> None:
    unchecked = {"server": SERVER, "insecure-skip-tls-verify": True}

    with pytest.raises(RefusedError, match="name the certificate authority instead"):
        await opened(written(tmp_path, unchecked))


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ({"current-context": "away"}, "Context 'away' not found"),
        ({"current-context": None}, "No current context set"),
        ({"clusters": []}, "it does not say 'one'"),
        ({"users": [{"name": "me", "user": {"token": 7}}]}, "Expected `str | null`, got `int`"),
        ({"contexts": "none"}, "it is not laid out as a kubeconfig"),
    ],
)
async def test_what_is_wrong_with_it_is_told(
    tmp_path: Path, rest: dict[str, Any], said: str
) -> None:
    path = written(tmp_path, {"server": SERVER}, **rest)

    with pytest.raises(RefusedError) as raised:
        await opened(path)

    assert str(raised.value).startswith(f"The kubeconfig {path} cannot be used: ")
    assert said in str(raised.value)
    assert "secret-word" not in str(raised.value)


async def test_files_that_are_not_there_or_not_what_they_should_be_are_told(
    tmp_path: Path,
) -> None:
    with pytest.raises(RefusedError, match="not found"):
        await opened(str(tmp_path / "nowhere"))
    broken = tmp_path / "broken"
    broken.write_text("{")
    with pytest.raises(RefusedError, match="cannot be used: while parsing"):
        await opened(str(broken))
    no_authority = {"server": SERVER, "certificate-authority": "nowhere.crt"}
    with pytest.raises(RefusedError, match="No such file"):
        await opened(written(tmp_path, no_authority))
    no_certificate = {"server": SERVER, "certificate-authority-data": "bm90aGluZw=="}
    with pytest.raises(RefusedError, match="cannot be used: "):
        await opened(written(tmp_path, no_certificate))


async def test_outside_of_a_pod_there_is_no_account_to_be() -> None:
    with pytest.raises(RefusedError, match=r"^The account of this pod cannot be used: "):
        await opened("in-cluster")
