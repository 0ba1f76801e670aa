"""`make cluster` as a person uses it: up in half a minute, working as a whole, gone at the end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cluster.stack.folder import RECORDS
from tests.cluster.stack.product import HOST
from tests.e2e.product import deviations, free_port, until

from crossfade.adapters.processes.identity import Identity, identify

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]

ROOT = Path(__file__).parents[2]
WITHIN_S = 30.0
REQUESTS = 400
CONNECTED = {
    *("api", "entrance", "database", "git", "argocd"),
    *("kubeconfig", "kubernetes", "istiod", "prometheus"),
}


@dataclass
class Stack:
    """A `make cluster` in a folder, on ports of its own."""

    folder: Path
    port: int
    entrance_port: int
    process: subprocess.Popen[str]

    def said(self) -> str:
        """Everything it said so far."""
        return (self.folder / "said").read_text()

    def up(self) -> float:
        """After how many seconds it was up; AssertionError with its words where it is not."""
        began = time.monotonic()
        until(self._up_or_ended, "a cluster that is up", within_s=120)
        return time.monotonic() - began

    def programs(self) -> list[Identity]:
        """Every program that was started, itself aside."""
        records = [one for found in RECORDS for one in (self.folder / "chain").glob(f"{found}/*")]
        pids = [int(json.loads(one.read_text())["pid"]) for one in records]
        return [found for pid in pids if (found := identify(pid))]

    def end(self, how: signal.Signals) -> int:
        """Its exit code after a signal."""
        self.process.send_signal(how)
        return self.process.wait(60)

    def _up_or_ended(self) -> bool:
        assert self.process.poll() is None, self.said()
        return "\nPrometheus " in self.said()


Start = Callable[..., Stack]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts stacks, all in the same place."""
    started: list[Stack] = []
    port, entrance = free_port(), free_port()

    def one(*words: str) -> Stack:
        options = ("--data-dir", tmp_path, "--port", port, "--entrance-port", entrance, *words)
        argv = [sys.executable, "-m", "tests.cluster.stack", *map(str, options)]
        with (tmp_path / "said").open("w") as said:
            process = subprocess.Popen(argv, cwd=ROOT, stdout=said, stderr=said, text=True)
        started.append(Stack(tmp_path, port, entrance, process))
        return started[-1]

    yield one
    for stack in started:
        stack.end(signal.SIGKILL)


def crowd() -> float:
    """How many programs share each core of this machine just now; 1 where it is ours alone."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def status(stack: Stack) -> dict[str, Any]:
    """What `crossfade status -o json` says."""
    url = ("--url", f"http://127.0.0.1:{stack.port}")
    words = [sys.executable, "-m", "crossfade", "status", "-o", "json", *url]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    content: dict[str, Any] = json.loads(found.stdout)
    return content


def answers(stack: Stack, requests: int = REQUESTS) -> Counter[str]:
    """Which version answered how many of some requests."""
    entrance = f"http://127.0.0.1:{stack.entrance_port}"
    with httpx.Client(base_url=entrance, headers={"Host": HOST}, trust_env=False) as client:
        return Counter(client.get("/").json()["version"] for _ in range(requests))


def measured(stack: Stack) -> bool:
    """Whether the page of the demo rule shows requests of both versions; some more are sent.

    Those that came before the first look at a counter are what it began with, not its growth.
    """
    answers(stack, 20)
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.port}", trust_env=False) as api:
        rule = api.get("/api/rules").json()["items"][0]
        metrics = api.get(f"/api/rules/{rule['id']}/metrics", params={"window": 60}).json()
    return all(version["requests"] for version in metrics["versions"])


def test_it_works_as_a_whole_and_leaves_nothing_when_it_is_killed(start: Start) -> None:
    stack = start()
    stack.up()

    counted = answers(stack)

    assert deviations(counted["v2"], REQUESTS, 0.2) < 5
    assert "effective: 1 of 1 prox" in stack.said()
    found = status(stack)
    assert set(found["addresses"]) == CONNECTED
    assert [one for one in found["connections"] if not one["ok"]] == []
    until(lambda: measured(stack), "requests that Prometheus has counted")
    programs = stack.programs()
    assert len(programs) > 10
    stack.end(signal.SIGKILL)
    until(lambda: not any(one.alive for one in programs), "programs that have ended")


def test_later_calls_are_up_within_half_a_minute_and_ctrl_c_ends_all_of_it(start: Start) -> None:
    stack = start("--delivery", "git-only")

    took_s = stack.up()

    assert took_s < WITHIN_S * crowd()
    programs = stack.programs()
    assert stack.end(signal.SIGINT) == 0
    assert not any(one.alive for one in programs)
    assert list((stack.folder / "chain").iterdir()) == []
