"""A unit of work is kept as a whole or not at all, with its audit entries and its events."""

import asyncio

import pytest
from tests.contract.conftest import Keeper, Wait
from tests.fakes.values import a_rule, an_act

from crossfade.application.work import Event
from crossfade.domain.audit import chain_problems
from crossfade.domain.errors import ConflictError, RuleNotFoundError


async def test_a_work_that_ends_well_is_kept(keeper: Keeper) -> None:
    rule = a_rule()
    async with keeper.work() as work:
        await work.rules.add(rule)
    async with keeper.work() as work:
        assert await work.rules.get(rule.id) == rule


async def test_a_work_that_fails_leaves_nothing(keeper: Keeper) -> None:
    rule = a_rule()

    async def fail() -> None:
        async with keeper.work() as work:
            await work.rules.add(rule)
            work.record(an_act())
            raise ConflictError("changed my mind")

    with pytest.raises(ConflictError):
        await fail()
    async with keeper.work() as work:
        with pytest.raises(RuleNotFoundError):
            await work.rules.get(rule.id)
    assert await keeper.chain.head() is None


async def test_acts_are_chained_in_the_order_in_which_they_were_recorded(keeper: Keeper) -> None:
    for words in (["one", "two"], ["three"]):
        async with keeper.work() as work:
            for word in words:
                work.record(an_act(word))
    links = await keeper.chain.links()
    assert [link.n for link in links] == [1, 2, 3]
    assert [b'"summary":"three"' in link.body for link in links] == [False, False, True]
    assert list(chain_problems(links)) == []
    assert await keeper.chain.head() == links[-1]


async def test_an_empty_chain_has_no_head(keeper: Keeper) -> None:
    assert await keeper.chain.head() is None
    assert list(await keeper.chain.links()) == []


async def test_events_are_told_when_the_work_has_committed(keeper: Keeper) -> None:
    event = Event("rule", "r1", "r1", "live")
    async with keeper.events.subscribe() as events:
        async with keeper.work() as work:
            work.announce(event)
        assert await anext(events) == event


async def test_the_same_words_of_one_work_are_told_once(keeper: Keeper) -> None:
    once, then = Event("rule", "r1", "r1", "live"), Event("operation", "o1", "r1", "effective")
    async with keeper.events.subscribe() as events:
        async with keeper.work() as work:
            for event in (once, once, then):
                work.announce(event)
        assert [await anext(events), await anext(events)] == [once, then]


async def test_a_failed_work_announces_nothing(keeper: Keeper) -> None:
    async def fail() -> None:
        async with keeper.work() as work:
            work.announce(Event("rule", "lost"))
            raise ConflictError("changed my mind")

    async with keeper.events.subscribe() as events:
        with pytest.raises(ConflictError):
            await fail()
        async with keeper.work() as work:
            work.announce(Event("rule", "kept"))
        assert (await anext(events)).id == "kept"


async def test_recorded_acts_are_told_as_the_newest_entry(keeper: Keeper) -> None:
    async with keeper.events.subscribe() as events:
        async with keeper.work() as work:
            work.record(an_act("one"))
            work.record(an_act("two"))
        assert await anext(events) == Event("audit", "2")


async def test_every_subscriber_hears_every_event(keeper: Keeper) -> None:
    async with keeper.events.subscribe() as first, keeper.events.subscribe() as second:
        async with keeper.work() as work:
            work.announce(Event("local", "shop/checkout"))
        assert await anext(first) == await anext(second)


async def test_works_side_by_side_leave_one_chain(keeper: Keeper) -> None:
    async def write(writer: int) -> None:
        async with keeper.work() as work:
            work.record(an_act(f"writer {writer}"))

    await asyncio.gather(*(write(writer) for writer in range(12)))
    links = await keeper.chain.links()
    assert len(links) == 12
    assert list(chain_problems(links)) == []


async def test_a_lease_has_one_holder_who_may_renew_it(keeper: Keeper) -> None:
    async with keeper.work() as work:
        assert await work.leases.take("repository", "a", ttl_s=10)
        assert not await work.leases.take("repository", "b", ttl_s=10)
        assert await work.leases.take("repository", "a", ttl_s=10)
        assert await work.leases.take("mesh", "b", ttl_s=10)


async def test_a_lease_that_ran_out_can_be_taken(keeper: Keeper, wait: Wait) -> None:
    async with keeper.work() as work:
        await work.leases.take("repository", "a", ttl_s=10)
    await wait(11)
    async with keeper.work() as work:
        assert await work.leases.take("repository", "b", ttl_s=10)
        assert not await work.leases.take("repository", "a", ttl_s=10)


async def test_the_holder_of_a_lease_is_known_until_it_runs_out(keeper: Keeper, wait: Wait) -> None:
    async with keeper.work() as work:
        await work.leases.take("repository", "a", ttl_s=10)
    async with keeper.work() as work:
        assert await work.leases.holder("repository") == "a"
        assert await work.leases.holder("mesh") is None
    await wait(11)
    async with keeper.work() as work:
        assert await work.leases.holder("repository") is None


async def test_only_its_holder_gives_a_lease_back(keeper: Keeper) -> None:
    async with keeper.work() as work:
        await work.leases.take("repository", "a", ttl_s=10)
        await work.leases.give_back("repository", "b")
        assert not await work.leases.take("repository", "b", ttl_s=10)
        await work.leases.give_back("repository", "a")
        assert await work.leases.take("repository", "b", ttl_s=10)
