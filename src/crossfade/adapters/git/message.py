"""A commit's message: the change's words, and our trailers at their end."""

import re
from collections.abc import Iterable

from crossfade.application.ports import Change
from crossfade.domain.audit import Link

GENERATION = "Crossfade-Generation"
AUDIT = "Crossfade-Audit"

_TRAILER = re.compile(r"[A-Za-z0-9-]+ *:.*")
# A reason is free text: what looks like a trailer of ours in it must not be read as one.
_OURS = re.compile(r"^(?=[ \t]*crossfade-[a-z0-9-]+[ \t]*:)", re.IGNORECASE | re.MULTILINE)
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def commit_message(change: Change, audit_head: Link | None) -> str:
    """The message as it is committed."""
    words = _OURS.sub("> ", _LINE_ENDS.sub("\n", change.message.replace("\0", "")))
    return with_trailers(words.strip(), _trailers(change, audit_head))


def with_trailers(message: str, trailers: Iterable[tuple[str, str]]) -> str:
    """The message with trailers appended as `git interpret-trailers` does."""
    added = "\n".join(f"{key}: {value}" for key, value in trailers)
    if not added:
        return f"{message}\n"
    gap = "\n" if _ends_in_trailers(message) else "\n\n"
    return f"{message}{gap}{added}\n"


def _trailers(change: Change, audit_head: Link | None) -> Iterable[tuple[str, str]]:
    if change.desired.generation is not None:
        yield GENERATION, str(change.desired.generation)
    if audit_head is not None:
        yield AUDIT, f"{audit_head.n} {audit_head.hash}"


def _ends_in_trailers(message: str) -> bool:
    paragraphs = re.split(r"\n[ \t]*\n", message)
    if len(paragraphs) == 1:  # a subject, whatever it looks like
        return False
    first, *lines = paragraphs[-1].splitlines()
    continued = (_TRAILER.match(line) or line.startswith((" ", "\t")) for line in lines)
    return bool(_TRAILER.match(first)) and all(continued)
