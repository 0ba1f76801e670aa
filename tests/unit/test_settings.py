"""What the environment says, and how it is read."""

from pathlib import Path

import pytest

from crossfade.application.processes import StartError
from crossfade.bootstrap.places import places
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


@pytest.mark.parametrize("name", ["DATA_DIR", "PORT", "GIT_REMOTE", "DATABASE_URL", "DEMO", "URL"])
def test_what_is_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(f"CROSSFADE_{name}", raising=False)
    unset = Settings()
    monkeypatch.setenv(f"CROSSFADE_{name}", "")
    assert Settings() == unset


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(StartError, match="cannot be used as data folder"):
            places(Settings(data_dir=folder))
