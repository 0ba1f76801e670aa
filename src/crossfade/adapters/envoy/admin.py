"""Envoy's admin interface, read over its private Unix socket."""

from pathlib import Path

import httpx

from crossfade.domain.errors import UnavailableError

ANSWERS_WITHIN_S = 2.0


class Admin:
    """Reads what Envoy holds and counts. UnavailableError where it does not answer."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def get(self, path: str, query: dict[str, str] | None = None) -> str:
        """The text under a path."""
        # A connection for each question: one that was kept would break when Envoy starts anew.
        transport = httpx.AsyncHTTPTransport(uds=str(self._socket), verify=False)
        async with httpx.AsyncClient(transport=transport, timeout=ANSWERS_WITHIN_S) as client:
            try:
                answer = await client.get(f"http://envoy{path}", params=query)
                answer.raise_for_status()
            except httpx.HTTPError as error:
                raise UnavailableError(f"Envoy's admin does not answer: {error}") from error
            return answer.text
