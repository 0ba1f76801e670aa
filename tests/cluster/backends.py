"""The sample service's versions as real processes, one for each replica, started when asked for."""

import asyncio
import re
import sys
from pathlib import Path

from tests.cluster.waiting import LOOPBACK, until

from crossfade.adapters.processes.children import Child, Children
from crossfade.application.processes import Command

GRACE_S = 1.0
LISTENS = re.compile(r"listens on http://[^ ]+:(\d+)")


class Backends:
    """Processes of the sample service, shared by all who ask for the same version and replica."""

    def __init__(self, folder: Path, starter: Children) -> None:
        self._folder = folder
        self._starter = starter
        self.children: list[Child] = []
        self._ports: dict[tuple[str, int], int] = {}

    async def ports(self, version: str, replicas: int = 1) -> tuple[int, ...]:
        """Where the replicas of a version listen on loopback."""
        missing = [n for n in range(replicas) if (version, n) not in self._ports]
        started = await asyncio.gather(*(self._start(version, n) for n in missing))
        self._ports.update({(version, n): it for n, it in zip(missing, started, strict=True)})
        return tuple(self._ports[version, n] for n in range(replicas))

    async def _start(self, version: str, replica: int) -> int:
        name = f"dummy-{version}-{replica}"
        env = {"VERSION": version, "HOST": LOOPBACK, "PORT": "0", "POD_NAME": name}
        argv = (sys.executable, "-m", "crossfade_dummy")
        log = self._folder / f"{name}.log"
        child = await self._starter.start(Command(name, argv, log, env=env, grace_s=GRACE_S))
        self.children.append(child)
        return await _port(child)


async def _port(child: Child) -> int:
    async def listens() -> bool:
        return bool(LISTENS.search("\n".join(child.last_lines())))

    await until(listens)
    found = LISTENS.search("\n".join(child.last_lines()))
    assert found is not None
    return int(found[1])
