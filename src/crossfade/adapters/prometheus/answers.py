"""Prometheus' answers as values."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Labels = dict[str, str]
Point = tuple[float, float]  # Unix time, value; numbers may be NaN or infinite

LONGEST_WORDS: Final = 300


class UnusableError(ValueError):
    """An answer that says nothing: why, as the end of a sentence about who gave it."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Row(_Frozen):
    """One series at one moment."""

    labels: Labels = Field(alias="metric")
    point: Point = Field(alias="value")


class Line(_Frozen):
    """One series over time."""

    labels: Labels = Field(alias="metric")
    points: tuple[Point, ...] = Field(alias="values")


class _Vector(_Frozen):
    kind: Literal["vector"] = Field(alias="resultType")
    result: tuple[Row, ...]


class _Matrix(_Frozen):
    kind: Literal["matrix"] = Field(alias="resultType")
    result: tuple[Line, ...]


class _Success(_Frozen):
    status: Literal["success"]
    data: Annotated[_Vector | _Matrix, Field(discriminator="kind")]
    warnings: tuple[str, ...] = ()


class _Failure(_Frozen):
    status: Literal["error"]
    error: str


_ANSWER: Final[TypeAdapter[_Success | _Failure]] = TypeAdapter(
    Annotated[_Success | _Failure, Field(discriminator="status")]
)


def rows(body: bytes) -> tuple[Row, ...]:
    """The rows of an answer about one moment; UnusableError where it has none."""
    match _data(body):
        case _Vector() as vector:
            return vector.result
        case _:
            raise UnusableError("answered about a span of time, not about a moment")


def lines(body: bytes) -> tuple[Line, ...]:
    """The lines of an answer about a span of time; UnusableError likewise."""
    match _data(body):
        case _Matrix() as matrix:
            return matrix.result
        case _:
            raise UnusableError("answered about a moment, not about a span of time")


def refusal(body: bytes) -> str:
    """Why it refused, in its own words, or the beginning of what it said."""
    try:
        match _ANSWER.validate_json(body):
            case _Failure(error=error):
                return _short(error)
            case _:
                return "no reason is given"
    except ValidationError:
        return _short(body.decode(errors="replace")) or "no reason is given"


def _data(body: bytes) -> _Vector | _Matrix:
    try:
        answer = _ANSWER.validate_json(body)
    except ValidationError:
        raise UnusableError("answered something that is no answer of Prometheus") from None
    if isinstance(answer, _Failure):
        raise UnusableError(f"refused the question: {_short(answer.error)}")
    if answer.warnings:  # a part of the numbers is missing, and nobody knows which
        raise UnusableError(f"answered only in part: {_short(answer.warnings[0])}")
    return answer.data


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_WORDS else f"{line[:LONGEST_WORDS]}…"
