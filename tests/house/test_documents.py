"""The documents say what is so: versions, links, error pages, commands, and no addresses."""

import re
from pathlib import Path

import pytest
from tests.house.tree import ROOT, files, text

import crossfade
from lock import stale_locks

ARCHITECTURE = Path("ARCHITECTURE.md")
DOCUMENTS = [path for path in files() if path.suffix == ".md"]
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("proxy", "golang", "org"),  # golang.org alone begins the names of modules
        ("sum", "golang", "org"),
        ("debian", "org"),
        ("crates", "io"),
        ("docker", "io"),
        ("ghcr", "io"),
    )
]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
MAKE = re.compile(r"`make ([a-z][a-z0-9-]*)")


def test_the_changelog_knows_the_present_version() -> None:
    assert f"## [{crossfade.__version__}]" in text(Path("CHANGELOG.md"))


def test_the_package_has_the_version_of_its_code() -> None:
    assert f'\nversion = "{crossfade.__version__}"\n' in text(Path("pyproject.toml"))


def test_the_licence_is_there_in_full() -> None:
    licence = text(Path("LICENSE"))
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_to_files(document: Path) -> None:
    dead = [
        link
        for link in LINK.findall(text(document))
        if not (ROOT / document.parent / link).exists()
    ]
    assert dead == []


def test_documents_name_only_targets_that_make_has() -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", text(Path("Makefile")), re.MULTILINE))
    named = {target for document in DOCUMENTS for target in MAKE.findall(text(document))}
    assert named - targets == set()


def test_the_architecture_names_files_that_are_there() -> None:
    named = {
        path
        for path in re.findall(r"`([\w./-]+)`", text(ARCHITECTURE))
        if path.endswith(".py") or "/" in path
    }
    homes = (ROOT, ROOT / "src/crossfade")
    assert len(named) > len(homes)
    assert [
        path for path in sorted(named) if not any((home / path).exists() for home in homes)
    ] == []


def test_the_architecture_knows_every_room() -> None:
    rooms = {path.parts[2] for path in files() if path.parts[:2] == ("src", "crossfade")}
    packages = {room for room in rooms if (ROOT / "src/crossfade" / room / "__init__.py").exists()}
    described = set(re.findall(r"^\| `src/crossfade/(\w+)`", text(ARCHITECTURE), re.MULTILINE))
    assert described == packages


def test_decisions_are_numbered_without_a_gap() -> None:
    decisions = sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert decisions
    assert [name[:4] for name in decisions] == [f"{n:04}" for n in range(1, len(decisions) + 1)]


def test_no_file_names_a_package_registry() -> None:
    naming = [
        str(path) for path in files() if any(registry in text(path) for registry in REGISTRIES)
    ]
    assert naming == []


def test_the_locks_were_made_from_the_present_pyproject() -> None:
    assert stale_locks(ROOT) == []


def test_every_locked_package_carries_a_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-build.txt"):
        pins = re.findall(r"^[a-z0-9][^\n]*==[^\n]*", text(Path(name)), re.MULTILINE)
        assert pins
        assert [pin for pin in pins if not pin.endswith("\\")] == []
