"""istiod's debug pages, each replica by itself."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from crossfade.adapters.kubernetes.proxies.statuses import Json
from crossfade.domain.errors import UntoldError

WITHIN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Replica:
    """One istiod: where it is, and what it is called in messages."""

    url: str
    host: str  # as it is asked for
    name: str


@asynccontextmanager
async def client(token: Path | None) -> AsyncIterator[httpx.AsyncClient]:
    """A client for istiod's pages, which bears the token in a file, read anew."""
    headers = _credentials(token) if token else {}
    # The pages are plain HTTP; a context of one's own saves loading the system's certificates.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    options: dict[str, Any] = {"verify": context, "timeout": WITHIN_S, "trust_env": False}
    async with httpx.AsyncClient(headers=headers, **options) as opened:
        yield opened


async def replicas(addresses: Iterable[str]) -> list[Replica]:
    """Every istiod behind these addresses: a host name stands for all that it resolves to."""
    found = await asyncio.gather(*(_resolved(address) for address in addresses))
    return list({replica.url: replica for several in found for replica in several}.values())


class Pages:
    """The pages of one istiod. What it does not answer is UntoldError."""

    def __init__(self, http: httpx.AsyncClient, replica: Replica) -> None:
        self.replica = replica
        self._http = http

    async def statuses(self) -> Sequence[Json]:
        """What each connected proxy was sent, and has acknowledged."""
        found: Sequence[Json] = self._read(await self._required("/debug/syncz"))
        return found

    async def mesh(self) -> Json:
        """The settings of the mesh."""
        found: Json = self._read(await self._required("/debug/mesh"))
        return found

    async def dump(self, proxy: str) -> bytes | None:
        """What a proxy is to be sent; None where it is not connected any more."""
        return await self._get("/debug/config_dump", proxy)

    async def scope(self, proxy: str) -> bytes | None:
        """What a proxy may know of the mesh; None where it is not connected any more."""
        return await self._get("/debug/sidecarz", proxy)

    def strange(self, error: Exception) -> UntoldError:
        """The error of an answer that cannot be understood."""
        return UntoldError(f"{self.replica.name} answers what we cannot read: {error!r}.")

    def _read(self, content: bytes) -> Any:  # noqa: ANN401  whoever asked knows the page's shape
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise self.strange(error) from error

    async def _required(self, path: str) -> bytes:
        content = await self._get(path)
        if content is None:
            raise UntoldError(f"{self.replica.name} has no page {path}.")
        return content

    async def _get(self, path: str, proxy: str | None = None) -> bytes | None:
        # The name's end goes along: "gw-1" must not find "gw-10".
        query = {"proxyID": f"{proxy}-"} if proxy else None
        response = await self._asked(f"{self.replica.url}{path}", query)
        match response.status_code:
            case httpx.codes.OK:
                return response.content
            case httpx.codes.NOT_FOUND:
                return None
            case httpx.codes.UNAUTHORIZED | httpx.codes.FORBIDDEN as code:
                raise UntoldError(
                    f"{self.replica.name} does not let us read {path} ({code}): it wants a token "
                    "for the audience istio-ca, of a namespace that may read its debug pages."
                )
            case code:
                raise UntoldError(f"{self.replica.name} answers {code} to {path}.")

    async def _asked(self, url: str, query: dict[str, str] | None) -> httpx.Response:
        """The answer; a connection that was cut is opened once more."""
        headers = {"Host": self.replica.host}
        try:
            try:
                return await self._http.get(url, params=query, headers=headers)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                return await self._http.get(url, params=query, headers=headers)
        except httpx.TransportError as error:
            raise UntoldError(f"{self.replica.name} does not answer.") from error


def _credentials(token: Path) -> dict[str, str]:
    try:
        return {"Authorization": f"Bearer {token.read_text().strip()}"}
    except OSError as error:
        raise UntoldError(f"The token for istiod cannot be read: {error}.") from error


async def _resolved(address: str) -> list[Replica]:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or 80
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UntoldError(f"istiod's address {address} is not known: {error}.") from error
    # A replica with an address of each family would be counted twice.
    family = found[0][0]
    places = sorted({str(place[0]) for kind, _, _, _, place in found if kind == family})
    return [_replica(address, parts.netloc, place, port) for place in places]


def _replica(address: str, netloc: str, place: str, port: int) -> Replica:
    literal = f"[{place}]" if ":" in place else place
    url = f"http://{literal}:{port}"
    name = f"istiod {address}" if url == address.rstrip("/") else f"istiod {address} ({place})"
    return Replica(url, netloc, name)
