"""Which process is meant: a pid alone is reused, a pid with its start is not."""

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from crossfade.application.processes import Running

PROC = Path("/proc")
STATE_FIELD = 0  # fields of /proc/PID/stat that follow the program's name
START_FIELD = 19
DEAD = ("Z", "X")


@dataclass(frozen=True, slots=True)
class Identity:
    """One process for ever: its pid, and when it started (with the boot, on Linux)."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Whether exactly this process still runs."""
        return identify(self.pid) == self


def identify(pid: int) -> Identity | None:
    """The process that runs under a pid now; None where there is none, or only a zombie."""
    started = _started_linux(pid) if sys.platform == "linux" else _ask_ps(pid, "lstart")
    return Identity(pid, started) if started else None


def describe(pid: int) -> Running | None:
    """The program and the working folder of the process under a pid."""
    if sys.platform != "linux":
        program = _ask_ps(pid, "comm")
        return Running(Path(program).name, None) if program else None
    if _started_linux(pid) is None:
        return None
    folder = None
    with contextlib.suppress(OSError):
        folder = (PROC / str(pid) / "cwd").readlink()
    return Running((PROC / str(pid) / "comm").read_text().strip(), folder)


def send(identity: Identity, number: signal.Signals) -> bool:
    """Signal exactly this process; False where it is gone. A stranger under its pid is safe."""
    try:
        if sys.platform == "linux":
            return _send_by_handle(identity, number)
        if identity.alive:
            os.kill(identity.pid, number)
            return True
    except ProcessLookupError:
        pass
    return False


def _send_by_handle(identity: Identity, number: signal.Signals) -> bool:
    handle = os.pidfd_open(identity.pid)  # holds the process, so that it cannot be mistaken
    try:
        if not identity.alive:
            return False
        signal.pidfd_send_signal(handle, number)
    finally:
        os.close(handle)
    return True


def _started_linux(pid: int) -> str | None:
    try:
        line = (PROC / str(pid) / "stat").read_text()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    fields = line.rpartition(")")[2].split()
    return None if fields[STATE_FIELD] in DEAD else f"{boot}:{fields[START_FIELD]}"


def _ask_ps(pid: int, column: str) -> str | None:
    answer = subprocess.run(
        ["/bin/ps", "-p", str(pid), "-o", f"state=,{column}="],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C"},
        check=False,
    )
    state, _, value = answer.stdout.strip().partition(" ")
    return None if state[:1] in ("", *DEAD) else value.strip()
