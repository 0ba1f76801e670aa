"""Traffic divides as the weights say, exactly, and no request fails while they change."""

from collections import Counter
from collections.abc import AsyncIterator
from math import exp, lgamma, log
from pathlib import Path

import pytest
from tests.integration.envoy_stack import HOST, SHOP, Stack, picture, running, split, until
from tests.integration.envoy_traffic import Reply, bodies

from crossfade.domain.intent import Intent, Version

pytestmark = pytest.mark.integration

REQUESTS = 20_000
OUTSIDE = 0.0001  # an honest split falls outside of the 99.99% interval once in 10,000 times


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    async with running(tmp_path) as stack:
        yield stack


def chance(successes: int, trials: int, share: float) -> float:
    """The probability of exactly so many successes."""
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return exp(ways + successes * log(share) + (trials - successes) * log(1 - share))


def plausible(successes: int, trials: int, share: float) -> bool:
    """Whether so many successes lie inside the 99.99% interval."""
    at_most = sum(chance(k, trials, share) for k in range(successes + 1))
    at_least = 1 - at_most + chance(successes, trials, share)
    return min(at_most, at_least) >= OUTSIDE / 2


async def ten_more(replies: Counter[Reply]) -> None:
    """Let ten more requests be answered."""
    enough = replies.total() + 10
    await until(lambda: replies.total() >= enough)


def test_the_interval_excludes_a_split_that_is_off_by_a_fifth() -> None:
    assert plausible(4_000, REQUESTS, 0.2)
    assert not plausible(4_800, REQUESTS, 0.2)
    assert not plausible(3_200, REQUESTS, 0.2)


@pytest.mark.parametrize(
    "weights",
    [
        (8_000, 2_000),
        (5_000, 5_000),
        (9_900, 100),
        (9_990, 10),
        (3_333, 3_333, 3_334),
    ],
)
async def test_traffic_divides_as_the_weights_say(stack: Stack, weights: tuple[int, ...]) -> None:
    versions = tuple(Version(f"v{n}", weight) for n, weight in enumerate(weights, 1))
    await stack.deploy(picture(Intent(SHOP, versions), 1))

    counted = bodies(await stack.caller.calls(REQUESTS, HOST))

    assert sum(counted.values()) == REQUESTS
    for version in versions:
        assert plausible(counted.get(version.name, 0), REQUESTS, version.weight / 10_000), counted


async def test_no_request_fails_while_the_weights_change_200_times(stack: Stack) -> None:
    revisions = [split(n, v1=10_000 - n * 37, v2=n * 37) for n in range(1, 202)]
    await stack.deploy(revisions[0])

    async with stack.caller.load(HOST) as replies:
        for revision in revisions[1:]:
            await stack.deploy(revision)
            await ten_more(replies)

    assert set(bodies(replies)) == {"v1", "v2"}
    assert replies.total() >= 2_000


async def test_no_request_fails_while_versions_come_and_go(stack: Stack) -> None:
    alone, together = {"v1": 10_000}, {"v1": 4_000, "v2": 3_000, "v3": 3_000}
    revisions = [split(n, **(alone if n % 2 else together)) for n in range(1, 62)]
    await stack.deploy(revisions[0])

    async with stack.caller.load(HOST) as replies:
        for revision in revisions[1:]:
            await stack.deploy(revision)
            await ten_more(replies)

    assert set(bodies(replies)) == {"v1", "v2", "v3"}


async def test_all_traffic_goes_to_the_only_version_left(stack: Stack) -> None:
    await stack.deploy(split(1, v1=5_000, v2=5_000))
    await stack.deploy(split(2, v1=0, v2=10_000))

    assert bodies(await stack.caller.calls(500, HOST)) == {"v2": 500}
