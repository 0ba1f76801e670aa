"""Shares of traffic: whole hundredths of a percent inside, JSON numbers outside."""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

WHOLE = 10_000
# Refuses to round: 33.33 followed by thirty zeros and a 1 is finer than 0.01.
_EXACT = Context(prec=12, Emax=12, traps=[Inexact, InvalidOperation, Overflow])


def share(percent: Decimal | int | str) -> int:
    """The share of a percentage; ValueError where it is finer than 0.01 or not a number."""
    try:
        hundredths = _EXACT.multiply(Decimal(percent), 100)
        return int(hundredths.to_integral_exact(context=_EXACT))
    except (ArithmeticError, ValueError):
        raise ValueError(f"expected a number with at most two decimals, found {percent}") from None


def percent(hundredths: int) -> int | float:
    """The percentage as a JSON number: 80, 33.33."""
    whole, rest = divmod(hundredths, 100)
    return whole if rest == 0 else hundredths / 100


def percent_text(hundredths: int) -> str:
    """The percentage as people write it: "80%", "33.33%", "0.1%"."""
    return f"{percent(hundredths)}%"
