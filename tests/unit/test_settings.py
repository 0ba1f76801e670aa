"""What the environment says, and how it is read."""

import pytest

from crossfade.settings import Settings


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("crossfade.example.com", ("crossfade.example.com",)),
        ("a.example, b.example", ("a.example", "b.example")),
        ("", ()),
    ],
)
def test_names_of_hosts_are_parted_by_commas(
    monkeypatch: pytest.MonkeyPatch, said: str, meant: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CROSSFADE_ALLOWED_HOSTS", said)
    assert Settings().allowed_hosts == meant
