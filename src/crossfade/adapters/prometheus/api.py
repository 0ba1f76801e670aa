"""Prometheus' HTTP API: questions in PromQL, answers as values, failures in words."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final, TypeVar

import httpx

from crossfade.adapters.prometheus.answers import Line, Row, UnusableError, lines, refusal, rows
from crossfade.domain.errors import UnavailableError

ANSWERS_WITHIN_S: Final = 3.0
LONGEST_ANSWER: Final = 64 * 2**20

_Answer = TypeVar("_Answer")


class PrometheusApi:
    """Asks one Prometheus. UnavailableError where it does not answer in 3 s, or not in full.

    ValueError for an address or a file that cannot be used. Name and password of the address are
    never shown. The token is read from its file for each question, for it changes now and then.
    """

    def __init__(
        self,
        url: str,
        *,
        token_file: Path | None = None,
        ca_file: Path | None = None,
        longest_answer: int = LONGEST_ANSWER,
    ) -> None:
        address = _address(url)
        self._base = address.copy_with(username=None, password=None, path=address.path.rstrip("/"))
        self._token_file = token_file
        self._longest_answer = longest_answer
        self._client = httpx.AsyncClient(
            auth=(address.username, address.password) if address.userinfo else None,
            verify=_trusted(ca_file),
            timeout=None,  # each question is bounded as a whole
            # A connection for each question: one that was kept breaks when Prometheus restarts.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @property
    def address(self) -> str:
        """Where it is asked, without any secret."""
        return str(self._base)

    def __str__(self) -> str:
        return f"Prometheus at {self._base}"

    async def now(self, question: str, at: float | None = None) -> tuple[Row, ...]:
        """What an expression is at a moment, by default the present one of its own clock."""
        moment = {} if at is None else {"time": f"{at:.3f}"}
        return self._read(rows, await self._ask("query", {"query": question, **moment}))

    async def over(
        self, question: str, *, until: float, span_s: int, step_s: int
    ) -> tuple[Line, ...]:
        """What an expression was in the time before a moment."""
        span = {"start": f"{until - span_s:.3f}", "end": f"{until:.3f}", "step": str(step_s)}
        return self._read(lines, await self._ask("query_range", {"query": question, **span}))

    async def close(self) -> None:
        """Let go of it."""
        await self._client.aclose()

    def _read(self, read: Callable[[bytes], _Answer], body: bytes) -> _Answer:
        try:
            return read(body)
        except UnusableError as error:
            raise UnavailableError(f"{self} {error}.") from error

    async def _ask(self, path: str, form: Mapping[str, str]) -> bytes:
        url, headers = f"{self._base}/api/v1/{path}", self._headers()
        question = self._client.stream("POST", url, data=form, headers=headers)
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S), question as answer:
                body = await self._body(answer)
        except TimeoutError:
            told = f"{self} does not answer within {ANSWERS_WITHIN_S:.0f} s."
            raise UnavailableError(told) from None
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise UnavailableError(f"{self} does not answer: {reason}.") from error
        if answer.status_code != HTTPStatus.OK:
            status = f"{answer.status_code} {answer.reason_phrase}".strip()
            raise UnavailableError(f"{self} refuses with {status}: {refusal(body)}.")
        return body

    async def _body(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > self._longest_answer:
                told = f"{self} answers with more than {self._longest_answer} bytes."
                raise UnavailableError(told)
        return bytes(body)

    def _headers(self) -> Mapping[str, str]:
        if self._token_file is None:
            return {}
        try:
            return {"Authorization": f"Bearer {self._token_file.read_text().strip()}"}
        except (OSError, ValueError) as error:
            told = f"The token for {self} cannot be read from {self._token_file}"
            reason = getattr(error, "strerror", None) or "it is not text"
            raise UnavailableError(f"{told}: {reason}.") from error


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        raise ValueError("The address of Prometheus is no URL.") from None
    if address.scheme not in {"http", "https"} or not address.host:
        raise ValueError(
            "The address of Prometheus must begin with http:// or https:// and a host."
        )
    if address.query or address.fragment:
        raise ValueError("The address of Prometheus must end with its path.")
    return address


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or error
        raise ValueError(f"The certificates in {ca_file} cannot be used: {reason}.") from error
