"""Whoever runs a cluster may be killed: none of its programs stays."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cluster.environment import from_environment
from tests.cluster.waiting import until
from tests.integration.process_probes import parent_pid

from crossfade.adapters.processes.identity import Identity, identify

pytestmark = pytest.mark.cluster

ROOT = Path(__file__).parents[2]
PARTS = 6  # etcd, API server, istiod, gateway and two versions
RUNNING = """
import asyncio, sys
from pathlib import Path
from tests.cluster import rig
from tests.cluster.environment import from_environment

def quiet(words):
    pass

async def main():
    found = rig.programs(from_environment(), quiet)
    async with rig.running(Path(sys.argv[1]), found, None, quiet) as up:
        await up.backends.ports("v1")
        await up.backends.ports("v2")
        pids = [part.pid for part in up.parts] + [one.pid for one in up.backends.children]
        print(*pids, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def identities(pids: list[int]) -> list[Identity]:
    """The programs and who watches them, as processes that are no others."""
    found = [identify(pid) for one in pids for pid in (one, parent_pid(one))]
    return [one for one in found if one is not None]


def test_no_program_outlives_the_run_that_is_killed(tmp_path: Path) -> None:
    if from_environment().kubeconfig is not None:
        pytest.skip("it takes an API server of our own")
    words = [sys.executable, "-c", RUNNING, str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        started = identities([int(pid) for pid in run.stdout.readline().split()])
        run.kill()

    async def gone() -> bool:
        return not any(one.alive for one in started)

    assert len(started) == 2 * PARTS
    asyncio.run(until(gone))
