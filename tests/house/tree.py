"""The files of this checkout, as the house tests look at them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, part of the project, relative to its root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = {Path(name) for name in names.split("\0") if name}
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


def under(*folders: str, suffix: str) -> Iterator[Path]:
    """The files of one kind under some folders."""
    for path in files():
        if path.parts[0] in folders and path.name.endswith(suffix):
            yield path


def text(path: Path) -> str:
    """The file's text; empty for one that is none, such as a picture."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def lines(path: Path) -> int:
    """How many lines the file has."""
    return len(text(path).splitlines())


@cache
def syntax(path: Path) -> ast.Module:
    """The Python file, parsed."""
    return ast.parse(text(path), filename=str(path))
