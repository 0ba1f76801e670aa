"""Commits on a tip, one a change, made without a work tree or an index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossfade.adapters.git.failure import GitFailedError
from crossfade.adapters.git.process import Git, nobody_at_work

_DATES = "--date-format=now"
# Never left in the repository: the objects are named by the ref that is moved last, and only it.
_SCRATCH = "refs/crossfade/next"


@dataclass(frozen=True, slots=True)
class Draft:
    """One commit to be: a file's new content (None: it goes) and the message."""

    path: str
    content: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Identity:
    """In whose name commits are made."""

    name: str
    email: str

    def __post_init__(self) -> None:
        for part in (self.name, self.email):
            if not part.strip() or any(c in "<>" or not c.isprintable() for c in part):
                raise ValueError(f"{part!r} cannot be the name or the e-mail of a Git identity.")

    @property
    def variables(self) -> dict[str, str]:
        """The same for commands that read it from their environment."""
        return {
            f"GIT_{role}_{field}": value
            for role in ("AUTHOR", "COMMITTER")
            for field, value in (("NAME", self.name), ("EMAIL", self.email))
        }


async def build(
    git: Git, tip: str | None, drafts: Sequence[Draft], identity: Identity, *, signed: bool
) -> tuple[str, ...]:
    """The commits of these drafts, each on the one before it; no branch knows them yet."""
    stream = _stream(tip, drafts, identity)
    try:
        printed = await git.run("fast-import", "--quiet", "--done", _DATES, stdin=stream)
    except GitFailedError:
        _clear_away(git)
        raise
    commits = tuple(printed.decode().split())
    return await _signed(git, tip, commits, drafts, identity) if signed else commits


def _clear_away(git: Git) -> None:
    """A disk that is full for a night must not be filled by what fast-import leaves each time."""
    if nobody_at_work(git.busy_path):
        for pattern in ("fast_import_crash_*", "objects/pack/tmp_pack_*"):
            for leftover in git.folder.glob(pattern):
                leftover.unlink(missing_ok=True)


def _stream(tip: str | None, drafts: Sequence[Draft], identity: Identity) -> bytes:
    bases = [tip, *(f":{n}" for n in range(1, len(drafts)))]
    numbered = enumerate(zip(drafts, bases, strict=True), start=1)
    commits = [_commit(n, draft, base, identity) for n, (draft, base) in numbered]
    null = "0" * len(tip or "0" * 40)
    return b"".join(commits) + f"reset {_SCRATCH}\nfrom {null}\n\ndone\n".encode()


def _commit(n: int, draft: Draft, base: str | None, identity: Identity) -> bytes:
    header = f"commit {_SCRATCH}\nmark :{n}\n"
    header += f"committer {identity.name} <{identity.email}> now\n"
    parent = f"from {base}\n" if base else ""
    change = _file(draft)
    return (
        header.encode()
        + _data(draft.message)
        + parent.encode()
        + change
        + f"get-mark :{n}\n".encode()
    )


def _file(draft: Draft) -> bytes:
    if draft.content is None:
        return f"D {draft.path}\n".encode()
    return f"M 100644 inline {draft.path}\n".encode() + _data(draft.content)


def _data(text: str) -> bytes:
    content = text.encode(errors="replace")
    return b"data %d\n%b\n" % (len(content), content)


async def _signed(
    git: Git,
    tip: str | None,
    commits: Iterable[str],
    drafts: Iterable[Draft],
    identity: Identity,
) -> tuple[str, ...]:
    """The same commits with signatures, which fast-import does not make."""
    signed: list[str] = []
    for commit, draft in zip(commits, drafts, strict=True):
        parent = signed[-1] if signed else tip
        printed = await git.run(
            "commit-tree",
            "-S",
            *(("-p", parent) if parent else ()),
            f"{commit}^{{tree}}",
            stdin=draft.message.encode(errors="replace"),
            identity=identity.variables,
        )
        signed.append(printed.decode().strip())
    return tuple(signed)
