"""Calls to the API server that are repeated while it is busy or out of reach."""

import asyncio
import random
from itertools import count

import httpx2
from lightkube.types import PatchType

from crossfade.adapters.kubernetes.outcomes import refusal, retry_after

BUDGET_S = 3.0
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_BUSY = httpx2.codes.TOO_MANY_REQUESTS
_FAILED = frozenset({500, 502, 503, 504})
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

Outcome = httpx2.Response | httpx2.TransportError


class PersistentTransport(httpx2.AsyncBaseTransport):
    """Repeats what is safe to repeat, until it is answered or the budget of time is used up.

    A watch is passed through: who watches knows better from where to begin again.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, *, budget_s: float = BUDGET_S) -> None:
        self._inner = inner
        self._budget_s = budget_s

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The last answer; the error of the last attempt where none came."""
        if "watch" in request.url.params:
            return await self._inner.handle_async_request(request)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._budget_s
        for attempt in count():
            outcome = await self._attempt(request)
            pause_s = pause_before_repeating(request, outcome, attempt)
            if pause_s is None or loop.time() + pause_s > deadline:
                break
            await asyncio.sleep(pause_s)
        return _told(outcome)

    async def aclose(self) -> None:
        """Let go of all connections."""
        await self._inner.aclose()

    async def _attempt(self, request: httpx2.Request) -> Outcome:
        try:
            response = await self._inner.handle_async_request(request)
            await response.aread()  # a body can be cut too
        except httpx2.TransportError as error:
            return error
        return response


def pause_before_repeating(request: httpx2.Request, outcome: Outcome, attempt: int) -> float | None:
    """How long to wait before the next attempt; None where there must be none."""
    if not _worth_repeating(request, outcome):
        return None
    longest_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * float(2**attempt))
    asked_s = 0.0 if isinstance(outcome, Exception) else retry_after(outcome.headers)
    # Whoever was turned away together must not come back together.
    return asked_s * random.uniform(1.0, 1.3) + longest_s * random.uniform(0.5, 1.0)


def _worth_repeating(request: httpx2.Request, outcome: Outcome) -> bool:
    match outcome:
        case httpx2.Response(status_code=code):
            return code == _BUSY or (code in _FAILED and repeatable(request))
        case httpx2.ReadTimeout():
            return False
        case _:
            return isinstance(outcome, _NEVER_SENT) or repeatable(request)


def repeatable(request: httpx2.Request) -> bool:
    """Whether a second time changes nothing that the first did not.

    A patch that names the resourceVersion it was made for is carried out at most once.
    """
    if request.method != "PATCH":
        return request.method == "GET"
    applied = request.headers.get("content-type") == PatchType.APPLY.value
    return applied or b'"resourceVersion"' in request.content


def _told(outcome: Outcome) -> httpx2.Response:
    if isinstance(outcome, Exception):
        raise outcome
    if not outcome.is_success and not refusal(outcome).status:
        # Lightkube would take any JSON for a Status, and trips where no type is given.
        outcome.headers["content-type"] = "text/plain"
    return outcome
