"""Conditions on cookies, as one expression over the header that carries all of them."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import COOKIE_EXPRESSIONS

from crossfade.domain import cookies

texts = st.text(st.characters(exclude_categories=("C", "Zl", "Zp", "Zs")), min_size=1, max_size=8)
values = texts.map(lambda text: text.replace(";", ""))


def matches(wanted: list[tuple[str, str]], header: str) -> bool:
    return re2.fullmatch(cookies.header_pattern(wanted), header) is not None


@pytest.mark.parametrize(
    "header", ["a=1", "b=2; a=1", "a=1; b=2", "x=a=1; a=1;b=2", "b=2;a=1 ; c=3", " a=1"]
)
def test_a_cookie_is_found_wherever_it_stands(header: str) -> None:
    assert matches([("a", cookies.exactly("1"))], header)


@pytest.mark.parametrize("header", ["", "a=12", "aa=1", "b=a=1", "A=1", "a=2; b=1", "a"])
def test_what_only_resembles_the_cookie_is_not_it(header: str) -> None:
    assert not matches([("a", cookies.exactly("1"))], header)


def test_every_cookie_must_be_there_in_any_order() -> None:
    wanted = [("a", "1"), ("b", cookies.ANY_VALUE), ("c", cookies.beginning_with("x"))]
    assert matches(wanted, "c=xyz; a=1; b=")
    assert matches(wanted, "q=0; b=7; c=x; r=0; a=1; s=0")
    assert not matches(wanted, "c=xyz; a=1")
    assert not matches(wanted, "c=y; a=1; b=2")


@given(values, texts)
def test_an_exact_value_is_taken_literally(value: str, other: str) -> None:
    wanted = [("a.b", cookies.exactly(value))]
    assert matches(wanted, f"x=1; a.b={value}; y=2")
    assert matches(wanted, f"a.b={other}") == (value == other or other.startswith(f"{value};"))
    assert not matches(wanted, f"a-b={value}")


@pytest.mark.parametrize("pattern", COOKIE_EXPRESSIONS)
@given(
    value=texts | st.sampled_from(sorted({v for one in COOKIE_EXPRESSIONS.values() for v in one}))
)
def test_a_confined_expression_matches_what_it_did_but_never_a_semicolon(
    pattern: str, value: str
) -> None:
    confined = cookies.confined(pattern)
    matched = re2.fullmatch(confined, value) is not None
    assert matched == (re2.fullmatch(pattern, value) is not None and ";" not in value)


@pytest.mark.parametrize("pattern", COOKIE_EXPRESSIONS)
def test_the_examples_of_an_expression_match_within_a_header(pattern: str) -> None:
    for value in COOKIE_EXPRESSIONS[pattern]:
        assert matches([("a", cookies.confined(pattern))], f"b=1; a={value}; c=2")


@pytest.mark.parametrize("pattern", [".*end", r"\D*x", "[^a]+end", r"\W*end", r"\S*end"])
def test_an_expression_does_not_reach_into_the_next_cookie(pattern: str) -> None:
    assert not matches([("a", cookies.confined(pattern))], "a=1;b=end")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a;b", ";"),
        (r"a\;b", r"\;"),
        ("a^b", "^"),
        ("a$b", "$"),
        ("(^a|b)", "^"),
        (r"\Aa\z", r"\A"),
        (r"\x3b", r"\x"),
        (r"\pP", r"\p"),
        (r"\Qa;\E", r"\Q"),
        ("[;,]", "[;,]"),
        ("[ -~]", "[ -~]"),
        ("[[:punct:]]", "[[:punct:]]"),
        (r"[\W]", r"[\W]"),
        (r"[^\w]", None),
        ("[[:alpha:]]", None),
        (r"[a\]]", None),
        (r"a\.b\\", None),
        ("(?P<n>a)", "(?P<"),
        ("(?<n>a)", "(?<"),
        ("(?:a|b)", None),
    ],
)
def test_what_cannot_be_kept_within_a_cookie_is_refused(pattern: str, found: str | None) -> None:
    if found is None:
        assert re2.fullmatch(cookies.confined(pattern), ";") is None
        return
    with pytest.raises(ValueError, match="within one cookie's value") as caught:
        cookies.confined(pattern)
    assert str(caught.value).endswith(found)


def test_an_empty_expression_stays_empty() -> None:
    assert cookies.confined("^$") == cookies.confined("") == "(?:)"
