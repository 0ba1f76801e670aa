"""Everything that is no part of the API: the dashboard, and the pages about problems."""

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from crossfade.domain.errors import NotFoundError
from crossfade.entrypoints.api.asgi import Receive, Scope, Send
from crossfade.entrypoints.api.dashboard import Dashboard
from crossfade.entrypoints.api.pages import problem_page, waiting_page

router = APIRouter(include_in_schema=False)

NOT_PAGES = frozenset({"api", "docs", "health", "metrics"})


@router.get("/docs/problems/{code}")
async def get_problem_page(code: str) -> HTMLResponse:
    """What an error means, and what to do about it."""
    return problem_page(code)


class Site:
    """Answers whatever no route takes: a file of the dashboard, or that there is nothing."""

    def __init__(self, dashboard: Dashboard, progress: Callable[[], str | None]) -> None:
        self._dashboard = dashboard
        self._progress = progress

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        request = Request(scope)
        path = request.url.path
        if request.method not in ("GET", "HEAD") or path.split("/")[1] in NOT_PAGES:
            raise NotFoundError(f"There is nothing at {path}.")
        response = await self._page(path, request)
        if request.method == "HEAD":
            response.body = b""  # its length is told all the same
        await response(scope, receive, send)

    async def _page(self, path: str, request: Request) -> Response:
        found = await self._dashboard.answer(request.url, request.headers)
        if found is not None:
            return found
        if "." in path.rpartition("/")[2]:
            raise NotFoundError(f"There is no {path} as long as the dashboard is not there.")
        return waiting_page(self._progress())
