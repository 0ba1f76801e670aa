"""Server-sent events: small words that something changed."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from crossfade.domain import errors
from crossfade.entrypoints.api.problems import READ, documented
from crossfade.entrypoints.api.surface import On
from crossfade.entrypoints.api.surroundings import EventFrame

router = APIRouter(tags=["events"])

SCHEMA = {"$ref": f"#/components/schemas/{EventFrame.__name__}"}
STREAM = {
    "description": "Each `data:` is one EventFrame. Nothing is replayed: after a gap, look again.",
    "content": {"text/event-stream": {"schema": {"type": "string"}, "itemSchema": SCHEMA}},
}
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get(
    "/api/events",
    response_class=StreamingResponse,
    responses={200: STREAM, **documented(*READ, errors.UnavailableError)},
)
async def stream_events(on: On) -> StreamingResponse:
    """Everything that changes, from now on."""
    on.streams.check_room()
    return StreamingResponse(on.streams.frames(), 200, HEADERS, "text/event-stream")
