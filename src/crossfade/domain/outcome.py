"""What came of one try to make a revision true at a target."""

from dataclasses import dataclass
from datetime import datetime

from crossfade.domain.revision import Verdict


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The target holds the revision; `proof` says in words how that is known."""

    proof: str
    verdict: Verdict = Verdict.EFFECTIVE
    digest: str | None = None
    commit: str | None = None
    applied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Staged:
    """One ordered stage on the way to the revision is true here; the other target is next.

    Only where the mesh gets a revision from Git: subsets, routes and what is left over go there
    one after the other. `proven` is set once the proxies route by the revision.
    """

    reached: str
    digest: str | None = None
    commit: str | None = None
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A transient cause stands in the way; it is tried again.

    `applied_at` is set where the revision is written, and only its proof is missing.
    """

    cause: str
    applied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The target said no for good; `author` is who wrote what stands in the way."""

    reason: str
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Outrun:
    """The target already holds a higher generation, so ours must grow past it."""

    generation: int


Outcome = Confirmed | Staged | Waiting | Refused | Outrun
