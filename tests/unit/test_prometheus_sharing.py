"""Who wants to know the same at the same time shares one round of questions."""

import asyncio

import pytest

from crossfade.adapters.prometheus.pulse import Silence
from crossfade.adapters.prometheus.sharing import Found, SharedReadings, Wish
from crossfade.domain.names import ServiceKey

SHOP: Wish = (ServiceKey("cluster", "default", "shop"), 30)
CART: Wish = (ServiceKey("cluster", "default", "cart"), 30)


class Answering:
    """Answers each round with its number, as soon as it may."""

    def __init__(self) -> None:
        self.rounds: list[frozenset[Wish]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def ask(self, wishes: frozenset[Wish]) -> Found:
        """The answer to one round."""
        self.rounds.append(wishes)
        answer = Silence(str(len(self.rounds)))
        await self.free.wait()
        return dict.fromkeys(wishes, answer)


async def test_those_who_ask_together_share_a_round() -> None:
    answering = Answering()
    shared = SharedReadings(answering.ask)

    found = await asyncio.gather(*(shared.get([SHOP]) for _ in range(10)))

    assert answering.rounds == [{SHOP}]
    assert found == [{SHOP: Silence("1")}] * 10


async def test_what_is_fresh_is_not_asked_again() -> None:
    answering = Answering()
    shared = SharedReadings(answering.ask, fresh_s=60)

    await shared.get([SHOP])
    found = await shared.get([SHOP])

    assert found == {SHOP: Silence("1")}
    assert len(answering.rounds) == 1


async def test_what_is_stale_is_asked_again_and_what_others_want_with_it() -> None:
    answering = Answering()
    shared = SharedReadings(answering.ask, fresh_s=0)

    await shared.get([CART])
    found = await shared.get([SHOP])

    assert answering.rounds == [{CART}, {SHOP, CART}]
    assert found == {SHOP: Silence("2")}


async def test_what_nobody_wants_any_more_is_forgotten() -> None:
    answering = Answering()
    shared = SharedReadings(answering.ask, fresh_s=0, wanted_s=0)

    await shared.get([CART])
    moment = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() <= moment:  # noqa: ASYNC110  a clock sets no event
        await asyncio.sleep(0)
    await shared.get([SHOP])

    assert answering.rounds == [{CART}, {SHOP}]


async def test_something_new_does_not_wait_for_what_is_under_way() -> None:
    answering = Answering()
    shared = SharedReadings(answering.ask)
    answering.free.clear()
    slow = asyncio.create_task(shared.get([CART]))
    await asyncio.sleep(0)
    other = asyncio.create_task(shared.get([SHOP, CART]))
    await asyncio.sleep(0)
    answering.free.set()

    assert await slow == {CART: Silence("1")}
    assert await other == {SHOP: Silence("2"), CART: Silence("1")}
    assert answering.rounds == [{CART}, {SHOP}]


async def test_a_caller_who_gives_up_leaves_the_others_their_answer() -> None:
    answering = Answering()
    shared = SharedReadings(answering.ask)
    answering.free.clear()
    hasty, patient = (asyncio.create_task(shared.get([SHOP])) for _ in range(2))
    await asyncio.sleep(0)
    hasty.cancel()
    await asyncio.sleep(0)
    answering.free.set()

    assert await patient == {SHOP: Silence("1")}
    assert hasty.cancelled()


async def test_closing_gives_up_what_is_under_way() -> None:
    answering = Answering()
    shared = SharedReadings(answering.ask)
    answering.free.clear()
    asking = asyncio.create_task(shared.get([SHOP]))
    await asyncio.sleep(0)

    await shared.close()

    with pytest.raises(asyncio.CancelledError):
        await asking
