"""What a target needs so that it holds what is desired: the one decision behind every act."""

from dataclasses import dataclass

from crossfade.domain.target import Presence

# No backup is so many revisions old: a mark beyond is by another hand, and may not use up numbers.
FARTHEST_AHEAD = 1_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """What a target holds, or should hold: a generation and the digest of its document.

    `generation` is None where the document carries no mark of ours.
    """

    generation: int | None
    digest: str


@dataclass(frozen=True, slots=True)
class Keep:
    """The target already holds what is desired."""


@dataclass(frozen=True, slots=True)
class Write:
    """The desired document must be written."""


@dataclass(frozen=True, slots=True)
class Erase:
    """The document must go."""


@dataclass(frozen=True, slots=True)
class Yield:
    """The target holds a higher generation: a writer with an older one stops."""

    generation: int


@dataclass(frozen=True, slots=True)
class Contested:
    """Somebody else wrote what is there; it is shown, and only a repair overwrites it."""


Plan = Keep | Write | Erase | Yield | Contested


def plan(
    desired: Picture,
    observed: Picture | None,
    *,
    presence: Presence = Presence.PRESENT,
    confirmed: str | None = None,
    forced: bool = False,
) -> Plan:
    """The step that makes `observed` into `desired`.

    `confirmed` is the digest that the target was last seen to hold by our own hand; anything
    else there was written by somebody else, and is overwritten only when `forced`.
    """
    if observed is None:
        return Write() if presence is Presence.PRESENT else Keep()
    if observed.generation is not None and _outruns(observed, desired):
        return Yield(observed.generation)
    if _fulfils(observed, desired, presence):
        return Keep()
    ours = observed.digest in (confirmed, desired.digest)
    if not ours and not forced:
        return Contested()
    return Write() if presence is Presence.PRESENT else Erase()


def _fulfils(observed: Picture, desired: Picture, presence: Presence) -> bool:
    """Whether what is there may stay; what was let go of carries no mark of ours."""
    if presence is Presence.RELEASED:
        return observed.generation is None
    return presence is Presence.PRESENT and observed == desired


def _outruns(observed: Picture, desired: Picture) -> bool:
    return (
        observed.generation is not None
        and desired.generation is not None
        and 0 < observed.generation - desired.generation <= FARTHEST_AHEAD
    )
