"""The newest commit that we saw on the branch, kept beside the repository: it must never go."""

from pathlib import Path

from crossfade.adapters.git.history import is_ancestor
from crossfade.adapters.git.process import Git
from crossfade.domain.errors import UnavailableError
from crossfade.domain.revision import short


class Seen:
    """What the branch held last. `rewritten` says, in a sentence, that it no longer does."""

    def __init__(self, git: Git, branch: str) -> None:
        self._git = git
        self._branch = branch
        self._path = git.folder.with_suffix(".seen")
        self._commit = _read(self._path)
        self.rewritten: str | None = None

    async def note(self, tip: str | None) -> None:
        """Look at a tip: it must hold what was seen before."""
        if tip == self._commit:
            self.rewritten = None
        elif self._commit is None or (tip and await is_ancestor(self._git, self._commit, tip)):
            self.accept(tip)
        else:
            self.rewritten = (
                f"The history of {self._branch} was rewritten: it no longer holds commit "
                f"{short(self._commit)}, which was there before. Restore accepts what is there now."
            )

    def accept(self, tip: str | None) -> None:
        """From now on the branch is measured by this tip."""
        self.rewritten = None
        if tip is None or tip == self._commit:
            return
        self._commit = tip
        try:
            _write(self._path, tip)
        except OSError as error:
            raise UnavailableError(f"{self._path} cannot be written: {error.strerror}") from error


def _write(path: Path, commit: str) -> None:
    fresh = path.with_suffix(".seen-next")
    fresh.write_text(commit)
    fresh.replace(path)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except FileNotFoundError:
        return None
