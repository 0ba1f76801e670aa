"""An immutable picture of a rule: the intent, and the documents that carry it to each target."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey

_SHORT = 7


class TargetKind(StrEnum):
    """A place where a revision must become true."""

    GIT = "git"
    ENVOY = "envoy"
    CLUSTER = "cluster"

    @property
    def routes(self) -> bool:
        """Whether traffic goes by what this place holds."""
        return self is not TargetKind.GIT


class Verdict(StrEnum):
    """What became of a revision at the proxies."""

    UNKNOWN = "unknown"
    EFFECTIVE = "effective"
    NOT_PROVEN = "applied-not-proven"
    REFUSED = "refused"


def short(commit: str) -> str:
    """A commit as people name it."""
    return commit[:_SHORT]


@dataclass(frozen=True, slots=True)
class Document:
    """What one target must hold, as text, with a digest that leaves the generation out."""

    target: TargetKind
    path: str
    content: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What was deployed under one generation. `origin` is the root picture a rollback restored."""

    rule_id: str
    generation: int
    intent: Intent
    renderer: int
    documents: tuple[Document, ...]
    author: str
    created_at: datetime
    reason: str | None = None
    origin: int | None = None
    verdict: Verdict = Verdict.UNKNOWN
    commit: str | None = None

    @property
    def key(self) -> ServiceKey:
        """The service whose traffic this revision divides."""
        return self.intent.key

    @property
    def root(self) -> int:
        """The generation whose picture this is: its origin's, or its own."""
        return self.generation if self.origin is None else self.origin

    def document(self, target: TargetKind) -> Document:
        """The document for one target."""
        return next(document for document in self.documents if document.target is target)
