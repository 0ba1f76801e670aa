"""A real Prometheus on loopback, that can be stopped, hung and emptied."""

import math
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import yaml
from tests.cluster.waiting import LOOPBACK, free_ports, until, until_ready

from crossfade.adapters.processes.children import Child, Children
from crossfade.adapters.processes.identity import identify, send
from crossfade.application.processes import Command, StartError

PROGRAM = "prometheus"
INSTALLS = "cluster-programs"
SCRAPE_EVERY_S = 1
ANSWERED_WITHIN_S = 5.0
GRACE_S = 5.0

Labels = frozenset[tuple[str, str]]
Vector = Mapping[Labels, float]


@dataclass(frozen=True, slots=True)
class Scrape:
    """What is scraped under the name of a job: HOST:PORT addresses, and labels they all get."""

    job: str
    addresses: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    path: str = "/metrics"


@dataclass(slots=True)
class Prometheus:
    """A running Prometheus; `start` makes one, `stop` ends it."""

    folder: Path
    url: str
    command: Command
    children: Children
    child: Child

    @classmethod
    async def start(cls, folder: Path, configuration: Mapping[str, object]) -> "Prometheus":
        """A Prometheus that is ready, with this configuration; StartError says why not."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, configuration)
        address = f"{LOOPBACK}:{free_ports(1)[0]}"
        command = _command(folder, address)
        children = await Children(folder / "run").__aenter__()
        try:
            child = await children.start(command)
            started = cls(folder, f"http://{address}", command, children, child)
            await started.ready()
        except BaseException:
            await children.stop()
            raise
        return started

    async def stop(self) -> None:
        """End it, for good."""
        self.go_on()  # who hangs cannot stop
        await self.children.stop()

    async def ready(self) -> None:
        """Come back when it answers queries; StartError where it does not."""
        async with self._client() as client:
            await until_ready(self.child, f"{self.url}/-/ready", client)

    async def halt(self) -> None:
        """End it; what it has stored stays, and `again` brings it back."""
        self.go_on()
        await self.child.stop()

    async def again(self) -> None:
        """A halted Prometheus, ready again at the same address, with all that it knew."""
        self.child = await self.children.start(self.command)
        await self.ready()

    async def emptied(self) -> None:
        """The same Prometheus, at the same address, that has never seen a sample."""
        await self.halt()
        shutil.rmtree(_storage(self.folder))
        await self.again()

    def hang(self) -> None:
        """Let it accept connections and answer nobody."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    async def configure(self, configuration: Mapping[str, object]) -> None:
        """Give it another configuration; it keeps what it has stored."""
        _write(self.folder, configuration)
        async with self._client() as client:
            (await client.post(f"{self.url}/-/reload")).raise_for_status()

    async def query(self, expression: str) -> Vector:
        """The value of every series that the expression has now, by the series' labels."""
        async with self._client() as client:
            answer = await client.get(f"{self.url}/api/v1/query", params={"query": expression})
        found = answer.json()
        assert found["status"] == "success", f"{expression}: {found['error']}"
        assert found["data"]["resultType"] == "vector", f"{expression} is not a vector"
        return {
            frozenset(series["metric"].items()): float(series["value"][1])
            for series in found["data"]["result"]
        }

    async def value(self, expression: str) -> float:
        """The one number that the expression has now; NaN where there is none."""
        found = await self.query(expression)
        assert len(found) <= 1, f"{expression} has {len(found)} series"
        return next(iter(found.values()), math.nan)

    async def until(
        self, expression: str, holds: Callable[[float], bool], within_s: float = 20
    ) -> float:
        """The one number of the expression, as soon as it is as wished."""
        seen = math.nan

        async def is_so() -> bool:
            nonlocal seen
            seen = await self.value(expression)
            return holds(seen)

        try:
            await until(is_so, within_s)
        except TimeoutError:
            raise AssertionError(f"{expression} is {seen} after {within_s} s") from None
        return seen

    async def until_scraped(self, job: str, addresses: int, within_s: float = 20) -> None:
        """Come back when so many addresses of a job have been scraped well."""
        await self.until(f'sum(up{{job="{job}"}})', lambda up: up == addresses, within_s)

    def last_lines(self, count: int = 20) -> tuple[str, ...]:
        """What it said last."""
        return self.child.last_lines(count)

    def _signal(self, number: signal.Signals) -> None:
        if found := identify(self.child.pid):
            send(found, number)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=ANSWERED_WITHIN_S, trust_env=False)


def scraping(*scrapes: Scrape, rule_files: Sequence[Path] = ()) -> Mapping[str, object]:
    """A configuration that scrapes each second."""
    every = f"{SCRAPE_EVERY_S}s"
    return {
        "global": {
            "scrape_interval": every,
            "scrape_timeout": every,
            "evaluation_interval": every,
        },
        "rule_files": [str(path) for path in rule_files],
        "scrape_configs": [_job(scrape) for scrape in scrapes],
    }


def _job(scrape: Scrape) -> Mapping[str, object]:
    targets = {"targets": list(scrape.addresses), "labels": dict(scrape.labels)}
    return {
        "job_name": scrape.job,
        "metrics_path": scrape.path,
        "static_configs": [targets],
    }


def _write(folder: Path, configuration: Mapping[str, object]) -> None:
    _configuration(folder).write_text(yaml.safe_dump(dict(configuration)))


def _command(folder: Path, address: str) -> Command:
    program = shutil.which(PROGRAM)
    if program is None:
        raise StartError(f"There is no {PROGRAM} here: as root on Debian, `make {INSTALLS}` helps.")
    argv = (
        program,
        f"--config.file={_configuration(folder)}",
        f"--storage.tsdb.path={_storage(folder)}",
        f"--web.listen-address={address}",
        "--web.enable-lifecycle",
    )
    return Command(PROGRAM, argv, log_path=folder / "prometheus.log", grace_s=GRACE_S)


def _configuration(folder: Path) -> Path:
    return folder / "prometheus.yml"


def _storage(folder: Path) -> Path:
    return folder / "storage"
