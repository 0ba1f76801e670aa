"""The web application: the routes behind their guards, and the dashboard beside them."""

from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from crossfade.application.health import Check, HealthBook
from crossfade.application.ports import Ports
from crossfade.application.views import Views
from crossfade.application.work import Event
from crossfade.domain.errors import StaleEditionError
from crossfade.entrypoints.api import health, site
from crossfade.entrypoints.api.dashboard import PACKAGED, Dashboard
from crossfade.entrypoints.api.failures import answer_invalid, answer_stale, answer_unrouted
from crossfade.entrypoints.api.guards import (
    BodyGuard,
    HostGuard,
    OriginGuard,
    Problems,
    SecurityHeaders,
    TimeLimit,
)
from crossfade.entrypoints.api.openapi import ROOMS, ContractedApi
from crossfade.entrypoints.api.pursuits import Pursuits
from crossfade.entrypoints.api.streams import Streams
from crossfade.entrypoints.api.surface import ApiOptions, Surface
from crossfade.entrypoints.api.telemetry import Telemetry, Timing

DRAIN_S = 5.0
FAILURES = {
    RequestValidationError: answer_invalid,
    StaleEditionError: answer_stale,
    HTTPException: answer_unrouted,
}


@dataclass(frozen=True, slots=True)
class Api:
    """The application, and what its process needs of it.

    `probes` answers health and metrics alone, to any Host: for a listener of their own.
    """

    app: FastAPI
    probes: FastAPI
    telemetry: Telemetry
    streams: Streams
    pursuits: Pursuits

    async def end(self) -> None:
        """End the event streams, which would hold the server up, and let pursuits come home."""
        self.streams.end()
        await self.pursuits.drain(DRAIN_S)


def create_api(ports: Ports, views: Views, options: ApiOptions, book: HealthBook) -> Api:
    """The application on these ports."""
    surface = Surface(
        ports=ports,
        views=views,
        options=options,
        health=book,
        telemetry=Telemetry(),
        pursuits=Pursuits(ports),
        streams=Streams(ports.events),
    )
    book.follow(lambda check: surface.streams.tell(_event(check)))
    return Api(
        app=_app(surface),
        probes=_probes(surface),
        telemetry=surface.telemetry,
        streams=surface.streams,
        pursuits=surface.pursuits,
    )


def _event(check: Check) -> Event:
    return Event("health", check.name, state="ok" if check.ok else "degraded")


def _app(surface: Surface) -> FastAPI:
    options = surface.options
    guards = [
        Middleware(Timing, telemetry=surface.telemetry),
        Middleware(SecurityHeaders),
        Middleware(Problems),
        Middleware(HostGuard, allowed=options.allowed_hosts),
        Middleware(OriginGuard),
        Middleware(TimeLimit),
        Middleware(BodyGuard),
    ]
    app = ContractedApi(middleware=guards, exception_handlers=FAILURES)
    app.include_router(site.router)
    dashboard = Dashboard(options.dashboard or PACKAGED)
    app.router.default = site.Site(dashboard, options.dashboard_progress)
    app.state.surface = surface
    app.state.rooms = (*ROOMS, site.router)
    return app


def _probes(surface: Surface) -> FastAPI:
    guards = [Middleware(SecurityHeaders), Middleware(Problems), Middleware(TimeLimit)]
    app = FastAPI(
        openapi_url=None,
        redirect_slashes=False,
        middleware=guards,
        exception_handlers={HTTPException: answer_unrouted},
    )
    app.include_router(health.router)
    app.state.surface = surface
    app.state.rooms = (health.router,)
    return app
