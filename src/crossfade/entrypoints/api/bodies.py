"""Bodies as they come from the network: counted while they come, and judged before any reader."""

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from crossfade.domain.errors import Fault, InvalidRuleError
from crossfade.entrypoints.api.asgi import Receive
from crossfade.entrypoints.api.refusals import BodyTooLargeError, JsonExpectedError

MOST_BYTES = 64 * 1024
DEEPEST = 20

_JSON = re.compile(
    r"application/([\w.-]+\+)?json\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.IGNORECASE
)


async def read_body(headers: Headers, receive: Receive) -> bytes:
    """The whole body: JSON, or nothing at all."""
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise _too_large()
    body = await _received(receive)
    if body:
        _check_type(headers.get("content-type", ""))
        check_document(parse(body))
    return body


async def _received(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise _too_large()
        if not message.get("more_body", False):
            return bytes(body)


def _too_large() -> BodyTooLargeError:
    return BodyTooLargeError(f"Expected at most {MOST_BYTES // 1024} KiB of JSON, found more.")


def _check_type(content_type: str) -> None:
    if not _JSON.fullmatch(content_type.strip()):
        found = content_type or "no Content-Type"
        raise JsonExpectedError(f"Expected Content-Type: application/json, found {found}.")


def parse(body: bytes) -> object:
    """The JSON document, its numbers exactly as they were written."""
    try:
        return json.loads(body.decode(), parse_float=Decimal, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise _invalid("expected JSON in UTF-8, found other bytes") from None
    except json.JSONDecodeError as error:
        raise _invalid(f"expected JSON, found {error.msg} at character {error.pos}") from None
    except ValueError as error:
        raise _invalid(f"expected JSON, found {error}") from None
    except InvalidOperation:
        raise _invalid("expected numbers, found an exponent beyond all bounds") from None
    except RecursionError:
        raise _too_deep() from None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name}, which is no number of JSON")


def check_document(document: object, depth: int = 0) -> None:
    """Refuse what is nested too deep, and text that a database cannot keep."""
    if depth > DEEPEST:
        raise _too_deep()
    match document:
        case str():
            check_text(document)
        case list():
            for item in document:
                check_document(item, depth + 1)
        case dict():
            for name, value in document.items():
                check_text(name)
                check_document(value, depth + 1)
        case _:
            return


def check_text(text: str) -> None:
    """Refuse U+0000 and half of a surrogate pair."""
    if "\x00" in text:
        raise _invalid("expected text without U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _invalid("expected text in Unicode, found half of a surrogate pair") from None


def _too_deep() -> InvalidRuleError:
    return _invalid(f"expected at most {DEEPEST} levels of JSON, found more")


def _invalid(detail: str) -> InvalidRuleError:
    return InvalidRuleError([Fault("", detail)])


class _ExactRequest(Request):
    async def json(self) -> Any:  # noqa: ANN401  # as Starlette has it
        return parse(await self.body())


class ExactRoute(APIRoute):
    """A route whose body keeps its numbers exactly as they were written."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The route's handler, given a request that reads exactly."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            response: Response = await handler(_ExactRequest(request.scope, request.receive))
            return response

        return handle
