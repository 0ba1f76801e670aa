"""istiod's pages over a real connection: what is asked, and what other answers mean."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crossfade.adapters.kubernetes.istiod import IstiodView
from crossfade.adapters.kubernetes.proxies.pages import Pages, client, replicas
from crossfade.domain.errors import UnavailableError

pytestmark = pytest.mark.integration

HOST = "127.0.0.1"
EMPTY = {"/debug/syncz": b"200 OK\n[]", "/debug/mesh": b"200 OK\n{}"}


@dataclass
class Site:
    """A web server with a few pages; a page without a status is cut off, an absent one hangs."""

    pages: Mapping[str, bytes]
    heard: list[str] = field(default_factory=list)  # the heads of all requests
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heard.append(head)
        path = head.split()[1].partition("?")[0]
        if path not in self.pages:
            await reader.read()
        status, _, body = self.pages.get(path, b"").partition(b"\n")
        if status:
            length = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(b"HTTP/1.1 " + status + b"\r\n" + length.encode() + body)
        writer.close()


@asynccontextmanager
async def serving(pages: Mapping[str, bytes]) -> AsyncIterator[Site]:
    """The site, until the block ends."""
    site = Site(pages)
    server = await asyncio.start_server(site.answer, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    site.url = f"http://{HOST}:{port}"
    async with server:
        yield site


async def said(pages: Mapping[str, bytes]) -> tuple[str, Site]:
    """What is wrong with an istiod that has these pages."""
    async with serving(pages) as site:
        with pytest.raises(UnavailableError) as caught:
            await IstiodView([site.url]).health()
    return str(caught.value).replace(site.url, "URL"), site


@pytest.mark.parametrize("status", [b"401 Unauthorized", b"403 Forbidden"])
async def test_a_token_that_is_missing_is_asked_for(status: bytes) -> None:
    words, _ = await said({"/debug/syncz": status + b"\n"})

    assert words.startswith("istiod URL does not let us read /debug/syncz (")
    assert "a token for the audience istio-ca" in words


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (b"500 Internal Server Error\n", "istiod URL answers 500 to /debug/syncz."),
        (b"404 Not Found\n", "istiod URL has no page /debug/syncz."),
        (b"200 OK\n<html>", "istiod URL answers what we cannot read: "),
    ],
)
async def test_what_is_no_page_is_told(page: bytes, words: str) -> None:
    assert (await said({"/debug/syncz": page}))[0].startswith(words)


async def test_a_connection_that_was_cut_is_tried_once_more() -> None:
    words, site = await said({"/debug/syncz": b""})

    assert words == "istiod URL does not answer."
    assert len(site.heard) == 2


async def test_an_istiod_that_hangs_does_not_answer() -> None:
    assert (await said({}))[0] == "istiod URL does not answer."


async def test_a_token_goes_along_and_is_read_anew(tmp_path: Path) -> None:
    token = tmp_path / "token"
    async with serving(EMPTY) as site:
        view = IstiodView([site.url], token=token)
        for text in ("first", "second\n"):
            token.write_text(text)
            await view.health()

    assert "authorization: bearer first\r\n" in site.heard[0].lower()
    assert "authorization: bearer second\r\n" in site.heard[1].lower()


async def test_a_token_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    view = IstiodView(["http://127.0.0.1:1"], token=tmp_path / "none")

    with pytest.raises(UnavailableError, match="The token for istiod cannot be read"):
        await view.health()


async def test_a_proxy_is_asked_for_by_the_whole_of_its_name() -> None:
    async with serving({"/debug/config_dump": b"404 Not Found\n"}) as site, client(None) as http:
        [replica] = await replicas([site.url])

        assert await Pages(http, replica).dump("gw-1.shop") is None

    assert site.heard[0].startswith("GET /debug/config_dump?proxyID=gw-1.shop- HTTP/1.1\r\n")


async def test_a_name_stands_for_all_its_addresses_of_one_family() -> None:
    found = await replicas(["http://localhost:15014", "http://localhost:15014/"])

    assert len({replica.url for replica in found}) == len(found) == 1
    assert found[0].host == "localhost:15014"


async def test_health_counts_istiods_and_proxies() -> None:
    async with serving(EMPTY) as site:
        assert await IstiodView([site.url]).health() == "1 istiod, 0 connected proxies"
