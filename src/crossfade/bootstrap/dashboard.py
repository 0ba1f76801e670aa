"""The dashboard of a checkout, built beside the start: traffic and API do not wait for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crossfade.application.processes import ChildProcess, Command, Processes
from crossfade.bootstrap.places import Places
from crossfade.settings import Settings

CHECKOUT = Path(__file__).parents[3]
SCRIPT = CHECKOUT / "scripts" / "dashboard.py"
PYTHON = CHECKOUT / ".venv" / "bin" / "python"


class Build:
    """A build under way, or none where the dashboard came with the package."""

    def __init__(self, child: ChildProcess | None = None) -> None:
        self._child = child

    def progress(self) -> str | None:
        """What the build does now; None where there is nothing to say."""
        lines = self._child.last_lines(1) if self._child else ()
        return lines[0].removeprefix("dashboard: ") if lines else None


@asynccontextmanager
async def building(
    processes: Processes, settings: Settings, places: Places
) -> AsyncIterator[Build]:
    """The build of the dashboard, where there are sources of it."""
    if not SCRIPT.is_file() or not PYTHON.is_file():
        yield Build()
        return
    child = await processes.start(
        Command(
            name="dashboard",
            argv=(str(PYTHON), str(SCRIPT), "--if-missing"),
            log_path=places.logs / "dashboard.log",
            env=settings.environment,
            cwd=CHECKOUT,
        )
    )
    try:
        yield Build(child)
    finally:
        await child.stop()
