"""The dashboard's way into a checkout: from the cache, once, and with honest exit codes."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.house.tree import ROOT

from packing import MANIFEST, pack

NO_SOURCES, NO_TOOLS = 3, 4


@dataclass(frozen=True)
class Checkout:
    """A small checkout of its own, with its own cache and without uv or Node."""

    root: Path
    home: Path

    @property
    def place(self) -> Path:
        return self.root / "src/crossfade/_dashboard"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"XDG_CACHE_HOME": str(self.home), "PATH": "/nowhere"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("scripts/dashboard.py", *arguments)

    def digest(self) -> str:
        code = "import sys; sys.path.insert(0, 'scripts'); import dashboard as d; "
        return self.run("-c", code + "print(d.source_digest())").stdout.strip()

    def keep_a_build(self, content: str) -> None:
        """Put a build of the present sources into the cache."""
        export = self.root.parent / "export"
        export.mkdir(exist_ok=True)
        (export / "index.html").write_text(content)
        folder = self.home / "crossfade/dashboard" / self.digest()
        folder.mkdir(parents=True)
        pack(export, folder, self.digest())


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root = tmp_path / "checkout"
    (root / "frontend").mkdir(parents=True)
    (root / "frontend/page.tsx").write_text("export const page = 1;\n")
    (root / "src/crossfade").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", root / "scripts")
    shutil.copy(ROOT / "requirements-node.txt", root)
    return Checkout(root, tmp_path / "cache")


def test_a_kept_build_is_copied_and_not_built_again(checkout: Checkout) -> None:
    checkout.keep_a_build("<p>calm</p>")
    done = checkout.make("--if-missing")
    assert (done.returncode, done.stderr) == (0, "")
    assert (checkout.place / "index.html").read_text() == "<p>calm</p>"
    assert json.loads((checkout.place / MANIFEST).read_text())["source"] == checkout.digest()


def test_what_is_in_place_stays_as_it_is(checkout: Checkout) -> None:
    checkout.keep_a_build("<p>calm</p>")
    checkout.make("--if-missing")
    before = checkout.place.stat().st_ino
    done = checkout.make("--if-missing")
    assert (done.returncode, done.stdout) == (0, "dashboard: up to date\n")
    assert checkout.place.stat().st_ino == before


def test_changed_sources_take_the_place_of_the_old_build(checkout: Checkout) -> None:
    checkout.keep_a_build("<p>old</p>")
    checkout.make("--if-missing")
    (checkout.root / "frontend/page.tsx").write_text("export const page = 2;\n")
    checkout.keep_a_build("<p>new</p>")
    assert checkout.make("--if-missing").returncode == 0
    assert (checkout.place / "index.html").read_text() == "<p>new</p>"
    assert [path.name for path in checkout.place.parent.iterdir()] == ["_dashboard"]


def test_what_a_build_leaves_behind_is_no_source(checkout: Checkout) -> None:
    before = checkout.digest()
    for folder in ("node_modules", ".next", "out"):
        (checkout.root / "frontend" / folder).mkdir()
        (checkout.root / "frontend" / folder / "left.js").write_text("behind")
    (checkout.root / "frontend/next-env.d.ts").write_text("behind")
    assert checkout.digest() == before


def test_without_sources_the_exit_code_says_so(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / "frontend")
    assert checkout.make("--if-missing").returncode == NO_SOURCES


def test_without_tools_the_exit_code_and_the_last_line_say_so(checkout: Checkout) -> None:
    (checkout.root / "frontend/package-lock.json").write_text("{}")
    done = checkout.make("--if-missing")
    assert done.returncode == NO_TOOLS
    assert "uv is missing" in done.stdout.splitlines()[-1]
    assert not checkout.place.exists()
