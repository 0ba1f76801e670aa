"""Operations in the log of the process: each once, as it begins and as it ends."""

from collections import deque

import structlog

from crossfade.application.work import Event

REMEMBERED = 1_000

log = structlog.get_logger()


class Journal:
    """Writes what is told of operations into the log, and nothing twice."""

    def __init__(self) -> None:
        self._told: deque[tuple[str, str | None]] = deque(maxlen=REMEMBERED)

    def tell(self, event: Event) -> None:
        """Write an event down where it is news of an operation."""
        news = (event.id, event.state)
        if event.type != "operation" or news in self._told:
            return
        self._told.append(news)
        log.info("operation", state=event.state, id=event.id, rule=event.rule_id)
