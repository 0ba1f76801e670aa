"""The two habits of every document: what is absent is left out, and time is in seconds."""

from typing import overload


def present(**fields: object) -> dict[str, object]:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value is not None}


@overload
def duration(milliseconds: int) -> str: ...
@overload
def duration(milliseconds: None) -> None: ...
def duration(milliseconds: int | None) -> str | None:
    """The time as protobuf's JSON writes it: "2s", "1.500s"."""
    if milliseconds is None:
        return None
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds}.{rest:03}s" if rest else f"{seconds}s"
