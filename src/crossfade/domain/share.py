"""Shares of traffic: whole hundredths of a percent inside, JSON numbers outside."""

from decimal import Decimal, InvalidOperation

WHOLE = 10_000


def share(percent: Decimal | int | str) -> int:
    """The share of a percentage; ValueError where it is finer than 0.01 or not a number."""
    try:
        hundredths = Decimal(percent) * 100
    except InvalidOperation:
        raise ValueError(f"expected a number, found {percent!r}") from None
    if not hundredths.is_finite() or hundredths != hundredths.to_integral_value():
        raise ValueError(f"expected at most two decimals, found {percent}")
    return int(hundredths)


def percent(hundredths: int) -> int | float:
    """The percentage as a JSON number: 80, 33.33."""
    whole, rest = divmod(hundredths, 100)
    return whole if rest == 0 else hundredths / 100


def percent_text(hundredths: int) -> str:
    """The percentage as people write it: "80%", "33.33%", "0.1%"."""
    return f"{percent(hundredths)}%"
