"""Everything that the in-memory database keeps: values that never change, in plain dictionaries."""

from dataclasses import dataclass, field
from datetime import datetime

from crossfade.domain.addresses import LocalService
from crossfade.domain.audit import Act, Link
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.rule import Rule
from crossfade.domain.target import Target


@dataclass(frozen=True)
class Lease:
    """Who holds something, and until when."""

    holder: str
    until: datetime


@dataclass(frozen=True)
class HeldTarget:
    """A target, its lease, and when it is due."""

    target: Target
    lease: Lease | None
    next_at: datetime | None


@dataclass
class Kept:
    """The tables."""

    rules: dict[str, Rule] = field(default_factory=dict)
    revisions: dict[tuple[ServiceKey, int], Revision] = field(default_factory=dict)
    targets: dict[tuple[str, TargetKind], HeldTarget] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    local_services: dict[ServiceKey, LocalService] = field(default_factory=dict)
    leases: dict[str, Lease] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def copy(self) -> "Kept":
        """The same, to be changed and then kept or thrown away."""
        return Kept(
            dict(self.rules),
            dict(self.revisions),
            dict(self.targets),
            dict(self.operations),
            dict(self.local_services),
            dict(self.leases),
            list(self.links),
            list(self.acts),
        )
