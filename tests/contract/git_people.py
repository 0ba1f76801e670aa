"""People who work on a repository with a git of their own, and what they find in it."""

import subprocess
from pathlib import Path

_JANE = {
    f"GIT_{role}_{fact}": value
    for role in ("AUTHOR", "COMMITTER")
    for fact, value in (("NAME", "Jane Doe"), ("EMAIL", "jane@example.org"))
}
_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C", **_JANE}


def git(folder: Path, *arguments: str, stdin: str = "", check: bool = True) -> str:
    """What git prints about a bare repository, asked by Jane Doe."""
    told = subprocess.run(
        ["git", f"--git-dir={folder}", *arguments],
        input=stdin.encode(),
        env=_ENVIRONMENT,
        cwd=folder.parent,
        capture_output=True,
        check=check,
        timeout=30,
    )
    return told.stdout.decode().strip()


def bare_repository(folder: Path) -> Path:
    """An empty repository, as a host would offer it."""
    git(folder, "init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    git(folder, "config", "http.receivepack", "true")
    return folder


def edit(folder: Path, path: str, content: str | None) -> str:
    """A commit of Jane Doe's on main."""
    tip = git(folder, "for-each-ref", "--format=%(objectname)", "refs/heads/main")
    parent = f"from {tip}\n" if tip else ""
    change = f"D {path}\n" if content is None else f"M 100644 inline {path}\n{_data(content)}"
    commit = "commit refs/heads/main\n" + "committer Jane Doe <jane@example.org> now\n"
    stream = commit + _data(f"Edit {path}") + parent + change + "done\n"
    git(folder, "fast-import", "--quiet", "--done", "--date-format=now", stdin=stream)
    return git(folder, "rev-parse", "refs/heads/main")


def commits(folder: Path) -> list[str]:
    """Every commit of main, newest first."""
    return git(folder, "log", "--format=%H", "main", "--").split()


def problems(folder: Path) -> str:
    """What fsck has to say; nothing where all is sound."""
    return git(folder, "fsck", "--strict", "--no-dangling")


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
