"""The Envoy process: how it is started, and when it is ready."""

import asyncio
import errno
import json
import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crossfade.adapters.envoy.admin import Admin
from crossfade.adapters.envoy.bootstrap import Entrance, bootstrap
from crossfade.application.processes import ChildProcess, Command, Processes, StartError
from crossfade.domain.errors import UnavailableError

READY_WITHIN_S: Final = 15.0
LOOK_AGAIN_S: Final = 0.02
OURS_ALONE: Final = 0o600
PLENTY_BYTES: Final = 4 * 2**30
INCARNATION_BITS: Final = 53  # every reader of JSON keeps such a number exactly


@dataclass(frozen=True, slots=True)
class Places:
    """Where Envoy's sockets and files are. The sockets' folder must be ours alone, and short."""

    sockets: Path
    files: Path

    @property
    def ads(self) -> Path:
        """The socket by which Envoy is fed."""
        return self.sockets / "ads.sock"

    @property
    def admin(self) -> Path:
        """The socket of Envoy's admin interface."""
        return self.sockets / "envoy.sock"

    @property
    def bootstrap(self) -> Path:
        """The file with Envoy's start configuration."""
        return self.files / "envoy.json"

    @property
    def log(self) -> Path:
        """The file that Envoy's words go to."""
        return self.files / "envoy.log"


class Proxy:
    """Starts Envoy, as often as need be."""

    def __init__(
        self, binary: Path, places: Places, entrance: Entrance, processes: Processes
    ) -> None:
        self._binary = binary
        self._places = places
        self._entrance = entrance
        self._processes = processes
        self._admin = Admin(places.admin)

    async def start(self) -> ChildProcess:
        """An Envoy that has been started; StartError where its entrance is taken."""
        require_free(self._entrance)
        self._prepare()
        return await self._processes.start(self._command())

    async def ready(self, child: ChildProcess) -> None:
        """Wait until traffic can come in; StartError, with its last words, where it cannot."""
        looking = asyncio.create_task(self._look_until_ready())
        ended = asyncio.ensure_future(child.exited)
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_WITHIN_S):
                await asyncio.wait({looking, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not looking.done():
            looking.cancel()
            raise StartError(f"Envoy is not ready: {' | '.join(child.last_lines())}")
        await looking

    async def ask(self) -> None:
        """Whether traffic can come in now; UnavailableError where it cannot."""
        await self._admin.get("/ready")

    async def _look_until_ready(self) -> None:
        while True:
            with suppress(UnavailableError):
                return await self.ask()
            await asyncio.sleep(LOOK_AGAIN_S)

    def _prepare(self) -> None:
        places = self._places
        places.files.mkdir(parents=True, exist_ok=True)
        places.admin.unlink(missing_ok=True)
        incarnation = secrets.randbits(INCARNATION_BITS)
        document = bootstrap(places.ads, places.admin, self._entrance, incarnation)
        places.bootstrap.touch(mode=OURS_ALONE)
        places.bootstrap.write_text(json.dumps(document))

    def _command(self) -> Command:
        options = (
            *("--config-path", str(self._places.bootstrap)),
            *("--concurrency", str(concurrency())),
            *("--log-level", "warn"),
            "--disable-hot-restart",  # it claims machine-wide names, so two Envoys would clash
            "--reject-unknown-dynamic-fields",
        )
        argv = (str(self._binary), *options)
        return Command("envoy", argv, log_path=self._places.log)


def concurrency() -> int:
    """How many threads Envoy serves traffic with: two where the machine has plenty."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 2 if memory >= PLENTY_BYTES and (os.cpu_count() or 1) > 1 else 1


def require_free(entrance: Entrance) -> None:
    """StartError in plain words where the entrance cannot be opened."""
    family = socket.AF_INET6 if ":" in entrance.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((entrance.address, entrance.port))
        except OSError as error:
            raise StartError(_why_not(entrance, error)) from None


def _why_not(entrance: Entrance, error: OSError) -> str:
    where = f"The mesh's entrance cannot be opened: port {entrance.port} of {entrance.address}"
    match error.errno:
        case errno.EADDRINUSE:
            return f"{where} is in use by another program. Stop that one, or choose another port."
        case errno.EACCES:
            return f"{where} is reserved for root. Choose a port from 1024 on."
        case _:
            return f"{where}: {error.strerror}."
