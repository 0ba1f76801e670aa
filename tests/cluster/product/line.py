"""One rule on the whole line: from the API over database and Git to the cluster and its proxies."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
from tests.cluster import namespaces
from tests.cluster.api import Api, Manifest
from tests.cluster.background import Background
from tests.cluster.gitops import shipped_rights
from tests.cluster.gitops.shipped_rights import ACCOUNT
from tests.cluster.product.places import KINDS, Held, Picture, obeyed, picture_in, picture_of
from tests.cluster.rig import Rig
from tests.cluster.samples import SampleService
from tests.cluster.serving import a_rule, resplit, serving
from tests.cluster.weather import Weather
from tests.contract.git_people import git
from tests.e2e.product import LOOK_AGAIN_S, Product, until

HEALED_S = 30.0
RULES = "destinationrules"
ROUTES = "virtualservices"
TRAILER = "%(trailers:key=Crossfade-Generation,valueonly)"


@dataclass(frozen=True, slots=True)
class Line:
    """A product that serves one rule, what stands behind it, and the weather in between."""

    rig: Rig
    background: Background
    api: Api
    weather: Weather
    product: Product
    repository: Path
    service: SampleService
    rule: str = ""

    def beside(self, name: str) -> "Line":
        """The line of another service by the same product, deployed as 80 to 20."""
        service = SampleService(self.api, self.service.namespace, name)
        self.background.run(service.create("v1", "v2", "v3"))
        return replace(self, service=service).begun()

    def begun(self) -> "Line":
        """The line with its rule, deployed as 80 to 20."""
        place = (self.service.namespace, self.rig.gateway.reference, self.service.name)
        line = replace(self, rule=a_rule(self.product, *place, v1=80, v2=20))
        line.arrives(line.product.deploy(line.rule), v1=80, v2=20)
        return line

    def draft(self, **weights: float) -> None:
        """Keep a split, without deploying it."""
        resplit(self.product, self.rule, **weights)

    def deploy(self, **weights: float) -> dict[str, Any]:
        """Draft and deploy a split; the operation, which may be on its way."""
        self.draft(**weights)
        return self.product.deploy(self.rule, wait_s=0)

    def arrives(self, operation: Mapping[str, Any], **weights: float) -> None:
        """Assert that the operation becomes effective in time, and all four places hold its split.

        It counts from now on: whatever was in the way has just gone.
        """
        end = time.monotonic() + HEALED_S
        while (found := self.operation(operation["id"]))["state"] == "running":
            assert time.monotonic() < end, found
            time.sleep(LOOK_AGAIN_S)
        assert found["state"] == "effective", found
        self.converges(end - time.monotonic(), **weights)

    def converges(self, within_s: float = HEALED_S, **weights: float) -> None:
        """Assert that all four places come to hold the newest generation, with this split."""
        shares = {name: weight * 100 for name, weight in weights.items() if weight}
        end = time.monotonic() + within_s
        while not (held := self.held()).agrees_on(self.generation, shares):
            assert time.monotonic() < end, held
            time.sleep(LOOK_AGAIN_S)

    def tells(self, operation: Mapping[str, Any], *words: str) -> None:
        """Assert that the operation comes to say what it waits for, in these words."""
        self._says(lambda: self._waits_for(operation), words)

    def drifts(self, *words: str) -> None:
        """Assert that the rule comes to tell of a drift in these words."""
        self._says(self._drifts, words)

    def unwell(self, *words: str) -> None:
        """Assert that the product comes to say of the API server that it is so unwell."""
        self._says(lambda: [] if self._check()["ok"] else [self._check()["detail"]], words)

    def well(self) -> None:
        """Come back when the product says that all is well with the API server."""
        until(lambda: self._check()["ok"], "an API server that all is well with", HEALED_S)

    def until_asked(self, verb: str, resource: str, times: int = 1) -> None:
        """Come back when the API server was asked for this so often."""
        until(lambda: len(self.weather.asked(verb, resource)) >= times, f"{verb} {resource}")

    def operation(self, id: str) -> dict[str, Any]:
        """An operation as it stands."""
        found: dict[str, Any] = self.product.api.get(f"/api/operations/{id}").json()
        return found

    def read(self) -> dict[str, Any]:
        """The rule as it stands."""
        found: dict[str, Any] = self.product.api.get(f"/api/rules/{self.rule}").json()
        return found

    @property
    def generation(self) -> int:
        """The newest generation of the rule."""
        return int(self.read()["generation"])

    @property
    def commits(self) -> list[int]:
        """The generations of the rule that Git holds, in the order of their commits."""
        log = ("log", "--reverse", f"--format={TRAILER}", "main", "--", self._file)
        return [int(line) for line in git(self.repository, *log).split()]

    def held(self) -> Held:
        """What the four places hold now; nothing where a place cannot be asked."""
        document = self.background.run(self.rig.gateway.held())
        proxies = obeyed(document, self.service.host)
        deployed = self.picture(self.generation)
        return Held(deployed, self._committed(), self._applied(), proxies)

    def picture(self, generation: int) -> Picture:
        """What was asked for under a generation."""
        address = f"/api/rules/{self.rule}/revisions/{generation}"
        documents = self.product.api.get(address).json()["documents"]
        return picture_in(next(one["content"] for one in documents if one["target"] == "cluster"))

    def named(self, kind: str) -> Manifest:
        """Enough of a manifest to find an object of the rule."""
        metadata = {"name": self.service.name, "namespace": self.service.namespace}
        return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata}

    @property
    def _file(self) -> str:
        return f"istio/{self.service.namespace}/{self.service.name}.yaml"

    def _committed(self) -> Picture:
        return picture_in(git(self.repository, "show", f"main:{self._file}", check=False))

    def _applied(self) -> Picture:
        found: list[Manifest | None] = []
        with suppress(httpx2.TransportError, AssertionError):
            for kind in KINDS:
                found.append(self.background.run(self.api.get(self.named(kind))))
        return picture_of(one for one in found if one)

    def _says(self, read: Callable[[], Sequence[str]], words: Sequence[str]) -> None:
        end, said = time.monotonic() + HEALED_S, read()
        while not any(all(word in one for word in words) for one in said):
            assert time.monotonic() < end, f"{words} is not in {said}"
            time.sleep(LOOK_AGAIN_S)
            said = read()

    def _check(self) -> dict[str, Any]:
        checks = self.product.api.get("/health").json()["checks"]
        return next(check for check in checks if check["name"] == "kubernetes")

    def _drifts(self) -> list[str]:
        return [str(one["drift"]["summary"]) for one in self.read()["targets"] if one["drift"]]

    def _waits_for(self, operation: Mapping[str, Any]) -> list[str]:
        stages = self.operation(operation["id"])["stages"]
        return [str(one["detail"]) for one in stages if one["state"] == "waiting"]


def account(rig: Rig) -> Path:
    """A kubeconfig of the account that Crossfade has by deploy/rbac, with no right beside it."""
    return rig.plane.kubeconfig_of_account(*ACCOUNT) if rig.plane else rig.kubeconfig


@contextmanager
def standing(
    rig: Rig, background: Background, database_url: str, folder: Path, **settings: str
) -> Iterator[Line]:
    """A line of a service with three versions, whose rule is deployed as 80 to 20."""
    (folder / "weather").mkdir(parents=True)
    repository = folder / "repository.git"
    git(repository, "init", "--quiet", "--bare", "--initial-branch=main")
    with ExitStack() as stack:
        api = stack.enter_context(background.held(Api.opened(rig.kubeconfig)))
        namespace = stack.enter_context(background.held(namespaces.fresh(api)))
        service = SampleService(api, namespace)
        background.run(service.create("v1", "v2", "v3"))
        background.run(shipped_rights.give(api, "managed-namespace", namespace))
        before = Weather.before(account(rig), folder / "weather")
        weather = stack.enter_context(background.held(before))
        settings = {
            "CROSSFADE_KUBECONFIG": str(weather.kubeconfig),
            "CROSSFADE_GIT_REMOTE": f"file://{repository}",
            "CROSSFADE_GIT_ALLOW_FILE": "true",
            **settings,
        }
        crossfade = serving(rig, namespace, database_url, folder / "crossfade", **settings)
        product = stack.enter_context(crossfade)
        yield Line(rig, background, api, weather, product, repository, service).begun()
