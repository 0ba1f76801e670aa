"""The dashboard's files, served from memory as soon as they are there."""

import asyncio
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from starlette.datastructures import URL, Headers
from starlette.responses import RedirectResponse, Response

from crossfade.entrypoints.api.conditions import matches

PACKAGED = Path(__file__).parents[2] / "_dashboard"
MANIFEST = "manifest.json"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
TEXT_TYPES = ("text/", "application/javascript", "application/json", "image/svg")


@dataclass(frozen=True, slots=True)
class File:
    """One file in memory, with its gzip twin where that is smaller."""

    content: bytes
    twin: bytes | None
    hash: str
    immutable: bool
    media_type: str


@dataclass(frozen=True, slots=True)
class Build:
    """All files of one build, and what its pages may run."""

    stamp: tuple[int, int]
    files: Mapping[str, File]
    policy: str


class Dashboard:
    """Answers with files of the newest build; a build that appears later needs no restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._build: Build | None = None
        self._loading = asyncio.Lock()

    async def answer(self, url: URL, headers: Headers) -> Response | None:
        """The file at an address, or a page that says there is none; None without a build."""
        build = await self._newest()
        if build is None:
            return None
        name = url.path.removeprefix("/")
        if (found := build.files.get(name or "index.html")) is not None:
            return _answer(found, headers, build.policy)
        if (page := build.files.get(f"{name.rstrip('/')}/index.html")) is None:
            return _answer(build.files["404.html"], headers, build.policy, 404)
        if not name.endswith("/"):
            return RedirectResponse(f"/{name}/?{url.query}".removesuffix("?"), 308)
        return _answer(page, headers, build.policy)

    async def _newest(self) -> Build | None:
        stamp = _stamp(self._folder)
        if stamp is None or (self._build is not None and self._build.stamp == stamp):
            return self._build
        async with self._loading:
            if self._build is None or self._build.stamp != stamp:
                self._build = await asyncio.to_thread(_load, self._folder, stamp, self._build)
        return self._build


def _stamp(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / MANIFEST).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _load(folder: Path, stamp: tuple[int, int], before: Build | None) -> Build | None:
    """The build in the folder; the one before where it is just being put in place."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        files = {name: _file(folder / name, about) for name, about in manifest["files"].items()}
    except FileNotFoundError:
        return before
    # Pages that are open still ask for the chunks of the build that they came from.
    kept = {name: file for name, file in before.files.items() if file.immutable} if before else {}
    policy = content_policy(manifest["scriptHashes"])
    return Build(stamp, MappingProxyType({**kept, **files}), policy)


def _file(path: Path, about: Mapping[str, object]) -> File:
    return File(
        content=path.read_bytes(),
        twin=path.with_name(path.name + ".gz").read_bytes() if about["gzip"] else None,
        hash=str(about["hash"]),
        immutable=bool(about["immutable"]),
        media_type=media_type(path.name),
    )


def media_type(name: str) -> str:
    """The type of a file by its name, with the charset of text."""
    found = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith(TEXT_TYPES) else found


def content_policy(script_hashes: list[str]) -> str:
    """What a page may load: only what is ours, and of inline scripts only those we built."""
    scripts = " ".join(["'self'", *(f"'{digest}'" for digest in script_hashes)])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",  # prerendered pages carry style attributes
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _answer(file: File, asked: Headers, policy: str, status: int = 200) -> Response:
    twin = file.twin if _takes_gzip(asked.get("accept-encoding", "")) else None
    tag = f'"{file.hash}-gzip"' if twin is not None else f'"{file.hash}"'
    headers = {
        "ETag": tag,
        "Cache-Control": IMMUTABLE if file.immutable else REVALIDATE,
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": policy,
    }
    if status == 200 and matches(asked.get("if-none-match"), tag):  # noqa: PLR2004  # HTTP
        return Response(None, 304, headers)
    if twin is not None:
        headers["Content-Encoding"] = "gzip"
    return Response(twin or file.content, status, headers, file.media_type)


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is among the encodings that a caller takes, and not at a quality of zero."""
    for part in accepted.lower().split(","):
        coding, _, quality = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
