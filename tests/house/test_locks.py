"""An old lock is recognised without a network."""

import tomllib
from pathlib import Path

import pytest

from lock import LOCKS, first_line, source_digest, stale_locks

PYPROJECT = """
[project]
name = "thing"
requires-python = ">=3.11"
dependencies = ["calm>=1"]
optional-dependencies = {{ local = [] }}

[dependency-groups]
dev = ["{tool}"]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT.format(tool="ruff"))
    for name in LOCKS:
        (tmp_path / name).write_text(f"{line_of(tmp_path)}calm==1.0\n")
    return tmp_path


def line_of(folder: Path) -> str:
    return first_line(source_digest(tomllib.loads((folder / "pyproject.toml").read_text())))


def test_fresh_locks_are_not_complained_about(checkout: Path) -> None:
    assert stale_locks(checkout) == []


def test_a_changed_dependency_makes_every_lock_old(checkout: Path) -> None:
    (checkout / "pyproject.toml").write_text(PYPROJECT.format(tool="ruff>=1"))
    assert stale_locks(checkout) == list(LOCKS)


def test_a_new_version_or_name_leaves_the_locks_fresh(checkout: Path) -> None:
    renamed = PYPROJECT.format(tool="ruff").replace('"thing"', '"other"')
    (checkout / "pyproject.toml").write_text(renamed)
    assert stale_locks(checkout) == []


def test_a_lock_without_its_line_is_old(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text("calm==1.0\n")
    assert stale_locks(checkout) == ["requirements.txt"]
