"""The headers under which a request is meant: If-Match, If-None-Match, Idempotency-Key, Prefer."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header

from crossfade.entrypoints.api.refusals import IfMatchMissingError, InvalidParameterError

DEFAULT_WAIT_S = 5.0
LONGEST_WAIT_S = 30.0

_EDITION = re.compile(r'"(\d{1,9})"')
_WAIT = re.compile(r"\s*wait\s*=\s*\"?(\d{1,6})\"?\s*", re.IGNORECASE)

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='The edition that was seen: "3"; * for any'),
]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="The same key is answered by the same operation",
    ),
]
Prefer = Annotated[
    str | None,
    Header(description="wait=N: seconds to wait for the end (default 5, at most 30)"),
]


@dataclass(frozen=True, slots=True)
class ActTerms:
    """How an act is meant: under which idempotency key, and how long its answer may wait."""

    idempotency_key: str | None
    prefer: str | None


async def _act_terms(idempotency_key: IdempotencyKey = None, prefer: Prefer = None) -> ActTerms:
    return ActTerms(idempotency_key, prefer)


Terms = Annotated[ActTerms, Depends(_act_terms)]


def edition_of(if_match: str | None) -> int | None:
    """The edition that a write was made for; None where any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    if (found := _EDITION.fullmatch(if_match.strip())) is None:
        expected = f'expected one edition such as "3", or *, found {if_match}'
        raise InvalidParameterError({"If-Match": expected})
    return int(found[1])


def needed_edition_of(if_match: str | None) -> int | None:
    """The edition of a write that must name one, or say that any will do."""
    if if_match is None:
        raise IfMatchMissingError(
            'Send the edition that you have seen as If-Match: "<edition>", or * for any.'
        )
    return edition_of(if_match)


def wait_of(prefer: str | None) -> float:
    """How many seconds an answer may wait for the operation's end."""
    for part in (prefer or "").split(","):
        if found := _WAIT.fullmatch(part):
            return min(float(found[1]), LONGEST_WAIT_S)
    return DEFAULT_WAIT_S


def matches(if_none_match: str | None, tag: str) -> bool:
    """Whether the caller already holds what carries this tag."""
    if if_none_match is None:
        return False
    known = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in known or tag in known
