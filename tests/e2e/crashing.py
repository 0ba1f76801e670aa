"""`crossfade up` that is killed with -9 at one effect boundary of a deploy, once it is armed.

python -m tests.e2e.crashing ARMED_FILE: it dies at the point that the file names.
"""

import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import uvloop

from crossfade.application.ports import (
    Change,
    Committed,
    Mesh,
    Observed,
    Ports,
    Repository,
    Uncommitted,
)
from crossfade.application.work import Targets, Work
from crossfade.domain.audit import Act, Link
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision
from crossfade.domain.target import Target
from crossfade.entrypoints.cli.serving import run_up
from crossfade.settings import Settings

POINTS = (
    "before accepting",
    "after accepting",
    "before applying",
    "after applying",
    "before proving",
    "after proving",
    "before recording envoy",
    "after recording envoy",
    "before committing",
    "after committing",
    "before recording git",
    "after recording git",
)


class Fate:
    """Kills this process at the point that a file names, as soon as there is one."""

    def __init__(self, armed: Path) -> None:
        self._armed = armed

    def pass_by(self, point: str) -> None:
        """Go on, or die here."""
        if self._armed.exists() and self._armed.read_text() == point:
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedTargets:
    """Targets that remember whose progress was recorded."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self.recorded: str | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self._targets, name)

    async def record(self, target: Target, *, retry_in_s: float | None = None) -> None:
        """Keep how far the target came."""
        self.recorded = target.kind
        await self._targets.record(target, retry_in_s=retry_in_s)


class DoomedWork:
    """A unit of work that knows what it is about."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.targets = DoomedTargets(work.targets)
        self._accepting = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._work, name)

    def record(self, act: Act) -> None:
        """Append to the audit chain."""
        self._accepting = act.action.endswith(".requested")
        self._work.record(act)

    @property
    def about(self) -> str:
        """What this work will have done when it commits."""
        recorded = self.targets.recorded
        if recorded is not None:
            return f"recording {recorded}"
        return "accepting" if self._accepting else "looking"


class DoomedMesh:
    """A mesh whose writer may die before or after each effect."""

    def __init__(self, mesh: Mesh, fate: Fate) -> None:
        self._mesh = mesh
        self._fate = fate

    @property
    def held(self) -> bool:
        """Whether this process may write to the mesh now."""
        return self._mesh.held

    async def observe(self, key: ServiceKey) -> Observed | None:
        """What the proxies hold."""
        return await self._mesh.observe(key)

    async def release(self, key: ServiceKey, generation: int, *, remove: bool) -> str:
        """Take the routes away."""
        return await self._mesh.release(key, generation, remove=remove)

    async def apply(self, revision: Revision) -> None:
        """Write the revision."""
        self._fate.pass_by("before applying")
        await self._mesh.apply(revision)
        self._fate.pass_by("after applying")

    async def effective(self, revision: Revision) -> str:
        """Proof that the proxies route by the revision."""
        self._fate.pass_by("before proving")
        proof = await self._mesh.effective(revision)
        self._fate.pass_by("after proving")
        return proof


class DoomedRepository:
    """A repository whose writer may die before or after a push."""

    def __init__(self, repository: Repository, fate: Fate) -> None:
        self._repository = repository
        self._fate = fate

    def __getattr__(self, name: str) -> object:
        return getattr(self._repository, name)

    async def commit(
        self, changes: Sequence[Change], audit_head: Link | None
    ) -> tuple[Committed | Uncommitted, ...]:
        """One commit for each change."""
        self._fate.pass_by("before committing")
        answers = await self._repository.commit(changes, audit_head)
        self._fate.pass_by("after committing")
        return answers


def doomed(ports: Ports, fate: Fate) -> Ports:
    """The same ports, in the hands of fate."""

    @asynccontextmanager
    async def work() -> AsyncIterator[DoomedWork]:
        about = "looking"
        async with ports.work() as opened:
            watched = DoomedWork(opened)
            yield watched
            about = watched.about
            fate.pass_by(f"before {about}")
        fate.pass_by(f"after {about}")

    return replace(
        ports,
        work=work,
        mesh=DoomedMesh(ports.mesh, fate),
        repository=DoomedRepository(ports.repository, fate),
    )


if __name__ == "__main__":
    fate = Fate(Path(sys.argv[1]))
    uvloop.run(run_up(Settings(), lambda ports: doomed(ports, fate)))
