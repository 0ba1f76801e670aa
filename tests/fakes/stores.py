"""The stores of the in-memory database, but for its targets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.fakes.clock import FakeClock
from tests.fakes.kept import HeldTarget, Kept, Lease

from crossfade.application.work import HeldRule
from crossfade.domain.addresses import LocalService
from crossfade.domain.errors import (
    ConflictError,
    KeyReusedError,
    OperationNotFoundError,
    RevisionNotFoundError,
    RuleExistsError,
    RuleNotFoundError,
)
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation
from crossfade.domain.revision import Revision, Verdict
from crossfade.domain.rule import Rule

PROVEN = (Verdict.EFFECTIVE, Verdict.NOT_PROVEN)


class FakeRules:
    """The drafts, one a service."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def get(self, rule_id: str, *, lock: bool = False) -> Rule:
        """The rule; works run one at a time here, so every row is locked."""
        if rule_id not in self._kept.rules:
            raise RuleNotFoundError(f"There is no rule {rule_id}.")
        return self._kept.rules[rule_id]

    async def hold(self, rule_id: str) -> HeldRule:
        """The rule, with what is deployed of it and its local service."""
        rule = await self.get(rule_id)
        live = None if rule.generation is None else self._kept.revisions[rule.key, rule.generation]
        return HeldRule(rule, live, self._kept.local_services.get(rule.key))

    async def find(self, key: ServiceKey) -> Rule | None:
        """The rule of a service."""
        return next((rule for rule in self._kept.rules.values() if rule.key == key), None)

    async def add(self, rule: Rule) -> None:
        """Keep a new rule."""
        if (present := await self.find(rule.key)) is not None:
            detail = f"{rule.key} already has a rule ({present.id})."
            raise RuleExistsError(detail, present.id)
        self._kept.rules[rule.id] = rule

    async def save(self, rule: Rule) -> None:
        """Keep the rule as it is now."""
        await self.get(rule.id)
        self._kept.rules[rule.id] = rule

    async def delete(self, rule_id: str) -> None:
        """Forget the rule and its targets."""
        self._kept.rules.pop(rule_id, None)
        for place in [place for place in self._kept.targets if place[0] == rule_id]:
            del self._kept.targets[place]


class FakeRevisions:
    """Every picture that was deployed."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def add(self, revision: Revision) -> None:
        """Keep a new picture."""
        place = revision.key, revision.generation
        if place in self._kept.revisions:
            raise ConflictError(f"{revision.key} already has a revision {revision.generation}.")
        self._kept.revisions[place] = revision

    async def get(self, key: ServiceKey, generation: int) -> Revision:
        """The picture."""
        if (key, generation) not in self._kept.revisions:
            raise RevisionNotFoundError(f"{key} has no revision {generation}.")
        return self._kept.revisions[key, generation]

    async def highest(self, key: ServiceKey) -> int:
        """The highest generation ever given to this service; 0 at first."""
        return max((place[1] for place in self._kept.revisions if place[0] == key), default=0)

    async def before(self, key: ServiceKey, generation: int) -> Sequence[Revision]:
        """Proven pictures below a generation, newest first."""
        found = [
            revision
            for revision in self._kept.revisions.values()
            if revision.key == key
            and revision.generation < generation
            and revision.verdict in PROVEN
        ]
        return sorted(found, key=lambda revision: revision.generation, reverse=True)

    async def judge(self, key: ServiceKey, generation: int, verdict: Verdict) -> None:
        """Keep what became of the picture."""
        self._kept.revisions[key, generation] = replace(
            await self.get(key, generation), verdict=verdict
        )

    async def committed(self, key: ServiceKey, generation: int, commit: str) -> None:
        """Keep the commit that carries the picture."""
        self._kept.revisions[key, generation] = replace(
            await self.get(key, generation), commit=commit
        )


class FakeOperations:
    """The record of acts, in the order in which they were added."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def add(self, operation: Operation, revision: Revision | None = None) -> None:
        """Keep a new operation, with the picture that it is to make true where that is new."""
        key = operation.idempotency_key
        if key is not None and await self.by_key(key) is not None:
            raise KeyReusedError(f"The idempotency key {key!r} belongs to another act.")
        if revision is not None:
            await FakeRevisions(self._kept).add(revision)
        self._kept.operations[operation.id] = operation

    async def get(self, operation_id: str) -> Operation:
        """The operation."""
        if operation_id not in self._kept.operations:
            raise OperationNotFoundError(f"There is no operation {operation_id}.")
        return self._kept.operations[operation_id]

    async def save(self, operation: Operation) -> None:
        """Keep the operation as it is now."""
        await self.get(operation.id)
        self._kept.operations[operation.id] = operation

    async def by_key(self, idempotency_key: str) -> Operation | None:
        """The operation that was made under an idempotency key."""
        kept = self._kept.operations.values()
        return next((one for one in kept if one.idempotency_key == idempotency_key), None)

    async def newest(self, rule_id: str) -> Operation | None:
        """The rule's newest operation."""
        return next(reversed(self._of(rule_id)), None)

    async def running(self, rule_id: str) -> Sequence[Operation]:
        """The rule's operations that have not ended, oldest first."""
        return [operation for operation in self._of(rule_id) if operation.running]

    async def of_generation(self, rule_id: str, generation: int) -> Operation | None:
        """The newest operation that made, or repairs, this generation."""
        found = [one for one in self._of(rule_id) if one.generation == generation]
        return next(reversed(found), None)

    def _of(self, rule_id: str) -> list[Operation]:
        return [one for one in self._kept.operations.values() if one.rule_id == rule_id]


class FakeLocalServices:
    """Addresses on this machine, by service."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    async def get(self, key: ServiceKey) -> LocalService | None:
        """The service's addresses."""
        return self._kept.local_services.get(key)

    async def all(self) -> Sequence[LocalService]:
        """Every local service, by name."""
        return [service for _, service in sorted(self._kept.local_services.items())]

    async def put(self, service: LocalService) -> None:
        """Keep the service's addresses."""
        self._kept.local_services[service.key] = service

    async def delete(self, key: ServiceKey) -> None:
        """Forget the service."""
        self._kept.local_services.pop(key, None)


class FakeLeases:
    """Who owns what only one process may own."""

    def __init__(self, kept: Kept, clock: FakeClock) -> None:
        self._kept = kept
        self._clock = clock

    async def take(self, name: str, holder: str, ttl_s: float) -> bool:
        """Take, or renew, the lease."""
        now, held = self._clock.now(), self._kept.leases.get(name)
        if held is not None and held.holder != holder and held.until > now:
            return False
        self._kept.leases[name] = Lease(holder, now + timedelta(seconds=ttl_s))
        return True

    async def give_back(self, name: str, holder: str) -> None:
        """Let go of the lease, if it is held."""
        held = self._kept.leases.get(name)
        if held is not None and held.holder == holder:
            del self._kept.leases[name]

    async def holder(self, name: str) -> str | None:
        """Who holds the lease now."""
        held = self._kept.leases.get(name)
        return held.holder if held and held.until > self._clock.now() else None

    async def forget_all(self) -> None:
        """Every lease, of targets too, is void."""
        self._kept.leases.clear()
        for place, held in self._kept.targets.items():
            if held.lease is not None:
                freed = replace(held.target, token=held.target.token + 1)
                self._kept.targets[place] = HeldTarget(freed, None, held.next_at)
