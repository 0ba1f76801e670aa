"""How the traffic of a service divides among its versions."""

from collections.abc import Iterable
from dataclasses import dataclass

from crossfade.domain.errors import Fault, refuse
from crossfade.domain.share import WHOLE, percent_text


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of traffic, in hundredths of a percent, by version, in the rule's order."""

    weights: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        refuse(split_faults(self.weights))

    def share_of(self, version: str) -> int:
        """The version's share; 0 where the split does not know it."""
        return dict(self.weights).get(version, 0)


def split_faults(weights: tuple[tuple[str, int], ...]) -> Iterable[Fault]:
    """Every law of splits that these weights break."""
    for position, (_, weight) in enumerate(weights):
        if not 0 <= weight <= WHOLE:
            yield Fault(
                f"/versions/{position}/weight",
                f"expected a weight from 0 to 100, found {percent_text(weight)}",
            )
    if (total := sum(weight for _, weight in weights)) != WHOLE:
        yield Fault("/versions", f"expected weights that sum to 100, found {percent_text(total)}")


def describe_change(before: Split | None, after: Split) -> str:
    """The change in one line: "v1 80% → 50%, v2 20% → 50%"."""
    if before is None:
        return ", ".join(f"{name} {percent_text(weight)}" for name, weight in after.weights)
    names = dict.fromkeys(name for name, _ in before.weights + after.weights)
    moves = (_move(name, before.share_of(name), after.share_of(name)) for name in names)
    return ", ".join(move for move in moves if move) or "the split stays as it is"


def _move(name: str, before: int, after: int) -> str:
    return "" if before == after else f"{name} {percent_text(before)} → {percent_text(after)}"
