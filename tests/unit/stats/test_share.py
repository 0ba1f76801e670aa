"""Splits judged by counts, at any time."""

from collections.abc import Callable
from math import exp, inf, isclose
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfade.domain.share import WHOLE
from crossfade.domain.split import Split
from crossfade.stats.share import (
    ALPHA,
    Counts,
    Judgement,
    Shares,
    excludes,
    fits,
    interval,
    judge,
    leaves,
    log_evidence,
)

OLD = Split((("v1", 9_500), ("v2", 500)))
NEW = Split((("v1", 8_000), ("v2", 2_000)))
RUNS, LOOKS, LOOSE = 100, 200, 0.1
MANY = 10_000


@st.composite
def counts(draw: st.DrawFn, most: int = 100_000) -> tuple[int, int]:
    total = draw(st.integers(0, most))
    return draw(st.integers(0, total)), total


shares = st.floats(0.0001, 0.9999)
alphas = st.sampled_from([0.05, 0.01, ALPHA])


@pytest.mark.parametrize(
    ("count", "total", "share", "evidence"),
    [
        (0, 0, 0.3, 1.0),
        (1, 1, 0.5, 1.0),  # 1 / (2 · 1/2)
        (1, 1, 0.25, 2.0),  # 1 / (2 · 1/4)
        (2, 2, 0.1, 1 / 0.03),  # 1 / (3 · 1/100)
        (1, 2, 0.5, 2 / 3),  # 1 / (3 · 2 · 1/4)
        (0, 9, 0.0, 0.1),
        (9, 9, 1.0, 0.1),
    ],
)
def test_evidence_has_its_closed_form(
    count: int, total: int, share: float, evidence: float
) -> None:
    assert exp(log_evidence(count, total, share)) == pytest.approx(evidence)


def test_one_request_rules_out_that_there_are_none() -> None:
    assert log_evidence(1, 1_000, 0.0) == inf
    assert log_evidence(999, 1_000, 1.0) == inf


@given(counts(), shares)
def test_evidence_is_a_fair_game_while_the_share_is_true(
    counted: tuple[int, int], share: float
) -> None:
    count, total = counted
    now = log_evidence(count, total, share)
    hit = log_evidence(count + 1, total + 1, share) - now
    miss = log_evidence(count, total + 1, share) - now

    assert isclose(share * exp(hit) + (1 - share) * exp(miss), 1, rel_tol=1e-6)


@given(counts(), alphas)
def test_an_interval_holds_what_was_observed(counted: tuple[int, int], alpha: float) -> None:
    count, total = counted
    lowest, highest = interval(count, total, alpha)

    assert 0 <= lowest <= highest <= 1
    if total:
        assert lowest <= count / total <= highest


@given(counts(), shares, alphas)
def test_an_interval_holds_just_what_the_evidence_leaves_possible(
    counted: tuple[int, int], share: float, alpha: float
) -> None:
    count, total = counted
    lowest, highest = interval(count, total, alpha)
    strength = exp(min(log_evidence(count, total, share), 700)) * alpha

    if not isclose(strength, 1, rel_tol=1e-6):
        assert (lowest <= share <= highest) == (strength < 1)


@given(counts())
def test_more_certainty_takes_a_wider_interval(counted: tuple[int, int]) -> None:
    narrow, wide = interval(*counted, 0.01), interval(*counted, ALPHA)

    assert wide[0] <= narrow[0]
    assert narrow[1] <= wide[1]


@given(counts(), counts())
def test_counts_either_fit_or_are_excluded(one: tuple[int, int], two: tuple[int, int]) -> None:
    counted = {"v1": one[0], "v2": two[0]}

    assert fits(counted, NEW) is not excludes(counted, NEW)


def _ever(judged: Callable[[Counts], bool], truth: float, random: Random) -> bool:
    """Whether counts are ever judged so, at a look after every request."""
    hits = 0
    for total in range(1, LOOKS + 1):
        hits += random.random() < truth
        if judged({"v1": total - hits, "v2": hits}):
            return True
    return False


def _split(share: int) -> Split:
    return Split((("v1", WHOLE - share), ("v2", share)))


@pytest.mark.parametrize("share", [0, 100, 2_000, 5_000])
def test_looking_after_every_request_does_not_contradict_what_is_obeyed(share: int) -> None:
    random, split = Random(share), _split(share)

    def contradicted(counted: Counts) -> bool:
        return excludes(counted, split, LOOSE)

    wrong = sum(_ever(contradicted, share / WHOLE, random) for _ in range(RUNS))

    assert wrong / RUNS <= LOOSE


