"""The packed dashboard: complete, checkable, the same each time."""

import base64
import gzip
import hashlib
import json
from pathlib import Path

import pytest

from packing import MANIFEST, pack, script_hashes

INLINE = "self.started = 1 < 2 && '&amp;'"
PAGE = f"<html><script src='/a.js'></script><script>{INLINE}</script><p>{'calm ' * 50}</p></html>"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    (folder / "_next/static/chunks").mkdir(parents=True)
    (folder / "rule").mkdir()
    (folder / "index.html").write_text(PAGE)
    (folder / "rule/index.html").write_text(PAGE)
    (folder / "_next/static/chunks/0a1b.js").write_text("export const calm = 1;\n" * 40)
    (folder / "font.woff2").write_bytes(bytes(range(256)))
    (folder / "tiny.txt").write_text("a")
    return folder


def packed(export: Path, name: str) -> Path:
    folder = export.parent / name
    folder.mkdir()
    pack(export, folder, "digest-of-sources")
    return folder


def test_every_file_is_there_with_the_hash_of_its_content(export: Path) -> None:
    folder = packed(export, "packed")
    files = json.loads((folder / MANIFEST).read_text())["files"]
    assert set(files) == {
        p.relative_to(export).as_posix() for p in export.rglob("*") if p.is_file()
    }
    for name, entry in files.items():
        content = (folder / name).read_bytes()
        assert content == (export / name).read_bytes()
        assert hashlib.sha256(content).hexdigest().startswith(entry["hash"])


def test_text_has_a_twin_that_unpacks_to_the_same_where_that_is_smaller(export: Path) -> None:
    folder = packed(export, "packed")
    files = json.loads((folder / MANIFEST).read_text())["files"]
    twins = {name for name, entry in files.items() if entry["gzip"]}
    assert twins == {"index.html", "rule/index.html", "_next/static/chunks/0a1b.js"}
    for name in twins:
        twin = (folder / f"{name}.gz").read_bytes()
        assert gzip.decompress(twin) == (folder / name).read_bytes()
    assert len(list(folder.rglob("*.gz"))) == len(twins)


def test_only_names_that_carry_a_hash_never_change(export: Path) -> None:
    files = json.loads((packed(export, "packed") / MANIFEST).read_text())["files"]
    assert {name for name, entry in files.items() if entry["immutable"]} == {
        "_next/static/chunks/0a1b.js"
    }


def test_an_inline_script_is_hashed_as_the_browser_hashes_it() -> None:
    digest = base64.b64encode(hashlib.sha256(INLINE.encode()).digest()).decode()
    assert script_hashes([PAGE, PAGE]) == [f"sha256-{digest}"]


def test_a_script_from_a_file_needs_no_hash() -> None:
    assert script_hashes(['<script src="/theme.js"></script>']) == []


def test_two_packings_of_one_export_are_the_same_bytes(export: Path) -> None:
    first, second = packed(export, "first"), packed(export, "second")
    names = sorted(p.relative_to(first) for p in first.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(second) for p in second.rglob("*") if p.is_file())
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)
