"""Samples of rules: over the window that was asked for, but never over another split."""

import pytest
from tests.fakes.world import World

from crossfade.application.measuring import measure, measure_many


@pytest.mark.parametrize(("age_s", "window_s"), [(0, 1), (10, 10), (300, 30)])
async def test_the_window_never_reaches_back_before_the_last_deploy(
    age_s: int, window_s: int
) -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)
    await world.deploy(rule)
    world.clock.advance(age_s)

    assert (await measure(world.ports, rule.id, 30)).window_s == window_s


async def test_a_draft_is_looked_at_over_the_whole_window() -> None:
    world = World()
    rule = await world.draft(v1=80, v2=20)

    samples = await measure_many(world.ports, [rule.id, "gone"], 30)

    assert {rule_id: sample.window_s for rule_id, sample in samples.items()} == {rule.id: 30}
