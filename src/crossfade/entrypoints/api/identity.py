"""Who is asking, what kind of installation answers, and its demo load."""

from fastapi import APIRouter, Response

from crossfade.domain import errors
from crossfade.entrypoints.api import surroundings
from crossfade.entrypoints.api.answers import shaped
from crossfade.entrypoints.api.inputs import DemoLoadInput
from crossfade.entrypoints.api.problems import READ, WRITE, documented
from crossfade.entrypoints.api.surface import DemoLoad, On

router = APIRouter(tags=["installation"])


@router.get("/api/me", response_model=surroundings.Me, responses=documented(*READ))
async def get_me(on: On) -> Response:
    """Who acts, and where."""
    options = on.options
    return shaped(
        surroundings.Me(
            name=on.ports.installation.actor,
            surrounding=options.surrounding,
            demo_load=_mark(options.demo_load),
            entrance=options.entrance,
            git_url=options.git_url,
            version=options.version,
        )
    )


@router.put(
    "/api/demo-load",
    response_model=surroundings.DemoLoadState,
    responses=documented(*WRITE, errors.NotFoundError),
)
async def put_demo_load(on: On, body: DemoLoadInput) -> Response:
    """Send requests to the sample services, or stop."""
    load = on.options.demo_load
    if load is None:
        raise errors.NotFoundError("No sample services run here; `crossfade up` starts them.")
    if body.running:
        load.run(load.state.rate if body.rate is None else body.rate)
    else:
        load.pause()
    state = load.state
    return shaped(
        surroundings.DemoLoadState(
            running=state.running, rate=state.rate, sent=state.sent, failed=state.failed
        )
    )


def _mark(load: DemoLoad | None) -> surroundings.DemoLoad:
    if load is None:
        return surroundings.DemoLoad(available=False, running=False, rate=0)
    return surroundings.DemoLoad(available=True, running=load.state.running, rate=load.state.rate)
