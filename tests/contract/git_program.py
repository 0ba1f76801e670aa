"""Programs named git that stand before the real one on a test's PATH."""

import shutil
from pathlib import Path

REAL = shutil.which("git") or "git"


def recording_git(folder: Path) -> tuple[str, Path]:
    """A git that notes its arguments and environment; the PATH to use, and its notes."""
    notes = folder / "notes"
    script = f"(printf '%s\\n' \"$@\"; env) >> {notes}"
    return _path(folder, script, f'exec {REAL} "$@"'), notes


def counting_git(folder: Path) -> tuple[str, Path]:
    """A git that notes the name of each command; the PATH to use, and its notes."""
    notes = folder / "notes"
    return _path(folder, f'echo "$2" >> {notes}', f'exec {REAL} "$@"'), notes


def pretended_ssh(folder: Path) -> tuple[str, Path]:
    """An ssh that notes its arguments and runs the command here; the PATH to use, and its notes."""
    notes = folder / "notes"
    last = f"printf '%s\\n' \"$@\" >> {notes}; for last; do :; done"
    return _path(folder, last, 'exec sh -c "$last"', name="ssh"), notes


def murderous_git(folder: Path, command: int, *, after: bool) -> str:
    """A git that kills -9 whoever started it, before or after it did its nth command."""
    count = f"echo x >> {folder}/count; n=$(wc -l < {folder}/count)"
    kill = f'[ "$n" -eq {command} ] && kill -9 $PPID'
    run = f'{REAL} "$@"; code=$?'
    steps = (count, run, kill, "exit $code") if after else (count, kill, run, "exit $code")
    return _path(folder, *steps)


def _path(folder: Path, *lines: str, name: str = "git") -> str:
    folder.mkdir(parents=True)
    program = folder / name
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin:/usr/local/bin"