@pytest.mark.parametrize(("old", "new"), [(500, 2_000), (0, 5_000), (9_000, 1_000)])
def test_looking_after_every_request_does_not_believe_it_when_half_obey(old: int, new: int) -> None:
    random, half = Random(old), (old + new) / 2 / WHOLE

    def believed(counted: Counts) -> bool:
        return leaves(counted, _split(old), _split(new), LOOSE)

    wrong = sum(_ever(believed, half, random) for _ in range(RUNS))

    assert wrong / RUNS <= LOOSE


def test_a_naive_interval_would_have_been_wrong_more_often() -> None:
    """The simulation can tell: a fixed-sample interval, looked at as often, breaks its promise."""
    random, wrong = Random(1), 0
    for _ in range(RUNS):
        hits = 0
        for total in range(1, LOOKS + 1):
            hits += random.random() < 0.5
            if total >= 30 and abs(hits / total - 0.5) > 1.645 * 0.5 / total**0.5:
                wrong += 1
                break

    assert wrong / RUNS > 0.2


def test_a_change_is_seen_in_the_end() -> None:
    random, hits, total = Random(7), 0, 0
    while not leaves({"v1": total - hits, "v2": hits}, OLD, NEW):
        total += 1
        hits += random.random() < 0.2

    assert judge({"v1": total - hits, "v2": hits}, NEW, OLD).shares is Shares.OBEYED
    assert total < MANY


def test_the_new_split_is_obeyed_when_the_old_one_is_excluded() -> None:
    judgement = judge({"v1": 9_860, "v2": 2_480}, NEW, OLD)

    assert judgement == Judgement(Shares.OBEYED, "12,340 requests: v2 20.1% (18.2\N{EN DASH}22.1%)")


def test_requests_by_the_old_split_contradict_the_new_one() -> None:
    judgement = judge({"v1": 9_500, "v2": 500}, NEW, OLD)

    assert judgement.shares is Shares.CONTRADICTED
    assert judgement.sentence == "10,000 requests: v2 5.0% (3.9\N{EN DASH}6.3%), not v2 20%"


def test_few_requests_leave_it_open() -> None:
    judgement = judge({"v1": 9, "v2": 1}, NEW, OLD)

    assert judgement.shares is Shares.OPEN
    assert judgement.sentence.startswith("10 requests: v2 10.0% (")


def test_no_requests_leave_it_open() -> None:
    assert judge({}, NEW, OLD) == Judgement(Shares.OPEN, "no requests yet")


def test_one_proxy_of_ten_that_obeys_is_not_taken_for_all() -> None:
    half = _split(5_000)

    judgement = judge({"v1": 50, "v2": 950}, half, _split(WHOLE))

    assert judgement.shares is Shares.CONTRADICTED
    assert judge({"v1": 1, "v2": 19}, half, _split(WHOLE)).shares is Shares.OPEN


def test_a_version_without_a_share_that_answers_contradicts_the_split() -> None:
    assert judge({"v1": 80, "v2": 20, "v3": 5}, NEW, OLD).shares is Shares.CONTRADICTED


def test_a_request_that_strays_contradicts_nothing() -> None:
    gone = _split(0)

    judgement = judge({"v1": 2_000, "v2": 2}, gone, NEW)

    assert judgement == Judgement(Shares.OBEYED, "2,002 requests: v2 0.1% (0.0\N{EN DASH}1.1%)")


def test_no_request_at_all_is_what_a_share_of_nothing_means() -> None:
    assert fits({"v1": 10_000_000}, _split(0))
    assert not fits({"v1": 10_000_000}, _split(1))


def test_a_split_that_stays_is_never_proven_by_counts() -> None:
    assert judge({"v1": 80_000, "v2": 20_000}, NEW, NEW).shares is Shares.OPEN


def test_counts_that_fit_the_new_split_leave_the_old_one() -> None:
    assert leaves({"v1": 8_000, "v2": 2_000}, OLD, NEW)
    assert not leaves({"v1": 9_000, "v2": 1_000}, OLD, NEW)


def test_a_lone_version_is_told_itself() -> None:
    alone = Split((("v1", WHOLE),))

    judgement = judge({"v1": 2_000}, alone, NEW)

    assert judgement == Judgement(
        Shares.OBEYED, "2,000 requests: v1 100.0% (99.2\N{EN DASH}100.0%)"
    )


def test_small_shares_are_told_finely() -> None:
    tiny = Split((("v1", 9_990), ("v2", 10)))

    judgement = judge({"v1": 99_900, "v2": 100}, tiny, OLD)

    assert judgement == Judgement(
        Shares.OBEYED, "100,000 requests: v2 0.10% (0.05\N{EN DASH}0.17%)"
    )


def test_three_versions_share_the_error() -> None:
    three = Split((("v1", 7_000), ("v2", 2_000), ("v3", 1_000)))

    judgement = judge({"v1": 7_000, "v2": 2_000, "v3": 1_000}, three, OLD)

    assert judgement.shares is Shares.OBEYED
    assert ", v3 10.0% (" in judgement.sentence
