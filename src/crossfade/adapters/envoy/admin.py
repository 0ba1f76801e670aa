"""Envoy's admin interface, read over its private Unix socket."""

import json
from dataclasses import dataclass
from pathlib import Path

import httpx

from crossfade.domain.errors import UnavailableError
from crossfade.manifests.canonical import canonical_yaml

ANSWERS_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Routes:
    """A route configuration that Envoy routes by now."""

    version: str
    text: str


class Admin:
    """Reads what Envoy holds and counts. UnavailableError where it does not answer."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def routes(self, name: str) -> Routes | None:
        """The routes that Envoy holds under a name."""
        query = {"resource": "dynamic_route_configs", "name_regex": f"^{name}$"}
        answer = await self.get("/config_dump", query)
        dumped = json.loads(answer).get("configs", [])
        if not dumped:
            return None
        routes = {key: value for key, value in dumped[0]["route_config"].items() if key != "@type"}
        return Routes(dumped[0]["version_info"], canonical_yaml([routes]))

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
