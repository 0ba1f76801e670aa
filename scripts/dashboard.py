"""Puts the dashboard, built from frontend/, into the package (src/crossfade/_dashboard).

    python scripts/dashboard.py                build it now
    python scripts/dashboard.py --if-missing   only where no build of these very sources is there

What was built is kept outside the checkout, in $XDG_CACHE_HOME/crossfade/dashboard/<digest>, so
that a second checkout, or a `make clean`, costs a copy. Each step is one line on standard output,
`dashboard: …`; the output of npm goes to .cache/dashboard.log. `crossfade up` runs this beside the
traffic when it was started from a checkout, and serves the folder as soon as the exit code is 0.

Exit codes: 0 in place · 3 there are no sources here · 4 Node or uv could not be had ·
5 the packages could not be installed · 6 the build failed
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from packing import MANIFEST, pack
from toolbox import CACHE, FRONTEND, ROOT, MissingToolError, install_modules, npm

PLACE = ROOT / "src" / "crossfade" / "_dashboard"
LOG = CACHE / "dashboard.log"
NOT_SOURCE = {"node_modules", ".next", "out", "next-env.d.ts"}
KEPT_BUILDS = 5

NO_SOURCES, NO_TOOLS, NO_PACKAGES, NO_BUILD = 3, 4, 5, 6


class BuildError(Exception):
    """The dashboard could not be built; `code` is the exit code that says why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def say(text: str) -> None:
    """One step, for the person or program that reads along."""
    print(f"dashboard: {text}", flush=True)


def sources() -> list[Path]:
    """Every file that the build depends on, in a fixed order."""
    found = [ROOT / "requirements-node.txt", Path(__file__).with_name("packing.py")]
    for folder, folders, names in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - NOT_SOURCE)
        found += [Path(folder, name) for name in sorted(set(names) - NOT_SOURCE)]
    return [path for path in found if not path.name.endswith((".tsbuildinfo", ".test.ts"))]


def source_digest() -> str:
    """The digest of the sources, which names their build."""
    digest = hashlib.sha256()
    for path in sources():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(ROOT)} {content}\n".encode())
    return digest.hexdigest()[:32]


def in_place(digest: str) -> bool:
    """Whether the package already holds the build of these sources."""
    try:
        manifest = json.loads((PLACE / MANIFEST).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return bool(manifest["source"] == digest)


def builds() -> Path:
    """The folder that keeps builds, by digest."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "crossfade" / "dashboard"


def build(digest: str) -> Path:
    """Build from source, and keep the result."""
    say("installing its packages")
    if install_modules(LOG) != 0:
        raise BuildError(NO_PACKAGES, "the packages of frontend/package-lock.json did not install")
    say("building")
    if npm("run", "build", log=LOG) != 0:
        raise BuildError(NO_BUILD, "`npm run build` failed")
    return keep(FRONTEND / "out", digest)


def keep(export: Path, digest: str) -> Path:
    """Pack an export into the folder of builds; the oldest ones go."""
    kept = builds() / digest
    with fresh_folder(kept) as folder:
        pack(export, folder, digest)
    by_age = sorted(builds().iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[KEPT_BUILDS:]:
        shutil.rmtree(old, ignore_errors=True)
    return kept


def put_in_place(build_folder: Path) -> None:
    """Copy a build into the package; a reader sees the old one or the new one, whole."""
    with fresh_folder(PLACE) as folder:
        shutil.copytree(build_folder, folder, dirs_exist_ok=True)


@contextmanager
def fresh_folder(place: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `place` once it was filled without an error."""
    place.parent.mkdir(parents=True, exist_ok=True)
    new, old = (place.with_name(f".{place.name}.{word}-{os.getpid()}") for word in ("new", "old"))
    new.mkdir()
    try:
        yield new
        if place.exists():
            place.rename(old)
        new.rename(place)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Waits while another process builds in this checkout."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "dashboard.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(*, rebuild: bool = False) -> None:
    """Make the package hold the build of the present sources."""
    if not FRONTEND.is_dir():
        raise BuildError(NO_SOURCES, "there is no frontend/ here to build it from")
    began = time.monotonic()
    with one_at_a_time():
        digest = source_digest()
        if in_place(digest) and not rebuild:
            say("up to date")
            return
        kept = builds() / digest
        if rebuild or not (kept / MANIFEST).exists():
            kept = build(digest)
        put_in_place(kept)
    say(f"ready after {time.monotonic() - began:.0f} s")


def explain(error: BuildError) -> None:
    """The end of npm's output and a way out, on standard error."""
    if error.code in (NO_PACKAGES, NO_BUILD) and LOG.exists():
        print("".join(LOG.read_text(errors="replace").splitlines(keepends=True)[-20:]), end="")
    say(f"not built: {error}. The API and the traffic do not need it; try again: make dashboard")


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--if-missing", action="store_true")
    asked = parser.parse_args()
    # The build takes a minute of both cores; what runs beside it goes first.
    os.nice(10)
    try:
        ensure(rebuild=not asked.if_missing)
    except MissingToolError as error:
        explain(BuildError(NO_TOOLS, str(error)))
        return NO_TOOLS
    except BuildError as error:
        explain(error)
        return error.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
