"""Requests picked out by what they carry, whatever the weights say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import re2

from crossfade.domain import cookies
from crossfade.domain.errors import Fault, refuse

LONGEST_VALUE = 1024
MOST_CONDITIONS = 16
LARGEST_PROGRAM = 32_768  # instructions of RE2, as many as istiod lets its proxies run
MOST_COOKIES = 3  # their header is matched in every order, and orders grow as the factorial


class Source(StrEnum):
    """The part of a request that a condition reads."""

    HEADER = "header"
    COOKIE = "cookie"
    PATH = "path"
    QUERY = "query"


class Operator(StrEnum):
    """How a condition compares; a regular expression (RE2) must match the whole value."""

    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "regex"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold of a request. Header names compare without case."""

    source: Source
    operator: Operator
    name: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        refuse([*_name_faults(self), *_value_faults(self)])


@dataclass(frozen=True, slots=True)
class Cohort:
    """Requests of which every condition holds; they all go to one version."""

    name: str
    version: str
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        refuse([*_count_faults(self.conditions), *_repetition_faults(self.conditions)])
        refuse(_cookie_faults(self.conditions))

    def reading(self, source: Source) -> tuple[Condition, ...]:
        """The conditions that read one part of a request."""
        return tuple(one for one in self.conditions if one.source is source)


def cookie_header_pattern(conditions: Iterable[Condition]) -> str | None:
    """The RE2 expression of a Cookie header for which every cookie condition holds."""
    chosen = [one for one in conditions if one.source is Source.COOKIE]
    if not chosen:
        return None
    return cookies.header_pattern([(one.name, _cookie_value(one)) for one in chosen])


def _cookie_value(condition: Condition) -> str:
    match condition.operator:
        case Operator.EXACT:
            return cookies.exactly(condition.value)
        case Operator.PREFIX:
            return cookies.beginning_with(condition.value)
        case Operator.REGEX:
            return cookies.confined(condition.value)
        case Operator.PRESENT:
            return cookies.ANY_VALUE
        case _:
            assert_never(condition.operator)


def _count_faults(conditions: tuple[Condition, ...]) -> Iterable[Fault]:
    if not 1 <= len(conditions) <= MOST_CONDITIONS:
        detail = f"expected 1 to {MOST_CONDITIONS} conditions, found {len(conditions)}"
        yield Fault("/conditions", detail)
    count = sum(condition.source is Source.COOKIE for condition in conditions)
    if count > MOST_COOKIES:
        yield Fault("/conditions", f"expected at most {MOST_COOKIES} cookies, found {count}")


def _repetition_faults(conditions: tuple[Condition, ...]) -> Iterable[Fault]:
    """Meshes take one condition for each header, parameter and path; two would lose one."""
    seen: set[tuple[Source, str]] = set()
    if any(condition.source is Source.COOKIE for condition in conditions):
        seen.add((Source.HEADER, "cookie"))
    for position, condition in enumerate(conditions):
        if (part := _part(condition)) in seen:
            found = f"{condition.source} {condition.name}".rstrip()
            detail = f"expected one condition for each part of a request, found a second: {found}"
            yield Fault(f"/conditions/{position}", detail)
        seen.add(part)


def _part(condition: Condition) -> tuple[Source, str]:
    by_header = condition.source is Source.HEADER
    return condition.source, condition.name.lower() if by_header else condition.name


def _cookie_faults(conditions: tuple[Condition, ...]) -> Iterable[Fault]:
    pattern = cookie_header_pattern(conditions)
    if pattern is not None and _regex_error(pattern) is not None:
        yield Fault("/conditions", "expected expressions for cookies that are smaller together")


_PATH = re.compile(r"/[^?#]*")
_TOKEN_CHARACTERS = frozenset(
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)


def _name_faults(condition: Condition) -> Iterable[Fault]:
    name = condition.name
    if condition.source is Source.PATH:
        if name:
            yield Fault("/name", f"expected no name for a path, found {name!r}")
    elif not name or len(name) > LONGEST_VALUE or not _TOKEN_CHARACTERS.issuperset(name):
        yield Fault("/name", f"expected the name of a {condition.source}, found {name!r}")


def _value_faults(condition: Condition) -> Iterable[Fault]:
    value = condition.value
    if condition.operator is Operator.PRESENT:
        yield from _presence_faults(condition)
    elif not value or len(value) > LONGEST_VALUE or not value.isprintable():
        yield Fault(
            "/value", f"expected 1 to {LONGEST_VALUE} printable characters, found {value!r}"
        )
    elif condition.operator is Operator.REGEX:
        yield from _pattern_faults(condition)
    elif condition.source is Source.COOKIE and ";" in value:
        yield Fault("/value", f"expected a cookie's value, which holds no ';', found {value!r}")
    elif condition.source is Source.PATH and not _PATH.fullmatch(value):
        yield Fault("/value", f"expected a path such as /api, without '?' and '#', found {value!r}")


def _presence_faults(condition: Condition) -> Iterable[Fault]:
    if condition.source is Source.PATH:
        yield Fault("/operator", "expected exact, prefix or regex for a path, found present")
    if condition.value:
        yield Fault("/value", f"expected no value for present, found {condition.value!r}")


def _pattern_faults(condition: Condition) -> Iterable[Fault]:
    if (error := _regex_error(condition.value)) is not None:
        detail = f"expected an RE2 regular expression, found {condition.value!r}: {error}"
        yield Fault("/value", detail)
    elif condition.source is Source.COOKIE:
        try:
            cookies.confined(condition.value)
        except ValueError as unfit:
            yield Fault("/value", str(unfit))


_RE2 = re2.Options()
_RE2.log_errors = False
_RE2.max_mem = 2**20  # enough for the largest program, and quick to say no to a larger one


def _regex_error(pattern: str) -> str | None:
    try:
        size = re2.compile(pattern, _RE2).programsize
    except re2.error as error:
        return bytes(error.args[0]).decode()
    return None if size <= LARGEST_PROGRAM else "pattern too large"
