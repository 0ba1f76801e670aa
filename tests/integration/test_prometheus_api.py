"""Prometheus' HTTP API where it answers well, badly, too much, or is somebody else."""

import asyncio
import json
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from tests.cluster.certificates import Authority
from tests.cluster.waiting import LOOPBACK

from crossfade.adapters.prometheus.api import PrometheusApi
from crossfade.domain.errors import UnavailableError

pytestmark = pytest.mark.integration

ROW = {"metric": {"version": "v1"}, "value": [12.5, "3"]}
SECRET = "hunter2"


def answer(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """An HTTP answer."""
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{headers}\r\n".encode() + body


def success(**more: object) -> bytes:
    """Prometheus' answer with one row."""
    data = {"resultType": "vector", "result": [ROW]}
    return answer(json.dumps({"status": "success", "data": data, **more}).encode())


@dataclass
class Site:
    """Somebody at an address who says always the same, and what was asked there."""

    says: bytes = field(default_factory=success)
    port: int = 0
    heard: list[tuple[str, str]] = field(default_factory=list)  # head and body of each request

    @property
    def place(self) -> str:
        """Host and port."""
        return f"{LOOPBACK}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
            self.heard.append((head, (await reader.readexactly(length)).decode()))
            writer.write(self.says)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # they went away, as they may
        finally:
            writer.close()


@asynccontextmanager
async def a_site(
    says: bytes | None = None, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Site]:
    """Somebody who answers, until the block ends."""
    site = Site(success() if says is None else says)
    server = await asyncio.start_server(site.serve, LOOPBACK, 0, ssl=tls)
    async with server:
        site.port = server.sockets[0].getsockname()[1]
        yield site


async def ask(api: PrometheusApi) -> object:
    """What it has for a question now."""
    try:
        return await api.now('up{job="a&b"}', at=7.25)
    finally:
        await api.close()


async def refusal(url: str, **options: Path) -> str:
    """Why there is no answer."""
    with pytest.raises(UnavailableError) as found:
        await ask(PrometheusApi(url, **options))
    return str(found.value)


async def test_a_question_goes_in_a_form_below_the_path_of_the_address() -> None:
    async with a_site() as site:
        await ask(PrometheusApi(f"http://{site.place}/prometheus/"))

    ((head, body),) = site.heard
    assert head.startswith("POST /prometheus/api/v1/query HTTP/1.1\r\n")
    assert parse_qs(body) == {"query": ['up{job="a&b"}'], "time": ["7.250"]}
    assert "authorization" not in head.lower()


async def test_a_token_is_read_anew_for_each_question(tmp_path: Path) -> None:
    token = tmp_path / "token"
    async with a_site() as site:
        api = PrometheusApi(f"http://{site.place}", token_file=token)
        for text in ("first\n", "second"):
            token.write_text(text)
            await api.now("up")
        await api.close()

    assert ["Bearer first\r\n" in site.heard[0][0], "Bearer second\r\n" in site.heard[1][0]] == [
        True,
        True,
    ]


async def test_a_token_that_cannot_be_read_is_a_reason(tmp_path: Path) -> None:
    told = await refusal("http://127.0.0.1:1", token_file=tmp_path / "none")

    assert told == (
        f"The token for Prometheus at http://127.0.0.1:1 cannot be read from {tmp_path / 'none'}: "
        "No such file or directory."
    )


async def test_name_and_password_are_sent_and_never_told() -> None:
    async with a_site(answer(b"who?", "401 Unauthorized")) as site:
        url = f"http://ada:{SECRET}@{site.place}"
        told = await refusal(url)

    sent = b64encode(f"ada:{SECRET}".encode()).decode()
    assert f"Basic {sent}" in site.heard[0][0]
    assert told == f"Prometheus at http://{site.place} refuses with 401 Unauthorized: who?."
    assert SECRET not in str(PrometheusApi(url))
    assert SECRET not in PrometheusApi(url).address


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (answer(b'{"status":"error","error":"bad"}', "400 Bad Request"), "400 Bad Request: bad."),
        (answer(b"", "503 Service Unavailable"), "503 Service Unavailable: no reason is given."),
        (answer(b"", "302 Found", "location: http://127.0.0.1:1/\r\n"), "refuses with 302 Found"),
        (answer(b"<html>"), "answered something that is no answer of Prometheus."),
        (success(warnings=["store is gone"]), "answered only in part: store is gone."),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", "does not answer: "),
        (b"", "does not answer: Server disconnected without sending a response."),
        (b"SSH-2.0\r\n", "does not answer: "),
    ],
)
async def test_each_wrong_answer_is_told_with_who_gave_it(says: bytes, reason: str) -> None:
    async with a_site(says) as site:
        told = await refusal(f"http://{site.place}")

    assert told.startswith(f"Prometheus at http://{site.place} ")
    assert reason in told


async def test_nobody_there_is_a_reason() -> None:
    told = await refusal("http://127.0.0.1:1")

    assert told.startswith("Prometheus at http://127.0.0.1:1 does not answer: ")


async def test_an_endless_answer_is_cut_off() -> None:
    async with a_site() as site:
        api = PrometheusApi(f"http://{site.place}", longest_answer=10)
        with pytest.raises(UnavailableError, match="answers with more than 10 bytes"):
            await ask(api)


async def test_a_certificate_is_checked_against_the_authorities_that_are_trusted(
    tmp_path: Path,
) -> None:
    authority = Authority.found(tmp_path)
    shown = authority.server()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(shown.certificate, shown.key)
    async with a_site(tls=tls) as site:
        told = await refusal(f"https://{site.place}")
        found = await ask(PrometheusApi(f"https://{site.place}", ca_file=authority.certificate))

    assert "certificate verify failed" in told
    assert found


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("prometheus:9090", "must begin with http:// or https://"),
        ("ftp://host", "must begin with http:// or https://"),
        ("http://", "must begin with http:// or https://"),
        ("", "must begin with http:// or https://"),
        (f"http://ada:{SECRET}@host:port", "is no URL"),
        ("http://host/?token=1", "must end with its path"),
        ("http://host/#graph", "must end with its path"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_without_showing_it(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as found:
        PrometheusApi(url)

    assert SECRET not in str(found.value)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_used_are_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.crt"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ValueError, match=r"ca\.crt cannot be used"):
        PrometheusApi("https://host", ca_file=path)
