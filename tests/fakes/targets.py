"""The targets of the in-memory database: claimed, fenced by tokens, due by the fake clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.fakes.clock import FakeClock
from tests.fakes.kept import HeldTarget, Kept, Lease
from tests.fakes.stores import FakeOperations

from crossfade.application.work import Errand
from crossfade.domain.errors import LeaseLostError
from crossfade.domain.revision import Revision, TargetKind, Verdict
from crossfade.domain.target import Drift, Presence, Target, TargetState

LEASE = timedelta(seconds=10)
KINDS = list(TargetKind)


class FakeTargets:
    """Where each rule must become true."""

    def __init__(self, kept: Kept, clock: FakeClock) -> None:
        self._kept = kept
        self._clock = clock

    async def of(self, rule_id: str) -> tuple[Target, ...]:
        """The rule's targets, in the order of their kinds."""
        places = ((rule_id, kind) for kind in KINDS)
        return tuple(
            self._kept.targets[place].target for place in places if place in self._kept.targets
        )

    async def aim(self, *aimed: Target, mesh_holder: str | None = None) -> tuple[Target, ...]:
        """Set what the targets should hold, due now."""
        found = [self._aim(target, mesh_holder) for target in aimed]
        return tuple(sorted(found, key=lambda target: KINDS.index(target.kind)))

    def _aim(self, target: Target, mesh_holder: str | None) -> Target:
        holder = mesh_holder if target.kind.routes else None
        assert (target.key, target.desired_generation) in self._kept.revisions
        held = self._kept.targets.get((target.rule_id, target.kind))
        aimed = _aimed(target, held.target if held else None)
        self._keep(HeldTarget(aimed, self._lease(holder), self._clock.now()))
        return aimed

    async def claim(self, kind: TargetKind, holder: str, limit: int) -> tuple[Errand, ...]:
        """Lease due targets that nobody holds."""
        due = sorted((held for held in self._of_kind(kind) if self._is_due(held)), key=_next_at)
        taken = [replace(held.target, token=held.target.token + 1) for held in due[:limit]]
        for held, target in zip(due, taken, strict=False):
            self._keep(HeldTarget(target, self._lease(holder), held.next_at))
        return tuple([await self._errand(target) for target in sorted(taken, key=_service)])

    async def record(self, target: Target, *, retry_in_s: float | None = None) -> None:
        """Keep how far the target came and give the lease back."""
        held = self._kept.targets.get((target.rule_id, target.kind))
        if held is None or held.target.token != target.token:
            raise LeaseLostError(f"Somebody else works on the {target.kind} of {target.key}.")
        pause = None if retry_in_s is None else timedelta(seconds=retry_in_s)
        self._keep(HeldTarget(target, None, None if pause is None else self._clock.now() + pause))

    async def hasten(self, rule_id: str, kind: TargetKind) -> None:
        """Let a target that waits be tried again at once."""
        held = self._kept.targets.get((rule_id, kind))
        if held is not None and held.target.state in (TargetState.PENDING, TargetState.WAITING):
            self._keep(replace(held, next_at=self._clock.now()))

    async def confirmed(self, kind: TargetKind) -> Sequence[tuple[Target, Revision]]:
        """Every target of a kind that holds a revision, with the confirmed one."""
        targets = sorted((held.target for held in self._of_kind(kind)), key=_service)
        return [
            (target, self._kept.revisions[target.key, target.confirmed_generation])
            for target in targets
            if target.confirmed_generation is not None and not _holds_nothing(target)
        ]

    async def unproven(self, kind: TargetKind) -> Sequence[tuple[Target, Revision]]:
        """Targets of a kind that hold a revision which nobody could prove in time."""
        held = await self.confirmed(kind)
        return [pair for pair in held if pair[1].verdict is Verdict.NOT_PROVEN]

    async def proven(self, target: Target, proof: str) -> None:
        """Keep a proof that came late."""
        held = self._kept.targets[target.rule_id, target.kind]
        if held.target.token == target.token:
            self._keep(replace(held, target=replace(held.target, proof=proof)))

    async def drifted(self, rule_id: str, kind: TargetKind, drift: Drift | None) -> None:
        """Keep (or clear) how a confirmed target differs, without touching its lease."""
        held = self._kept.targets.get((rule_id, kind))
        if held is not None and held.target.confirmed:
            self._keep(replace(held, target=replace(held.target, drift=drift)))

    def _keep(self, held: HeldTarget) -> None:
        self._kept.targets[held.target.rule_id, held.target.kind] = held

    def _of_kind(self, kind: TargetKind) -> list[HeldTarget]:
        return [held for held in self._kept.targets.values() if held.target.kind is kind]

    def _lease(self, holder: str | None) -> Lease | None:
        return None if holder is None else Lease(holder, self._clock.now() + LEASE)

    def _is_due(self, held: HeldTarget) -> bool:
        now = self._clock.now()
        free = held.lease is None or held.lease.until <= now
        return free and held.next_at is not None and held.next_at <= now

    async def _errand(self, target: Target) -> Errand:
        revision = self._kept.revisions[target.key, target.desired_generation]
        operations = FakeOperations(self._kept)
        operation = await operations.of_generation(target.rule_id, target.desired_generation)
        left = self._kept.revisions.get((target.key, target.confirmed_generation or 0))
        return Errand(target, revision, operation, left.intent if left else None)


def _aimed(wanted: Target, kept: Target | None) -> Target:
    fresh = replace(wanted, confirmed_generation=None, digest=None, drift=None)
    return replace(
        fresh if kept is None else kept,
        desired_generation=wanted.desired_generation,
        presence=wanted.presence,
        state=TargetState.PENDING,
        error=None,
        proof=None,
        applied_at=None,
        proven=wanted.proven,
        reverts=wanted.reverts,
        reverted_by=wanted.reverted_by,
        attempts=0,
        token=1 if kept is None else kept.token + 1,
    )


def _holds_nothing(target: Target) -> bool:
    return target.confirmed and target.presence is not Presence.PRESENT


def _service(target: Target) -> tuple[str, str]:
    return target.key.namespace, target.key.service


def _next_at(held: HeldTarget) -> float:
    return 0.0 if held.next_at is None else held.next_at.timestamp()
