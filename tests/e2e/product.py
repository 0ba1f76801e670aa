"""The whole product, started as a user starts it, on ports and folders of its own."""

import json
import math
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx

CHECKOUT = Path(__file__).parents[2]
READY_S = 60.0
LOOK_AGAIN_S = 0.05
Found = TypeVar("Found")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(ask: Callable[[], Found | None], what: str, within_s: float = READY_S) -> Found:
    """The first answer that is true; AssertionError where there is none in time."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            if answer := ask():
                return answer
        time.sleep(LOOK_AGAIN_S)
    raise AssertionError(f"expected {what} within {within_s} s")


def deviations(count: int, total: int, share: float) -> float:
    """How many standard deviations a count lies off its share."""
    return abs(count - total * share) / math.sqrt(total * share * (1 - share))


class Product:
    """One Crossfade in a folder; it can be killed and started again on the same folder."""

    def __init__(self, folder: Path, program: str = "crossfade", **settings: str) -> None:
        self.folder = folder
        self.port, self.entrance_port = free_port(), free_port()
        self.program = program
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.api = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", timeout=30.0, trust_env=False
        )
        self.entrance = httpx.Client(
            base_url=f"http://127.0.0.1:{self.entrance_port}", timeout=30.0, trust_env=False
        )

    def start(self, *arguments: str, **settings: str) -> None:
        """Start it, by default with `up`; it is not yet ready then."""
        chosen = {**self._environment(), **settings}
        words = (f"{name}={value}" for name, value in chosen.items())
        with (self.folder / "output.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["env", *words, sys.executable, "-m", self.program, *(arguments or ("up",))],
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                start_new_session=True,
            )

    def ready(self) -> None:
        """Return when it is ready; AssertionError with its last words where it is not."""
        try:
            until(self._answers_or_died, "a ready Crossfade")
        except AssertionError as error:
            raise AssertionError(f"{error}:\n{self.output()[-4000:]}") from None

    def demo_live(self) -> None:
        """Return when the demo rule divides traffic, with which a first start ends."""
        live = {"service": "dummy-service", "state": "live"}
        until(lambda: self.api.get("/api/rules", params=live).json()["items"], "a live demo rule")

    @property
    def pid(self) -> int:
        """The process itself."""
        assert self.process is not None
        return self.process.pid

    def beside(self, program: str) -> int:
        """The pid of a program that it started."""
        record = next((self.folder / "data" / "processes").glob(f"{program}*"))
        return int(json.loads(record.read_text())["pid"])

    def output(self) -> str:
        """Everything it said so far."""
        return (self.folder / "output.log").read_text(errors="replace")

    def killed(self) -> bool:
        """Whether it was ended by kill -9."""
        return self.process is not None and self.process.poll() == -signal.SIGKILL

    def kill(self) -> None:
        """kill -9, and wait until the process is gone."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def end(self) -> None:
        """Leave nothing behind."""
        self.api.close()
        self.entrance.close()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            self.kill()

    def rule(self, service: str = "dummy-service") -> dict[str, Any]:
        """The rule of a service in the default namespace."""
        page = self.api.get("/api/rules", params={"service": service}).json()
        return self.api.get(f"/api/rules/{page['items'][0]['id']}").json()  # type: ignore[no-any-return]

    def resplit(self, weights: Mapping[str, float], service: str = "dummy-service") -> str:
        """Change the draft's weights; the rule's id."""
        rule = self.rule(service)
        versions = [{**v, "weight": weights[v["name"]]} for v in rule["versions"]]
        body = {"serviceName": service, "versions": versions}
        headers = {"If-Match": f'"{rule["edition"]}"'}
        answer = self.api.put(f"/api/rules/{rule['id']}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(rule["id"])

    def deploy(self, rule_id: str, wait_s: int = 10) -> dict[str, Any]:
        """Deploy and wait; the operation."""
        headers = {"Prefer": f"wait={wait_s}"}
        answer = self.api.post(f"/api/deploy-rule/{rule_id}", json={}, headers=headers)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()  # type: ignore[no-any-return]

    def answers(self, count: int, service: str = "dummy-service") -> Counter[str]:
        """How many of some requests each version answered."""
        found: Counter[str] = Counter()
        for _ in range(count):
            answer = self.entrance.get("/", headers={"Host": service})
            found[str(answer.json()["version"]) if answer.is_success else "failed"] += 1
        return found

    def _answers_or_died(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended with code {self.process.returncode}"
        return self.api.get("/health/ready").is_success

    def _environment(self) -> dict[str, str]:
        return {
            "CROSSFADE_DATA_DIR": str(self.folder / "data"),
            "CROSSFADE_PORT": str(self.port),
            "CROSSFADE_ENTRANCE_PORT": str(self.entrance_port),
            "CROSSFADE_URL": f"http://127.0.0.1:{self.port}",
            **self.settings,
        }
