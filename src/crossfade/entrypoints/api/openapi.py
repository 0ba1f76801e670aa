"""The contract: what the API takes and answers, as OpenAPI.

python -m crossfade.entrypoints.api.openapi > openapi.json
"""

import json
import sys
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from crossfade import __version__
from crossfade.entrypoints.api import (
    audit,
    deployments,
    discovery,
    events,
    health,
    identity,
    local,
    metrics,
    preview,
    revisions,
    rules,
)
from crossfade.entrypoints.api.surroundings import EventFrame, Problem

ROOMS: tuple[APIRouter, ...] = (
    rules.router,
    deployments.router,
    revisions.router,
    preview.router,
    metrics.router,
    discovery.router,
    local.router,
    audit.router,
    identity.router,
    events.router,
    health.router,
)
DESCRIPTION = (
    "Every error is problem+json (RFC 9457) whose `type` leads to a page that says what to do. "
    "Weights and shares are numbers in percent, exact to 0.01."
)


def route_name(route: APIRoute) -> str:
    """The id of an operation in OpenAPI."""
    return route.name


class ContractedApi(FastAPI):
    """An application with all routes, which tells its whole contract."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  # FastAPI's own settings
        super().__init__(
            title="Crossfade",
            version=__version__,
            openapi_url="/api/openapi.json",
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
            generate_unique_id_function=route_name,
            **settings,
        )
        for room in ROOMS:
            self.include_router(room)

    def openapi(self) -> dict[str, Any]:
        """The contract, with the shapes that no route names as its model."""
        if self.openapi_schema is None:
            found = get_openapi(
                title=self.title,
                version=self.version,
                description=DESCRIPTION,
                routes=self.routes,
            )
            for shape in (Problem, EventFrame):
                found["components"]["schemas"] |= _schemas(shape)
            self.openapi_schema = found
        return self.openapi_schema


def _schemas(shape: type[Problem | EventFrame]) -> dict[str, Any]:
    schema = shape.model_json_schema(
        by_alias=True, mode="serialization", ref_template="#/components/schemas/{model}"
    )
    return {**schema.pop("$defs", {}), shape.__name__: schema}


def contract_text() -> str:
    """The contract as it is kept in openapi.json."""
    return (
        json.dumps(ContractedApi().openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    sys.stdout.write(contract_text())
