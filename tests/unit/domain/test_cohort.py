"""Conditions and cohorts that cannot be built in a bad state."""

import pytest

from crossfade.domain.cohort import (
    LONGEST_VALUE,
    Cohort,
    Condition,
    Operator,
    Source,
    cookie_header_pattern,
)
from crossfade.domain.errors import InvalidRuleError

HEADER = Condition(Source.HEADER, Operator.EXACT, "x-tester", "yes")


@pytest.mark.parametrize(
    ("source", "operator", "name", "value", "pointer"),
    [
        (Source.PATH, Operator.EXACT, "a", "/x", "/name"),
        (Source.PATH, Operator.EXACT, "", "x", "/value"),
        (Source.PATH, Operator.PREFIX, "", "x", "/value"),
        (Source.PATH, Operator.PREFIX, "", "/a?b=1", "/value"),
        (Source.PATH, Operator.EXACT, "", "/a#b", "/value"),
        (Source.PATH, Operator.PRESENT, "", "", "/operator"),
        (Source.HEADER, Operator.EXACT, "", "x", "/name"),
        (Source.HEADER, Operator.EXACT, "a b", "x", "/name"),
        (Source.HEADER, Operator.EXACT, ":path", "x", "/name"),
        (Source.QUERY, Operator.EXACT, "a" * (LONGEST_VALUE + 1), "x", "/name"),
        (Source.COOKIE, Operator.EXACT, "a=b", "x", "/name"),
        (Source.COOKIE, Operator.EXACT, "a", "x; b=y", "/value"),
        (Source.COOKIE, Operator.PREFIX, "a", ";", "/value"),
        (Source.COOKIE, Operator.REGEX, "a", "x;y", "/value"),
        (Source.HEADER, Operator.EXACT, "a", "", "/value"),
        (Source.HEADER, Operator.EXACT, "a", "x\r\ny: z", "/value"),
        (Source.HEADER, Operator.EXACT, "a", "x" * (LONGEST_VALUE + 1), "/value"),
        (Source.HEADER, Operator.REGEX, "a", "(", "/value"),
        (Source.HEADER, Operator.REGEX, "a", "(?=a)", "/value"),
        (Source.COOKIE, Operator.REGEX, "a", "(", "/value"),
        (Source.HEADER, Operator.REGEX, "a", "a{1000}" * 33, "/value"),
        (Source.HEADER, Operator.REGEX, "a", "a{1000}" * 100, "/value"),
        (Source.HEADER, Operator.PRESENT, "a", "x", "/value"),
    ],
)
def test_a_condition_that_no_mesh_could_carry_is_refused(
    source: Source, operator: Operator, name: str, value: str, pointer: str
) -> None:
    with pytest.raises(InvalidRuleError) as caught:
        Condition(source, operator, name, value)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_a_bad_expression_says_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidRuleError):
        Condition(Source.HEADER, Operator.REGEX, "a", "[")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("count", [0, 17])
def test_a_cohort_has_some_conditions_but_not_many(count: int) -> None:
    conditions = [Condition(Source.QUERY, Operator.PRESENT, f"q{n}") for n in range(count)]
    with pytest.raises(InvalidRuleError, match="expected 1 to 16 conditions"):
        Cohort("testers", "v2", tuple(conditions))


def test_two_conditions_on_one_header_are_refused_whatever_its_case() -> None:
    other = Condition(Source.HEADER, Operator.PRESENT, "X-Tester")
    with pytest.raises(InvalidRuleError, match="found a second: header X-Tester") as caught:
        Cohort("testers", "v2", (HEADER, other))
    assert [fault.pointer for fault in caught.value.faults] == ["/conditions/1"]


def test_two_paths_are_refused() -> None:
    paths = [Condition(Source.PATH, Operator.PREFIX, value=path) for path in ("/a", "/b")]
    with pytest.raises(InvalidRuleError, match="found a second: path"):
        Cohort("testers", "v2", tuple(paths))


def test_parameters_whose_names_differ_in_case_are_different() -> None:
    names = [Condition(Source.QUERY, Operator.PRESENT, name) for name in ("a", "A")]
    assert len(Cohort("testers", "v2", tuple(names)).conditions) == 2


def test_the_cookie_header_is_read_either_whole_or_by_cookie() -> None:
    whole = Condition(Source.HEADER, Operator.PREFIX, "Cookie", "a=")
    one = Condition(Source.COOKIE, Operator.PRESENT, "a")
    assert Cohort("testers", "v2", (whole,)).conditions == (whole,)
    with pytest.raises(InvalidRuleError, match="found a second: header Cookie"):
        Cohort("testers", "v2", (whole, one))


def test_more_than_three_cookies_are_refused() -> None:
    cookies = [Condition(Source.COOKIE, Operator.PRESENT, name) for name in "abcd"]
    assert Cohort("testers", "v2", tuple(cookies[:3]))
    with pytest.raises(InvalidRuleError, match="expected at most 3 cookies, found 4"):
        Cohort("testers", "v2", tuple(cookies))


def test_cookies_whose_expressions_together_grow_too_large_are_refused() -> None:
    cookies = [Condition(Source.COOKIE, Operator.REGEX, n, "(a{100}b{100}){2}") for n in "abc"]
    assert Cohort("testers", "v2", tuple(cookies))
    large = [Condition(Source.COOKIE, Operator.REGEX, n, "[^x]{900}" * 3) for n in "abc"]
    with pytest.raises(InvalidRuleError, match="smaller together") as caught:
        Cohort("testers", "v2", tuple(large))
    assert [fault.pointer for fault in caught.value.faults] == ["/conditions"]


def test_a_cohort_without_cookies_has_no_pattern() -> None:
    assert cookie_header_pattern((HEADER,)) is None
