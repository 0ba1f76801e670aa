"""A place where a revision must become true, and how far it has come there."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import TargetKind


class Presence(StrEnum):
    """What a target should hold of a rule."""

    PRESENT = "present"
    RELEASED = "released"
    ABSENT = "absent"


class TargetState(StrEnum):
    """Where a target stands on its way to the desired generation."""

    PENDING = "pending"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Drift:
    """How a target differs from what it confirmed, and who made it so."""

    summary: str
    author: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One rule at one place. `token` fences the holder of the lease."""

    rule_id: str
    key: ServiceKey
    kind: TargetKind
    desired_generation: int
    presence: Presence = Presence.PRESENT
    confirmed_generation: int | None = None
    digest: str | None = None
    state: TargetState = TargetState.PENDING
    error: str | None = None
    drift: Drift | None = None
    proof: str | None = None  # how it is known that the target holds what it confirmed
    applied_at: datetime | None = None  # when the desired revision was written; then it is proven
    reverts: int = 0  # how often `reverted_by` undid what we had healed
    reverted_by: str | None = None
    proven: bool = False  # whether the proxies already route by what is still to be tidied up
    attempts: int = 0
    token: int = 0

    @property
    def confirmed(self) -> bool:
        """Whether the target holds what is desired."""
        return self.state is TargetState.CONFIRMED

    def confirm(self, digest: str | None, proof: str | None = None) -> "Target":
        """The target, now holding what was desired."""
        return replace(
            self,
            state=TargetState.CONFIRMED,
            confirmed_generation=self.desired_generation,
            digest=digest,
            proof=proof,
            error=None,
            drift=None,
            attempts=0,
        )

    def wait(self, cause: str, applied_at: datetime | None = None) -> "Target":
        """The target, waiting for a cause to heal; anew, where it was just written."""
        just_written = applied_at is not None and self.applied_at is None
        return replace(
            self,
            state=TargetState.WAITING,
            error=cause,
            applied_at=applied_at or self.applied_at,
            attempts=1 if just_written else self.attempts + 1,
        )

    def refuse(self, reason: str) -> "Target":
        """The target that said no for good."""
        return replace(self, state=TargetState.REFUSED, error=reason)


LONGEST_PAUSE_S = 15.0


def pause_s(attempts: int) -> float:
    """Seconds until the next try: quick at first, never more than fifteen."""
    return min(LONGEST_PAUSE_S, 0.25 * 2.0 ** min(attempts, 10))
