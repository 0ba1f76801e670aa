"""What git says when it fails, as one sentence for people and as kinds for us."""

import re

from crossfade.adapters.git.address import masked
from crossfade.domain.errors import UnavailableError

LONGEST_CAUSE = 300

_NOISE = re.compile(
    r"hint:|warning:|Please make sure you have|and the repository exists|"
    r"fast-import: dumping crash report|error: failed to push some refs|"
    r"(fatal: )?Could not read from remote repository"
)
_PREFIX = re.compile(r"(fatal|error|remote): *")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x1f\x7f]")
_NO_LOGIN = re.compile(r"terminal prompts disabled|could not read (Username|Password)")
_LOCKED = re.compile(r"Unable to create '.*\.lock'|cannot lock ref")
_DAMAGED = re.compile(
    r"corrupt|bad (object|tree|ref|signature)|inflate|is empty|not a git repository|"
    r"missing (blob|tree|commit|object)|unable to (read|unpack|find)|broken|did not send all",
    re.IGNORECASE,
)


class GitFailedError(UnavailableError):
    """Git could not do it, for now; the message is its cause in one sentence."""

    def __init__(self, verb: str, cause: str, *, output: str = "", errors: str = "") -> None:
        super().__init__(f"git {verb}: {cause}")
        self.verb = verb
        self.output = output
        self.errors = errors

    @property
    def locked(self) -> bool:
        """Whether a lock file stood in the way."""
        return bool(_LOCKED.search(self.errors))

    @property
    def damaged(self) -> bool:
        """Whether an object or a file of the repository cannot be read."""
        return bool(_DAMAGED.search(self.errors))


def cause(errors: str, code: int) -> str:
    """The line of git's words that tells the cause, without secrets and control characters."""
    if _NO_LOGIN.search(errors):
        return "the remote asks for a login, and none that it takes is configured"
    lines = [line.strip() for line in errors.splitlines()]
    telling = [line for line in lines if line and not _NOISE.match(line)]
    if not telling:
        return f"it was ended by signal {-code}" if code < 0 else f"it ended with code {code}"
    return plain(telling[-1])


def plain(line: str) -> str:
    """A foreign line, fit to be shown."""
    return masked(_ESCAPES.sub("", _PREFIX.sub("", line)))[:LONGEST_CAUSE]
