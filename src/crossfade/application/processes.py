"""What it takes to run programs of our own beside us: the values, and the ports."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM, Signals
from types import MappingProxyType
from typing import Protocol

SIGNALLED = 128  # a program ended by signal n is reported as 128 + n, as shells do


class StartError(Exception):
    """Something that must run beside us cannot; the message is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine, as whom a program may run."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run: what, as whom, where its words go and how it is asked to stop."""

    name: str
    argv: tuple[str, ...]
    log_path: Path
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    cwd: Path = Path("/")
    user: Account | None = None
    stop_signal: Signals = SIGTERM
    grace_s: float = 5.0

    def __post_init__(self) -> None:
        if not self.argv or not Path(self.argv[0]).is_absolute():
            raise ValueError(f"{self.name}: the program needs an absolute path, got {self.argv}")


@dataclass(frozen=True, slots=True)
class Running:
    """A process of this machine; `folder` is None where its working folder is hidden from us."""

    program: str
    folder: Path | None


class ChildProcess(Protocol):
    """A program that we started and that ends with us, however we end."""

    @property
    def name(self) -> str:
        """What we call it."""

    @property
    def pid(self) -> int:
        """The program's own pid."""

    @property
    def exited(self) -> Awaitable[int]:
        """The exit code, as soon as there is one."""

    async def wait(self) -> int:
        """The exit code, as soon as there is one; cancelling this leaves the program alone."""

    async def stop(self) -> int:
        """Ask it to stop, kill it after its grace time; the exit code."""

    def last_lines(self, count: int = 10) -> tuple[str, ...]:
        """What it said last."""


class Processes(Protocol):
    """Starts programs, and tells what runs under a pid."""

    async def start(self, command: Command) -> ChildProcess:
        """The program, running; StartError where it cannot be started."""

    def running(self, pid: int) -> Running | None:
        """What runs under a pid now, whoever started it."""


def ending(code: int) -> str:
    """An exit code in words."""
    if code <= SIGNALLED:
        return f"ended with code {code}"
    number = code - SIGNALLED
    known = number in {signal.value for signal in Signals}
    return f"was ended by {Signals(number).name if known else f'signal {number}'}"
