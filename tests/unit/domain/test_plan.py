"""The one decision behind deploy, rollback, repair and removal, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfade.domain.plan import Contested, Erase, Keep, Picture, Plan, Write, Yield, plan
from crossfade.domain.target import Presence

DESIRED = Picture(5, "new")
OURS, THEIRS = "old", "by hand"


@pytest.mark.parametrize(
    ("observed", "forced", "step"),
    [
        (None, False, Write()),
        (Picture(5, "new"), False, Keep()),
        (Picture(4, "new"), False, Write()),  # only the generation lags
        (Picture(4, OURS), False, Write()),
        (Picture(5, OURS), False, Write()),
        (Picture(None, OURS), False, Write()),
        (Picture(None, "new"), False, Write()),
        (Picture(4, THEIRS), False, Contested()),
        (Picture(5, THEIRS), False, Contested()),
        (Picture(None, THEIRS), False, Contested()),
        (Picture(4, THEIRS), True, Write()),
        (Picture(None, THEIRS), True, Write()),
        (Picture(6, THEIRS), False, Yield(6)),
        (Picture(6, "new"), False, Yield(6)),
        (Picture(6, OURS), True, Yield(6)),
        (Picture(1_000_005, OURS), False, Yield(1_000_005)),
        (Picture(1_000_006, OURS), False, Write()),  # a mark that no revision of ours can carry
        (Picture(2**31 - 2, THEIRS), False, Contested()),
        (Picture(2**40, THEIRS), True, Write()),
    ],
)
def test_what_must_be_present(observed: Picture | None, step: Plan, *, forced: bool) -> None:
    assert plan(DESIRED, observed, confirmed=OURS, forced=forced) == step


@pytest.mark.parametrize("presence", [Presence.ABSENT, Presence.RELEASED])
@pytest.mark.parametrize(
    ("observed", "forced", "step"),
    [
        (None, False, Keep()),
        (None, True, Keep()),
        (Picture(5, "new"), False, Erase()),
        (Picture(4, OURS), False, Erase()),
        (Picture(4, THEIRS), False, Contested()),
        (Picture(4, THEIRS), True, Erase()),
        (Picture(6, OURS), True, Yield(6)),
    ],
)
def test_what_must_go(
    observed: Picture | None, step: Plan, presence: Presence, *, forced: bool
) -> None:
    assert plan(DESIRED, observed, presence=presence, confirmed=OURS, forced=forced) == step


def test_what_nobody_confirmed_is_somebody_elses() -> None:
    assert plan(DESIRED, Picture(4, OURS)) == Contested()


def test_without_a_generation_of_its_own_a_picture_yields_to_none() -> None:
    assert plan(Picture(None, "new"), Picture(9, "new")) == Write()


pictures = st.builds(Picture, st.none() | st.integers(1, 5), st.sampled_from(("a", "b", "c")))


@given(
    pictures,
    st.none() | pictures,
    st.sampled_from(Presence),
    st.sampled_from(("a", None)),
    st.booleans(),
)
def test_once_the_step_is_taken_nothing_is_left_to_do(
    desired: Picture,
    observed: Picture | None,
    presence: Presence,
    confirmed: str | None,
    forced: bool,  # noqa: FBT001 - drawn
) -> None:
    match plan(desired, observed, presence=presence, confirmed=confirmed, forced=forced):
        case Write():
            after: Picture | None = desired
        case Erase():
            after = None
        case _:
            return
    assert plan(desired, after, presence=presence, confirmed=desired.digest) == Keep()


@given(pictures, pictures, st.sampled_from(Presence), st.booleans())
def test_a_higher_generation_is_never_overwritten(
    desired: Picture,
    observed: Picture,
    presence: Presence,
    forced: bool,  # noqa: FBT001 - drawn
) -> None:
    step = plan(desired, observed, presence=presence, confirmed=observed.digest, forced=forced)
    outrun = (observed.generation or 0) > (desired.generation or 9)
    assert (step == Yield(observed.generation or 0)) == outrun


def test_what_was_let_go_of_stays_as_others_have_it() -> None:
    for observed in (Picture(None, "new"), Picture(None, THEIRS)):
        assert plan(DESIRED, observed, presence=Presence.RELEASED) == Keep()
