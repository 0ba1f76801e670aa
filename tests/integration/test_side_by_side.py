"""Many at once on one PostgreSQL: nobody is lost, nobody waits in a circle, nothing doubles."""

import asyncio
from dataclasses import replace

import pytest
from tests.conftest import WAITERS, until_it_answers
from tests.fakes.values import a_revision
from tests.fakes.world import ALICE, SHOP, World, split

from crossfade.adapters.db.database import Database
from crossfade.application.convergence import converge_git, converge_mesh, pursue
from crossfade.application.deployments import deploy, roll_back
from crossfade.application.desire import Request
from crossfade.application.ports import Ports
from crossfade.application.rules import create_rule, edit_rule
from crossfade.application.work import HeldRule
from crossfade.domain.addresses import LocalService
from crossfade.domain.audit import chain_problems
from crossfade.domain.errors import ConflictError, StaleEditionError
from crossfade.domain.names import ServiceKey
from crossfade.domain.rule import Rule

pytestmark = pytest.mark.integration

WRITERS = 20


@pytest.fixture
def ports(database: Database) -> Ports:
    """The application's ports with a real database and everything else in memory."""
    world = World().ports
    return replace(world, work=database.work, chain=database.chain, events=database.events)


async def drafted(ports: Ports, key: ServiceKey = SHOP) -> Rule:
    """A draft whose versions listen."""
    async with ports.work() as work:
        listening = tuple((name, ("127.0.0.1:9001",)) for name in ("v1", "v2"))
        await work.local_services.put(LocalService(key, listening))
    return await create_rule(ports, replace(split(v1=80, v2=20), key=key), ALICE)


async def current(ports: Ports, rule: Rule) -> Rule:
    """The rule as it is kept now."""
    async with ports.work() as work:
        return await work.rules.get(rule.id)


async def test_of_edits_made_for_one_edition_one_wins(ports: Ports) -> None:
    rule = await drafted(ports)

    async def edit(canary: int) -> bool:
        intent = split(v1=100 - canary, v2=canary)
        request = Request(actor=f"writer-{canary}", edition=1)
        try:
            await edit_rule(ports, rule.id, lambda _: intent, request)
        except StaleEditionError:
            return False
        return True

    won = await asyncio.gather(*(edit(canary) for canary in range(21, 21 + WRITERS)))
    assert won.count(True) == 1
    kept = await current(ports, rule)
    assert kept.edition == 2
    assert kept.intent.split.share_of("v2") == (21 + won.index(True)) * 100


async def test_one_idempotency_key_makes_one_operation_however_often_it_is_sent(
    ports: Ports,
) -> None:
    rule = await drafted(ports)
    request = Request(actor="alice", idempotency_key="k1")
    accepted = await asyncio.gather(*(deploy(ports, rule.id, request) for _ in range(WRITERS)))
    assert len({one.operation.id for one in accepted}) == 1
    assert sum(one.errand is not None for one in accepted) == 1
    actions = [b'"deploy.requested"' in link.body for link in await ports.chain.links()]
    assert actions.count(True) == 1


async def test_one_service_gets_one_rule_however_many_make_it(ports: Ports) -> None:
    async def make() -> str | None:
        try:
            return (await create_rule(ports, split(v1=80, v2=20), ALICE)).id
        except ConflictError:
            return None

    made = await asyncio.gather(*(make() for _ in range(WRITERS)))
    assert len([rule_id for rule_id in made if rule_id]) == 1


async def test_deploys_rollbacks_and_loops_never_wait_in_a_circle(ports: Ports) -> None:
    keys = [ServiceKey("local", "default", f"service-{n}") for n in range(3)]
    rules = [await drafted(ports, key) for key in keys]

    async def shift(rule: Rule, canary: int) -> None:
        intent = replace(split(v1=100 - canary, v2=canary), key=rule.key)
        await edit_rule(ports, rule.id, lambda _: intent, ALICE)
        await pursue(ports, await deploy(ports, rule.id, ALICE))

    async def go_back(rule: Rule) -> None:
        try:
            await pursue(ports, await roll_back(ports, rule.id, None, ALICE))
        except ConflictError:
            return

    async def converge() -> None:
        for _ in range(4):
            await converge_mesh(ports)
            await converge_git(ports)

    people = [shift(rule, canary) for rule in rules for canary in range(30, 35)]
    await asyncio.gather(*people, *(go_back(rule) for rule in rules), converge(), converge())
    for rule in rules:
        async with ports.work() as work:
            highest = await work.revisions.highest(rule.key)
            assert (await work.rules.get(rule.id)).generation == highest
            assert {t.desired_generation for t in await work.targets.of(rule.id)} == {highest}
            assert len(await work.operations.running(rule.id)) <= 1
    assert list(chain_problems(await ports.chain.links())) == []


async def test_whoever_waited_for_a_rule_sees_what_was_deployed_meanwhile(
    ports: Ports, database_url: str
) -> None:
    rule = await drafted(ports)
    await deploy(ports, rule.id, ALICE)

    async def held() -> HeldRule:
        async with ports.work() as work:
            return await work.rules.hold(rule.id)

    async with ports.work() as work:
        mine = await work.rules.hold(rule.id)
        waiting = asyncio.create_task(held())
        await until_it_answers(database_url, WAITERS, 1)
        picture = replace(a_revision(mine.rule, 2), intent=split(v1=10, v2=90))
        await work.revisions.add(picture)
        await work.rules.save(replace(mine.rule, generation=2))
    theirs = await waiting
    assert mine.rule.generation == 1
    assert theirs.rule.generation == 2
    assert theirs.live == picture
