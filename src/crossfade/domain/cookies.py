"""Conditions on cookies as one regular expression (RE2) over the Cookie header.

Proxies see all cookies of a request in one line, so the expression for one cookie's value must
be kept from running past the ';' that ends it. RE2 has no look-around: each part that could
match a ';' is narrowed, and what cannot be narrowed is refused.
"""

import re
from collections.abc import Sequence
from itertools import permutations
from typing import Final

import re2

ANY_VALUE: Final = "[^;]*"
_END: Final = ";"
_TOKEN: Final = re.compile(
    r"\\(?P<escape>.)"
    r"|\[(?P<negated>\^?)(?P<members>\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*)\]"
    r"|(?P<named>\(\?P?<)"
    r"|(?P<plain>.)",
    re.DOTALL,
)
_NARROWED_ESCAPES: Final = {"D": "[^0-9;]", "W": "[^0-9A-Za-z_;]", "S": r"[^\s;]"}
_KEPT_ESCAPES: Final = frozenset("dwsbB")


def exactly(value: str) -> str:
    """The expression of one value."""
    return re.escape(value)


def beginning_with(prefix: str) -> str:
    """The expression of every value with this beginning."""
    return re.escape(prefix) + ANY_VALUE


def confined(pattern: str) -> str:
    """The same expression, unable to leave its cookie; ValueError where that cannot be had."""
    tokens = list(_TOKEN.finditer(pattern))
    # The whole value must match, so these two say nothing there; inside a header they would.
    if tokens and tokens[0].group() == "^":
        tokens = tokens[1:]
    if tokens and tokens[-1].group() == "$":
        tokens = tokens[:-1]
    return f"(?:{''.join(_confined_token(token) for token in tokens)})"


def header_pattern(cookies: Sequence[tuple[str, str]]) -> str:
    """The expression of a Cookie header that holds all of these, in any order.

    A cookie is its name and the expression of its value.
    """
    pieces = [f"{re.escape(name)}={value}" for name, value in cookies]
    orders = [r"\s*;(?:.*;)?\s*".join(order) for order in permutations(pieces)]
    together = orders[0] if len(orders) == 1 else f"(?:{'|'.join(orders)})"
    return rf"(?:.*;)?\s*{together}\s*(?:;.*)?"


def _confined_token(token: re.Match[str]) -> str:
    match token.lastgroup:
        case "escape":
            return _confined_escape(token["escape"])
        case "members":
            return _confined_class(token.group(), token["negated"], token["members"])
        case "plain" if token.group() == ".":
            return "[^;]"
        case "plain" if token.group() not in (_END, "^", "$"):
            return token.group()
        case _:
            raise _unfit(token.group())


def _confined_escape(character: str) -> str:
    if character in _NARROWED_ESCAPES:
        return _NARROWED_ESCAPES[character]
    punctuation = character.isascii() and not character.isalnum() and character != _END
    if character in _KEPT_ESCAPES or punctuation:
        return "\\" + character
    raise _unfit("\\" + character)


def _confined_class(text: str, negated: str, members: str) -> str:
    if re2.fullmatch(text, _END) is None:
        return text
    if not negated:
        raise _unfit(text)
    # Behind the ';' a leading ']' would end the class and a leading '-' would make a range.
    guard = "\\" if members[0] in "]-" else ""
    return f"[^;{guard}{members}]"


def _unfit(found: str) -> ValueError:
    return ValueError(f"expected an expression within one cookie's value, found {found}")
