"""What a commit holds: the entries of its tree, and the pictures in its files."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from crossfade.adapters.git.process import Git
from crossfade.domain.plan import Picture
from crossfade.manifests.canonical import picture

OURS = ".yaml"
LARGEST_FILE = 1 << 20
MOST_REMEMBERED = 20_000  # blobs
BLOBS_AT_ONCE = 200  # in memory

_FOLDER = "040000"
_KINDS = {_FOLDER: "a folder", "120000": "a symbolic link", "160000": "a submodule"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a commit's tree."""

    path: str
    mode: str
    blob: str
    size: int | None

    @property
    def obstacle(self) -> str | None:
        """What stands here where a file of ours should; None for a plain file."""
        return _KINDS.get(self.mode)

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder."""
        return self.mode == _FOLDER

    @property
    def readable(self) -> bool:
        """Whether this is a file of a size that we could have written."""
        return self.obstacle is None and (self.size or 0) <= LARGEST_FILE


async def files(git: Git, commit: str, prefix: str) -> tuple[Entry, ...]:
    """Every file of ours under a folder."""
    listed = await git.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", f"{prefix}/")
    return tuple(entry for entry in _parsed(listed) if entry.path.endswith(OURS))


async def changed_paths(git: Git, old: str, new: str, prefix: str) -> frozenset[str]:
    """The files of ours that differ between two commits."""
    options = ("-r", "-z", "--name-only", "--no-renames")
    listed = await git.run("diff-tree", *options, old, new, "--", f"{prefix}/")
    paths = (path.decode(errors="surrogateescape") for path in listed.split(b"\0")[:-1])
    return frozenset(path for path in paths if path.endswith(OURS))


async def entries(git: Git, commit: str, paths: Iterable[str]) -> dict[str, Entry]:
    """What stands at each path; where nothing can stand there, what is in the way."""
    wanted = sorted(set(paths))
    found = await _listed(git, commit, wanted, "-t")
    suspects = {path: _first_unknown_folder(path, found) for path in wanted if path not in found}
    folders = sorted({folder for folder in suspects.values() if folder})
    in_the_way = await _listed(git, commit, folders) if folders else {}
    blocked = {path: in_the_way[f] for path, f in suspects.items() if f and f in in_the_way}
    return {path: found[path] for path in wanted if path in found} | blocked


async def contents(git: Git, blobs: Sequence[str]) -> dict[str, bytes]:
    """The bytes of each blob."""
    output = await git.run("cat-file", "--batch", stdin="".join(f"{b}\n" for b in blobs).encode())
    return dict(_batch(output))


@dataclass(slots=True)
class Album:
    """The pictures in files, remembered by blob: a file that did not change costs nothing."""

    git: Git
    _known: dict[str, Picture] = field(default_factory=dict)

    async def pictures(self, found: Sequence[Entry]) -> dict[str, Picture]:
        """The picture in each entry, by path."""
        blobs = {entry.blob for entry in found if entry.readable}
        seen = {blob: self._known[blob] for blob in blobs if blob in self._known}
        unknown = sorted(blobs - seen.keys())
        for start in range(0, len(unknown), BLOBS_AT_ONCE):
            chunk = await contents(self.git, unknown[start : start + BLOBS_AT_ONCE])
            seen |= await asyncio.to_thread(_pictures, chunk)
        self._known = {**seen} if len(self._known) > MOST_REMEMBERED else {**self._known, **seen}
        return {entry.path: seen.get(entry.blob, _foreign(entry)) for entry in found}


def _pictures(chunk: Mapping[str, bytes]) -> dict[str, Picture]:
    """Parsed beside the event loop: a file may be large, and made to be slow."""
    return {blob: picture(text(content)) for blob, content in chunk.items()}


def _foreign(entry: Entry) -> Picture:
    """Whatever cannot be ours has a digest that no document of ours has."""
    return Picture(None, f"git:{entry.blob}")


def text(content: bytes) -> str:
    """A file's bytes as text, whatever they are."""
    return content.decode(errors="replace")


async def _listed(git: Git, commit: str, paths: Sequence[str], *options: str) -> dict[str, Entry]:
    listed = await git.run("ls-tree", "-l", "-z", "--full-tree", *options, commit, "--", *paths)
    return {entry.path: entry for entry in _parsed(listed)}


def _parsed(listed: bytes) -> Iterator[Entry]:
    for line in listed.split(b"\0")[:-1]:
        facts, path = line.decode(errors="surrogateescape").split("\t", 1)
        mode, _, blob, size = facts.split()
        yield Entry(path, mode, blob, None if size == "-" else int(size))


def _first_unknown_folder(path: str, found: Mapping[str, Entry]) -> str | None:
    folders = [str(folder) for folder in PurePosixPath(path).parents][-2::-1]
    return next((folder for folder in folders if folder not in found), None)


def _batch(output: bytes) -> Iterator[tuple[str, bytes]]:
    """The answers of `cat-file --batch`: a line of facts, the bytes, a line's end."""
    start = 0
    while start < len(output):
        end = output.index(b"\n", start)
        blob, _, size = output[start:end].decode().split()
        start = end + 1 + int(size) + 1
        yield blob, output[end + 1 : start - 1]
