"""Proxies that take whatever they are told, for as long as they are connected."""

from crossfade.domain.errors import UnavailableError
from crossfade.domain.revision import Revision


class FakeProxies:
    """Proves every revision at once while it is connected."""

    def __init__(self) -> None:
        self.connected = True
        self.asked: list[int] = []

    async def proof(self, revision: Revision) -> str:
        """That the one proxy routes by the revision."""
        self.asked.append(revision.generation)
        if not self.connected:
            raise UnavailableError("No proxy is connected.")
        return f"1 of 1 proxies acknowledged generation {revision.generation}"
