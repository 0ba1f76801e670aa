"""Packs an export of the dashboard for the server: gzip twins, content hashes, CSP hashes.

The folder it fills holds the export, beside each text file its `.gz` twin, and `manifest.json`:

    {"source": "<digest of the sources>",
     "scriptHashes": ["sha256-…"],
     "files": {"index.html": {"hash": "<hex>", "gzip": true, "immutable": false}, …}}

`scriptHashes` are what Content-Security-Policy must allow: every inline script of every page.
The same export gives the same bytes, so that two builds of one source make the same wheel.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

MANIFEST = "manifest.json"
TEXT = {".css", ".html", ".js", ".json", ".map", ".svg", ".txt", ".webmanifest", ".xml"}
# Next puts a hash of the content into every name under this folder, and nowhere else.
HASHED = "_next/static/"


class _InlineScripts(HTMLParser):
    """Collects the text of scripts that stand in a page itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attrs)
        if self._inside:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  # HTMLParser's signature
        self._inside = False


def script_hashes(pages: Iterable[str]) -> list[str]:
    """The CSP source of each inline script of the pages, once, sorted."""
    hashes = set()
    for page in pages:
        parser = _InlineScripts()
        parser.feed(page)
        parser.close()
        for script in parser.found:
            digest = hashlib.sha256(script.encode()).digest()
            hashes.add(f"sha256-{base64.b64encode(digest).decode()}")
    return sorted(hashes)


def pack(export: Path, folder: Path, source: str) -> None:
    """Fill an empty folder with the export, its twins and its manifest."""
    names = sorted(p.relative_to(export).as_posix() for p in export.rglob("*") if p.is_file())
    files = {name: _pack_file(export / name, folder / name, name) for name in names}
    pages = ((export / name).read_text() for name in names if name.endswith(".html"))
    manifest = {"source": source, "scriptHashes": script_hashes(pages), "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def _pack_file(source: Path, copy: Path, name: str) -> dict[str, str | bool]:
    content = source.read_bytes()
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(content)
    twin = gzip.compress(content, 9, mtime=0) if source.suffix in TEXT else content
    smaller = len(twin) < len(content)
    if smaller:
        copy.with_name(copy.name + ".gz").write_bytes(twin)
    return {
        "hash": hashlib.sha256(content).hexdigest()[:32],
        "gzip": smaller,
        "immutable": name.startswith(HASHED),
    }
