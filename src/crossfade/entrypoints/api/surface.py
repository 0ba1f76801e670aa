"""What the routes work with, and how they get at it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from crossfade.application.demo_load import Load
from crossfade.application.health import HealthBook
from crossfade.application.ports import Ports
from crossfade.application.views import Views
from crossfade.entrypoints.api.pursuits import Pursuits
from crossfade.entrypoints.api.streams import Streams
from crossfade.entrypoints.api.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What the API shows of, and how it is reached in, its surroundings."""

    version: str
    allowed_hosts: frozenset[str] = frozenset()  # beside localhost, 127.0.0.1 and [::1]
    entrance: str | None = None
    git_url: str | None = None
    demo_load: Load | None = None
    needed_for_ready: frozenset[str] = frozenset({"database"})
    dashboard: Path | None = None  # the packaged one, unless a folder is named
    dashboard_progress: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Surface:
    """Everything that the routes work with."""

    ports: Ports
    views: Views
    options: ApiOptions
    health: HealthBook
    telemetry: Telemetry
    pursuits: Pursuits
    streams: Streams


async def _surface(request: Request) -> Surface:
    found: Surface = request.app.state.surface
    return found


On = Annotated[Surface, Depends(_surface)]
