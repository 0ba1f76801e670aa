"""Whose word it is that the proxies route by a revision."""

from collections.abc import Awaitable, Callable
from typing import Final

from crossfade.domain.errors import UntoldError
from crossfade.domain.revision import Revision

NO_ISTIOD: Final = "no istiod address is set, so nobody tells what the proxies hold"

Proof = Callable[[Revision], Awaitable[str]]  # in words, as soon as it can be given


async def nobody_tells(_: Revision) -> str:
    """No proof: UntoldError."""
    raise UntoldError(NO_ISTIOD)
