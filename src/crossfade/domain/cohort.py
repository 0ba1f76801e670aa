"""Requests picked out by what they carry, whatever the weights say."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import re2

from crossfade.domain.errors import Fault, InvalidRuleError

LONGEST_VALUE = 1024
MOST_CONDITIONS = 16


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
        if faults := (*_name_faults(self), *_value_faults(self)):
            raise InvalidRuleError(faults)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Requests of which every condition holds; they all go to one version."""

    name: str
    version: str
    conditions: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.conditions) <= MOST_CONDITIONS:
            detail = f"expected 1 to {MOST_CONDITIONS} conditions, found {len(self.conditions)}"
            raise InvalidRuleError([Fault("/conditions", detail)])


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
        yield from _regex_faults(value)
    elif condition.source is Source.PATH and not value.startswith("/"):
        yield Fault("/value", f"expected a path that begins with '/', found {value!r}")


def _presence_faults(condition: Condition) -> Iterable[Fault]:
    if condition.source is Source.PATH:
        yield Fault("/operator", "expected exact, prefix or regex for a path, found present")
    if condition.value:
        yield Fault("/value", f"expected no value for present, found {condition.value!r}")


def _regex_faults(value: str) -> Iterable[Fault]:
    try:
        re2.compile(value)
    except re2.error as error:
        yield Fault("/value", f"expected an RE2 regular expression, found {value!r}: {error}")
