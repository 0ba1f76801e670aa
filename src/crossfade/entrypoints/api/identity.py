"""Who is asking, what kind of installation answers, and its demo load."""

from fastapi import APIRouter, Response

from crossfade.application.demo_load import Load
from crossfade.application.ports import Installation
from crossfade.domain import errors
from crossfade.domain.delivery import Delivery
from crossfade.domain.revision import TargetKind
from crossfade.entrypoints.api import surroundings
from crossfade.entrypoints.api.answers import shaped
from crossfade.entrypoints.api.inputs import DemoLoadInput
from crossfade.entrypoints.api.problems import READ, WRITE, documented
from crossfade.entrypoints.api.surface import On
from crossfade.entrypoints.api.surroundings import Surrounding

router = APIRouter(tags=["installation"])

USUAL_RATE = 50.0


@router.get("/api/me", response_model=surroundings.Me, responses=documented(*READ))
async def get_me(on: On) -> Response:
    """Who acts, and where."""
    options = on.options
    return shaped(
        surroundings.Me(
            name=on.ports.installation.actor,
            surrounding=surrounding_of(on.ports.installation),
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
    running = body.running
    status = await load.start(body.rate or USUAL_RATE) if running else await load.stop()
    return shaped(
        surroundings.DemoLoadState(
            running=status.running, rate=status.rate, sent=status.sent, failed=status.failed
        )
    )


def surrounding_of(installation: Installation) -> Surrounding:
    """What kind of installation this is."""
    if installation.mesh is not TargetKind.CLUSTER:
        return Surrounding.EMBEDDED
    direct = installation.delivery is Delivery.APPLY
    return Surrounding.CLUSTER if direct else Surrounding.GIT_ONLY


def _mark(load: Load | None) -> surroundings.DemoLoad:
    if load is None:
        return surroundings.DemoLoad(available=False, running=False, rate=0)
    status = load.status
    return surroundings.DemoLoad(available=True, running=status.running, rate=status.rate)
