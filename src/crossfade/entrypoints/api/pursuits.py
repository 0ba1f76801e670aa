"""Operations on their way to the mesh; neither a time limit nor a closed tab stops one."""

import asyncio

import structlog

from crossfade.application.convergence import pursue
from crossfade.application.desire import Accepted
from crossfade.application.ports import Ports
from crossfade.domain.errors import CrossfadeError

log = structlog.get_logger()

Pursuit = asyncio.Task[None]


class Pursuits:
    """The tasks that carry accepted operations on, kept alive until they are done."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._tasks: set[Pursuit] = set()

    def start(self, accepted: Accepted) -> Pursuit | None:
        """The task that carries this operation on; None where another process does."""
        if accepted.errand is None:
            return None
        name = f"pursue {accepted.operation.id}"
        task = asyncio.create_task(_pursued(self._ports, accepted), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self, within_s: float) -> None:
        """Let what runs come to an end; what is late is taken up again when its lease runs out."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def _pursued(ports: Ports, accepted: Accepted) -> None:
    operation = accepted.operation.id
    try:
        await pursue(ports, accepted)
    except CrossfadeError as error:
        # The target's lease runs out by itself; then the mesh loop takes it up.
        log.warning("pursuit_interrupted", operation=operation, cause=str(error))
    except Exception:  # nobody awaits this task, so this is its last resort
        log.exception("pursuit_broken", operation=operation)
