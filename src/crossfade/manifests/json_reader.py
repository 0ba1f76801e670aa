"""Reading JSON from outside: every fault is kept with its pointer, none stops the reading."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from crossfade.domain.errors import Fault, InvalidRuleError, below
from crossfade.domain.share import share

_Value = TypeVar("_Value")
_Word = TypeVar("_Word", bound=StrEnum)

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of a JSON document: its value, its pointer, and where its faults go.

    A reader answers None where the value is not what was expected; the fault says so.
    """

    value: object
    pointer: str
    faults: list[Fault]

    def fields(self, *names: str) -> "Fields":
        """The object's fields; an absent one is a null, an unknown one is a fault."""
        mark = len(self.faults)
        if not isinstance(self.value, Mapping):
            self._expected("an object")
            muted: list[Fault] = []
            return Fields(self, mark, {name: Spot(None, "", muted) for name in names})
        for name in self.value:
            if name not in names:
                detail = f"expected one of {', '.join(names)}, found an unknown field"
                self.faults.append(Fault(below(self.pointer, name), detail))
        return Fields(self, mark, {name: self._at(name, self.value.get(name)) for name in names})

    def every(
        self, most: int, read: Callable[["Spot"], _Value | None]
    ) -> tuple[_Value, ...] | None:
        """What `read` finds at each place of a list; None where any of it is at fault."""
        mark = len(self.faults)
        found = [read(item) for item in self._items(most)]
        sound = len(self.faults) == mark
        return tuple(value for value in found if value is not None) if sound else None

    def members(self) -> Iterator[tuple[str, "Spot"]]:
        """The names and places of an object whose names are free."""
        if not isinstance(self.value, Mapping):
            self._expected("an object")
            return
        for name, value in self.value.items():
            yield str(name), self._at(str(name), value)

    def optional(self, read: Callable[["Spot"], _Value | None]) -> _Value | None:
        """What `read` finds here; None where there is nothing to read."""
        return None if self.value is None else read(self)

    def text(self) -> str | None:
        """A string."""
        return self._found(self.value if isinstance(self.value, str) else None, "text")

    def whole(self) -> int | None:
        """A whole number."""
        number = self.value if isinstance(self.value, int) else None
        return self._found(None if isinstance(number, bool) else number, "a whole number")

    def share(self) -> int | None:
        """A percentage, in hundredths of a percent."""
        number = self.value if isinstance(self.value, int | float | Decimal) else None
        if number is None or isinstance(number, bool):
            return self._found(None, "a number")
        try:
            return share(str(number))
        except ValueError as error:
            self.faults.append(Fault(self.pointer, str(error)))
            return None

    def word(self, kind: type[_Word]) -> _Word | None:
        """One of an enumeration's words."""
        known = next((word for word in kind if word == self.value), None)
        return self._found(known, f"one of {', '.join(kind)}")

    def _items(self, most: int) -> list["Spot"]:
        if not isinstance(self.value, list):
            self._expected("a list")
            return []
        if (count := len(self.value)) > most:
            self.faults.append(Fault(self.pointer, f"expected at most {most}, found {count}"))
            return []
        return [self._at(str(position), item) for position, item in enumerate(self.value)]

    def _found(self, value: _Value | None, what: str) -> _Value | None:
        if value is None:
            self._expected(what)
        return value

    def _expected(self, what: str) -> None:
        self.faults.append(Fault(self.pointer, f"expected {what}, found {_named(self.value)}"))

    def _at(self, name: str, value: object) -> "Spot":
        return Spot(value, below(self.pointer, name), self.faults)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one object, from which one value is built."""

    spot: Spot
    mark: int  # how many faults there were before this object was read
    places: Mapping[str, Spot]

    def __getitem__(self, name: str) -> Spot:
        return self.places[name]

    @property
    def sound(self) -> bool:
        """Whether everything that was read here so far was as expected."""
        return len(self.spot.faults) == self.mark

    def afresh(self) -> "Fields":
        """The same fields, as if all were sound so far."""
        return replace(self, mark=len(self.spot.faults))

    def build(self, make: Callable[..., _Value], **parts: object) -> _Value | None:
        """What `make` makes of the parts that are there; None where any part is at fault."""
        if not self.sound:
            return None
        try:
            return make(**{name: part for name, part in parts.items() if part is not None})
        except InvalidRuleError as error:
            self.spot.faults.extend(error.under(self.spot.pointer).faults)
            return None


def _named(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case Mapping():
            return "an object"
        case list():
            return "a list"
        case _:
            shown = repr(value)
            return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
