"""Answers made of JSON that is ready to be sent."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import Response

from crossfade.entrypoints.api.conditions import matches
from crossfade.entrypoints.api.problems import Documented
from crossfade.entrypoints.api.shapes import Shape

JSON = "application/json"
# Kept by the browser, but asked about each time: what is shown is never older than the database.
REVALIDATE = "private, no-cache"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
UNCHANGED: Documented = {304: {"description": "The caller holds the newest already"}}


def json_answer(
    body: bytes, status: int = 200, headers: Mapping[str, str] = NO_HEADERS
) -> Response:
    """The bytes as they are."""
    return Response(body, status, {"Cache-Control": REVALIDATE, **headers}, JSON)


def shaped(shape: Shape, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """A shape of ours as JSON."""
    return json_answer(shape.model_dump_json().encode(), status, headers)


def tagged(body: bytes, if_none_match: str | None) -> Response:
    """The bytes with their digest as ETag, or 304 where the caller holds them already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": REVALIDATE}
    if matches(if_none_match, tag):
        return Response(None, 304, headers)
    return Response(body, 200, headers, JSON)


def edition_tag(edition: int) -> Mapping[str, str]:
    """The ETag of one rule."""
    return {"ETag": f'"{edition}"'}
