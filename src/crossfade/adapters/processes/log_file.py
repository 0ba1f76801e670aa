"""The file that a program's words go to."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

ROTATE_AT_BYTES = 1_000_000
TAIL_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log file, and where in it this run of the program begins."""

    path: Path
    begins_at: int

    def last_lines(self, count: int) -> tuple[str, ...]:
        """The last lines that this run wrote."""
        try:
            with self.path.open("rb") as log:
                size = log.seek(0, 2)
                log.seek(max(self.begins_at, size - TAIL_BYTES))
                text = log.read(TAIL_BYTES).decode(errors="replace")
        except FileNotFoundError:
            return ()
        return tuple(text.splitlines()[-count:])


def open_log(path: Path) -> tuple[LogFile, BinaryIO]:
    """The log, set aside first where it has grown large, and open for appending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > ROTATE_AT_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    log = path.open("ab")
    return LogFile(path, log.tell()), log
