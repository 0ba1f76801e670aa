"""A whole Crossfade in memory: the application's ports, each met by its fake."""

from dataclasses import dataclass, field, replace

from tests.fakes.clock import FakeClock
from tests.fakes.cluster import FakeCluster
from tests.fakes.mesh import FakeMesh
from tests.fakes.metrics import FakeMetrics
from tests.fakes.repository import FakeRepository
from tests.fakes.work import FakeDatabase

from crossfade.application.convergence import converge_git, converge_mesh, pursue
from crossfade.application.deployments import deploy
from crossfade.application.desire import Accepted, Request
from crossfade.application.ports import Installation, Ports
from crossfade.application.rules import create_rule, edit_rule
from crossfade.domain.addresses import LocalService
from crossfade.domain.delivery import Delivery
from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import Operation
from crossfade.domain.revision import Revision, TargetKind
from crossfade.domain.rule import Rule
from crossfade.domain.target import Target

SHOP = ServiceKey("local", "default", "shop")
MOST_PASSES = 20
ALICE = Request(actor="alice")
HOME = Installation(cluster="local", holder="here:1", actor="alice", branch="main", prefix="istio")


def split(**weights: int) -> Intent:
    """An intent for the shop with whole percents by version."""
    versions = tuple(Version(name, weight * 100) for name, weight in weights.items())
    return Intent(SHOP, versions)


@dataclass
class World:
    """What a test stands in: the ports, and the fakes behind them; with a cluster, in that."""

    clock: FakeClock = field(default_factory=FakeClock)
    mesh: FakeMesh = field(default_factory=FakeMesh)
    cluster: FakeCluster | None = None
    delivery: Delivery = Delivery.APPLY

    def __post_init__(self) -> None:
        kind = TargetKind.ENVOY if self.cluster is None else TargetKind.CLUSTER
        self.metrics = FakeMetrics(self.clock.now())
        self.database = FakeDatabase(self.clock)
        self.repository = FakeRepository(clock=self.clock)
        self.ports = Ports(
            installation=replace(HOME, mesh=kind, delivery=self.delivery),
            work=self.database.work,
            chain=self.database.chain,
            repository=self.repository,
            mesh=self.mesh,
            metrics=self.metrics,
            events=self.database.events,
            clock=self.clock,
            cluster=self.cluster,
        )

    async def place(self, *versions: str) -> None:
        """Versions of the shop that listen somewhere, or in a cluster have their pods."""
        if self.cluster is not None:
            for name in versions:
                self.cluster.run(SHOP, name, ready=2)
            return
        listening = tuple((name, ("127.0.0.1:9001",)) for name in versions)
        async with self.ports.work() as work:
            await work.local_services.put(LocalService(SHOP, listening))

    async def draft(self, **weights: int) -> Rule:
        """A new draft for the shop, whose versions listen."""
        await self.place(*weights)
        return await create_rule(self.ports, split(**weights), ALICE)

    async def edit(self, rule: Rule, **weights: int) -> Rule:
        """The draft with another split."""
        return await edit_rule(self.ports, rule.id, lambda _: split(**weights), ALICE)

    async def deploy(self, rule: Rule) -> Operation:
        """The rule deployed, at the mesh and in Git; the operation as it stands then."""
        return await self.finish(await deploy(self.ports, rule.id, ALICE))

    async def finish(self, accepted: Accepted | None) -> Operation:
        """An accepted operation carried as far as it goes."""
        assert accepted is not None
        await pursue(self.ports, accepted)
        await self.settle()
        return await self.operation(accepted.operation.id)

    async def settle(self) -> None:
        """Both loops run until there is nothing due."""
        for _ in range(MOST_PASSES):
            if not await converge_mesh(self.ports) + await converge_git(self.ports):
                return
        raise AssertionError(f"still at work after {MOST_PASSES} passes")

    async def rule(self, rule_id: str) -> Rule:
        """The rule as it is kept now."""
        async with self.ports.work() as work:
            return await work.rules.get(rule_id)

    async def operation(self, operation_id: str) -> Operation:
        """The operation as it is kept now."""
        async with self.ports.work() as work:
            return await work.operations.get(operation_id)

    async def targets(self, rule_id: str) -> tuple[Target, ...]:
        """The rule's targets as they are kept now: Git, then Envoy."""
        async with self.ports.work() as work:
            return await work.targets.of(rule_id)

    async def live(self, rule_id: str) -> Revision:
        """The revision that is desired now."""
        rule = await self.rule(rule_id)
        assert rule.generation is not None
        async with self.ports.work() as work:
            return await work.revisions.get(rule.key, rule.generation)

    def actions(self) -> list[str]:
        """What the audit chain says was done, oldest first."""
        return [act.action for act in self.database.kept.acts]


def a_world_in_a_cluster(delivery: Delivery = Delivery.APPLY) -> World:
    """A world whose versions are pods."""
    return World(mesh=FakeMesh(TargetKind.CLUSTER), cluster=FakeCluster(), delivery=delivery)
