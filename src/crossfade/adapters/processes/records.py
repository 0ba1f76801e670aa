"""What we have started, kept in files, so that the next start can end what outlived us."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL, Signals

from crossfade.adapters.processes.identity import Identity, send
from crossfade.application.processes import Command

LOOK_AGAIN_S = 0.02


@dataclass(frozen=True, slots=True)
class Record:
    """A program that we started, and how it wants to be ended."""

    path: Path
    identity: Identity
    stop_signal: Signals
    grace_s: float

    @property
    def name(self) -> str:
        """What we call the program."""
        return self.path.stem

    async def end(self) -> None:
        """Ask exactly this process to stop, and kill it after its grace time."""
        send(self.identity, self.stop_signal)
        if not await _gone(self.identity, self.grace_s):
            send(self.identity, SIGKILL)
            await _gone(self.identity, self.grace_s)

    def forget(self) -> None:
        """Take the file away, unless it speaks of a newer program of that name by now."""
        if _read(self.path) == self:
            self.path.unlink(missing_ok=True)


def keep(folder: Path, command: Command, identity: Identity) -> Record:
    """Remember a program that was just started."""
    path = folder / f"{command.name}.json"
    record = Record(path, identity, command.stop_signal, command.grace_s)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(_written(record))
    fresh.replace(path)
    return record


async def end_leftovers(folder: Path) -> tuple[str, ...]:
    """The names of the programs that had outlived us, now ended."""
    found = _all(folder)
    alive = [record for record in found if record.identity.alive]
    await asyncio.gather(*(record.end() for record in alive))
    for record in found:
        record.forget()
    return tuple(record.name for record in alive)


def _all(folder: Path) -> list[Record]:
    return [record for path in sorted(folder.glob("*.json")) if (record := _read(path))]


def _written(record: Record) -> str:
    return json.dumps(
        {
            "pid": record.identity.pid,
            "started": record.identity.started,
            "stopSignal": record.stop_signal.name,
            "graceSeconds": record.grace_s,
        }
    )


def _read(path: Path) -> Record | None:
    try:
        kept = json.loads(path.read_text())
        identity = Identity(int(kept["pid"]), str(kept["started"]))
        return Record(path, identity, Signals[kept["stopSignal"]], float(kept["graceSeconds"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # cut off by a power failure: nothing is known, so nobody is touched


async def _gone(identity: Identity, within_s: float) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while identity.alive:
        if loop.time() > deadline:
            return False
        await asyncio.sleep(LOOK_AGAIN_S)
    return True
