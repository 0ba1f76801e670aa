"""Shares of traffic and splits: exact, and summing to the whole."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import splits

from crossfade.domain.errors import InvalidRuleError
from crossfade.domain.share import WHOLE, percent, percent_text, share
from crossfade.domain.split import Split, describe_change


@given(st.integers(-WHOLE, WHOLE))
def test_a_share_survives_the_way_out_and_back(hundredths: int) -> None:
    assert share(str(percent(hundredths))) == hundredths
    assert share(Decimal(hundredths) / 100) == hundredths
    assert share(percent_text(hundredths).removesuffix("%")) == hundredths


@pytest.mark.parametrize(
    "number", ["0.001", "33.333", "1e-9", "x", "", "NaN", "sNaN", "Infinity", "1e400", "1e999999"]
)
def test_what_is_no_share_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="at most two decimals"):
        share(number)


def test_a_number_is_refused_however_little_finer_than_a_hundredth_it_is() -> None:
    with pytest.raises(ValueError, match="at most two decimals"):
        share("33.33" + "0" * 40 + "1")


def test_percentages_are_written_as_people_write_them() -> None:
    assert [percent_text(number) for number in (8000, 3333, 10, 1)] == [
        "80%",
        "33.33%",
        "0.1%",
        "0.01%",
    ]
    assert percent(8000) == 80
    assert isinstance(percent(8000), int)


@given(splits())
def test_weights_that_sum_to_the_whole_are_a_split(weights: list[int]) -> None:
    split = Split(tuple((f"v{n}", weight) for n, weight in enumerate(weights)))
    assert sum(split.share_of(name) for name, _ in split.weights) == WHOLE
    assert split.share_of("unknown") == 0


@given(st.lists(st.integers(-WHOLE, 2 * WHOLE), max_size=4).filter(lambda w: sum(w) != WHOLE))
def test_weights_that_do_not_sum_to_the_whole_are_no_split(weights: list[int]) -> None:
    with pytest.raises(InvalidRuleError, match="expected weights that sum to 100"):
        Split(tuple((f"v{n}", weight) for n, weight in enumerate(weights)))


def test_negative_weights_are_refused_even_where_the_sum_is_right() -> None:
    with pytest.raises(InvalidRuleError) as caught:
        Split((("v1", -100), ("v2", WHOLE + 100)))
    assert [fault.pointer for fault in caught.value.faults] == [
        "/versions/0/weight",
        "/versions/1/weight",
    ]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (None, (("v1", 8000), ("v2", 2000)), "v1 80%, v2 20%"),
        ((("v1", 8000), ("v2", 2000)), (("v1", 5000), ("v2", 5000)), "v1 80% → 50%, v2 20% → 50%"),
        ((("v1", 10000),), (("v1", 10000),), "the split stays as it is"),
        ((("v1", 10000),), (("v2", 10000),), "v1 100% → 0%, v2 0% → 100%"),
        (
            (("v1", 8000), ("v2", 1000), ("v3", 1000)),
            (("v1", 7999), ("v2", 1001), ("v3", 1000)),
            "v1 80% → 79.99%, v2 10% → 10.01%",
        ),
    ],
)
def test_a_change_is_told_in_one_line(
    before: tuple[tuple[str, int], ...] | None, after: tuple[tuple[str, int], ...], line: str
) -> None:
    assert describe_change(Split(before) if before else None, Split(after)) == line
