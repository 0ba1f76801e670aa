"""The parts of addresses, as the routes take them."""

from typing import Annotated

from fastapi import Path, Query

LONGEST_ID = 64
LONGEST_WORD = 253
LONGEST_REASON = 500
MOST_A_PAGE = 500
HIGHEST = 2**31 - 2  # one more still fits where the database counts

RuleId = Annotated[str, Path(max_length=LONGEST_ID, description="A rule's id")]
OperationId = Annotated[str, Path(max_length=LONGEST_ID, description="An operation's id")]
Generation = Annotated[int, Path(ge=1, le=HIGHEST)]
Namespace = Annotated[str, Path(max_length=LONGEST_WORD)]
Service = Annotated[str, Path(max_length=LONGEST_WORD)]

Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE)]
Word = Annotated[str | None, Query(max_length=LONGEST_WORD)]
Before = Annotated[int | None, Query(ge=1, le=HIGHEST)]
WhyQuery = Annotated[str | None, Query(alias="reason", max_length=LONGEST_REASON)]
