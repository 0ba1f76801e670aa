"""Building a tool chain with Go into a cache: whole or not at all, by one run at a time."""

import fcntl
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.toolchain import Toolchain

OLDEST_GO = (1, 26)
SAY_AGAIN_S = 15.0
LAST_LINES = 20

Say = Callable[[str], None]


class NotBuiltError(Exception):
    """It is not built and cannot be: there is no Go, or what Go said is told."""


class Builder:
    """Builds tool chains with the Go of the given environment, which decides where it fetches."""

    def __init__(self, cache: Path, variables: Mapping[str, str], say: Say) -> None:
        self._cache = cache
        self._variables = variables
        self._say = say

    def built(self, chain: Toolchain) -> Path:
        """The folder of the cache with all that the tool chain yields."""
        folder = self._cache / chain.key
        if folder.is_dir():
            return folder
        with self._alone(chain):
            if not folder.is_dir():
                self._build(chain, folder)
        return folder

    @contextmanager
    def _alone(self, chain: Toolchain) -> Iterator[None]:
        self._cache.mkdir(parents=True, exist_ok=True)
        with (self._cache / f"{chain.name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._say(f"{chain.name}: another run builds it; waiting for that one …")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _build(self, chain: Toolchain, folder: Path) -> None:
        go = self._go(chain)
        for unfinished in self._cache.glob(f".{chain.name}-*"):  # its run was killed
            shutil.rmtree(unfinished)
        with tempfile.TemporaryDirectory(prefix=f".{chain.name}-", dir=self._cache) as made:
            whole = Path(made) / "whole"
            whole.mkdir()
            for name, (module, path) in chain.files.items():
                source = self._asked(go, chain, "list", "-m", "-f", "{{.Dir}}", module)
                _copy(Path(source) / path, whole / name)
            for name, package in chain.programs.items():
                self._compile(go, chain, package, whole / name)
            whole.rename(folder)

    def _go(self, chain: Toolchain) -> str:
        go = shutil.which("go", path=self._variables.get("PATH"))
        if go is None:
            raise NotBuiltError("There is no Go on the PATH.")
        asked = _run((go, "env", "GOVERSION"), chain, self._variables)
        version = re.match(r"go(\d+)\.(\d+)", asked.stdout)
        if asked.returncode or not version or tuple(map(int, version.groups())) < OLDEST_GO:
            wanted = ".".join(map(str, OLDEST_GO))
            told = asked.stderr.strip() or asked.stdout.strip()
            raise NotBuiltError(f"Go {wanted} or newer is needed, and {go} says: {told}")
        return go

    def _compile(self, go: str, chain: Toolchain, package: str, target: Path) -> None:
        total = len(self._asked(go, chain, "list", "-deps", package).splitlines())
        told = f"{chain.name}: building {target.name}, once on this machine"
        self._say(f"{told} ({total} packages) …")
        flags = ("-v", "-trimpath", "-ldflags", chain.link_flags, "-o", str(target))
        with subprocess.Popen(
            (go, "build", *flags, package),
            cwd=chain.folder,
            env=dict(self._variables),
            stderr=subprocess.PIPE,
            text=True,
        ) as build:
            said = self._followed(build, told, total)
        if build.returncode:
            raise NotBuiltError("\n".join((f"{package} cannot be built:", *said[-LAST_LINES:])))

    def _followed(self, build: subprocess.Popen[str], told: str, total: int) -> list[str]:
        said: list[str] = []
        last = time.monotonic()
        for line in build.stderr or ():
            said.append(line.rstrip())
            if time.monotonic() - last > SAY_AGAIN_S:
                last = time.monotonic()
                self._say(f"{told} ({len(said)} of {total} packages) …")
        return said

    def _asked(self, go: str, chain: Toolchain, *words: str) -> str:
        asked = _run((go, *words), chain, self._variables)
        if asked.returncode:
            raise NotBuiltError(f"go {' '.join(words)} failed:\n{asked.stderr}")
        return asked.stdout.strip()


def _run(
    words: tuple[str, ...], chain: Toolchain, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=chain.folder, env=dict(variables), capture_output=True, text=True, check=False
    )


def _copy(source: Path, target: Path) -> None:
    """Modules are kept read-only; a copy of contents alone can be deleted later."""
    if source.is_file():
        shutil.copyfile(source, target)
        return
    target.mkdir()
    for one in source.iterdir():
        _copy(one, target / one.name)
