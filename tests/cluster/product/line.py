"""One rule on the whole line: what is deployed, committed, in the cluster and at its proxies."""

import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import yaml
from tests.cluster import config_dump, crds, namespaces
from tests.cluster.api import Api, Manifest
from tests.cluster.background import Background
from tests.cluster.census import census
from tests.cluster.control_plane import ControlPlane
from tests.cluster.gitops import shipped_rights
from tests.cluster.gitops.shipped_rights import ACCOUNT
from tests.cluster.rig import CRDS, Rig
from tests.cluster.routes import meaning
from tests.cluster.samples import SampleService
from tests.cluster.serving import a_rule, resplit, serving
from tests.cluster.weather import Weather
from tests.contract.git_people import git
from tests.e2e.product import LOOK_AGAIN_S, Product, until

from crossfade.manifests.canonical import GENERATION_ANNOTATION

HEALED_S = 30.0
RULES = "destinationrules"
ROUTES = "virtualservices"
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"{ROUTES}.networking.istio.io"},
}
TAKEN_AWAY = (
    f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions//{ROUTES}.networking.istio.io"
)
ISTIO = "/apis/networking.istio.io/v1"
TRAILER = "%(trailers:key=Crossfade-Generation,valueonly)"

Shares = Mapping[str, float]
Told = Mapping[str, Any]  # the specs by kind, and the generation that the routes carry


@dataclass(frozen=True, slots=True)
class Held:
    """What the four places hold of a rule, each read where it is kept."""

    database: Told
    git: Told
    cluster: Told
    proxies: Shares

    def agrees_on(self, generation: int, shares: Shares) -> bool:
        """Whether all hold this generation, and thereby this split."""
        alike = self.database == self.git == self.cluster
        newest = self.database["generation"] == str(generation)
        return alike and newest and self.proxies == shares


@dataclass(frozen=True, slots=True)
class Line:
    """A product that serves one rule, what stands behind it, and the weather in between."""

    rig: Rig
    background: Background
    api: Api
    weather: Weather
    product: Product
    service: SampleService
    rule: str

    def deploy(self, **weights: float) -> dict[str, Any]:
        """Draft and deploy a split; the operation, which may be on its way."""
        resplit(self.product, self.rule, **weights)
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

    def unwell(self, *words: str) -> str:
        """What the product says of the API server, as soon as it says these words."""

        def told() -> str | None:
            found = self._check()
            detail = str(found["detail"])
            return None if found["ok"] or not all(word in detail for word in words) else detail

        return until(told, f"a check that tells of {words}", HEALED_S)

    @contextmanager
    def api_server_gone(self) -> Iterator[None]:
        """The API server is killed, and started again when the block ends."""
        self.background.run(self._plane.kill_api())
        self.background.run(self.weather.vanish())
        try:
            yield
        finally:
            self.background.run(self._plane.start_api())
            self.background.run(self.weather.begin())

    @contextmanager
    def api_server_paused(self) -> Iterator[None]:
        """The API server does nothing at all until the block ends."""
        self._plane.signal_api(signal.SIGSTOP)
        self.background.run(self.weather.cut())
        try:
            yield
        finally:
            self._plane.signal_api(signal.SIGCONT)

    @contextmanager
    def api_server_with(self, *options: str) -> Iterator[None]:
        """The API server has other flags until the block ends."""
        self.restart_api_server(*options)
        self.well()
        try:
            yield
        finally:
            self.restart_api_server()

    @contextmanager
    def kind_gone(self) -> Iterator[None]:
        """The API server knows no VirtualServices, and forgets all there were, for a while."""
        self.background.run(self.api.delete(DEFINITION))
        until(lambda: not self._knows_routes(), "an API server without the kind")
        self.background.run(self.weather.cut())
        try:
            yield
        finally:
            self.background.run(crds.install(self.api, self.rig.programs[CRDS]))

    @contextmanager
    def nothing_heard(self) -> Iterator[None]:
        """No watch tells anything until the block ends, which ends them all."""
        self.background.run(self._hold(held=True))
        try:
            yield
        finally:
            self.background.run(self._hold(held=False))
            self.background.run(self.weather.cut())

    def _knows_routes(self) -> bool:
        listed = self.api.client.get(f"{ISTIO}/{ROUTES}", params={"limit": "1"})
        return self.background.run(listed).status_code != httpx2.codes.NOT_FOUND

    async def _hold(self, *, held: bool) -> None:
        self.weather.hold(held=held)

    def restart_api_server(self, *options: str) -> None:
        """Another API server in place of the one that was, with these further flags."""
        self.background.run(self._plane.kill_api())
        self.background.run(self._plane.start_api(options))

    @property
    def _plane(self) -> ControlPlane:
        assert self.rig.plane is not None
        return self.rig.plane

    def well(self) -> None:
        """Come back when the product says that all is well with the API server."""
        until(lambda: self._check()["ok"], "an API server that all is well with", HEALED_S)

    def edit_by_hand(self, **weights: int) -> None:
        """Somebody divides the traffic so with kubectl."""
        routes = [
            {"destination": {"host": self.service.name, "subset": name}, "weight": weight}
            for name, weight in weights.items()
        ]
        changes = {"spec": {"http": [{"name": "weighted", "route": routes}]}}
        self.background.run(self.api.patch(self.named("VirtualService"), changes))

    def until_asked(self, verb: str, resource: str, times: int = 1) -> None:
        """Come back when the API server was asked for this so often."""
        until(lambda: len(self.weather.asked(verb, resource)) >= times, f"{verb} {resource}")

    def operation(self, id: str) -> dict[str, Any]:
        """An operation as it stands."""
        found: dict[str, Any] = self.product.api.get(f"/api/operations/{id}").json()
        return found

    @property
    def generation(self) -> int:
        """The newest generation of the rule."""
        return int(self.product.api.get(f"/api/rules/{self.rule}").json()["generation"])

    def held(self) -> Held:
        """What the four places hold now; nothing where a place cannot be asked."""
        return Held(self._deployed(), self._committed(), self._applied(), self._obeyed())

    def elsewhere(self) -> dict[str, str]:
        """The digest of every object of the cluster that is neither the rule's nor ours to change.

        The latter is the one that defines a kind, which comes back as another one.
        """
        everything = until(self._counted, "an API server that lists all it has", HEALED_S)
        name = f"{self.service.namespace}/{self.service.name}"
        ours = {f"{ISTIO}/{kind}/{name}" for kind in (ROUTES, RULES)} | {TAKEN_AWAY}
        return {place: digest for place, digest in everything.items() if place not in ours}

    def reset(self) -> None:
        """Fair weather again, an istiod that suffered nothing, and traffic as it was at first."""
        self.weather.clear_up()
        self.background.run(self.rig.istiod.restart(self.rig.children))
        self.arrives(self.deploy(v1=80, v2=20), v1=80, v2=20)
        self.weather.calls.clear()

    def _counted(self) -> dict[str, str] | None:
        with suppress(httpx2.HTTPStatusError):  # it may have begun a moment ago
            return self.background.run(census(self.api))
        return None

    def _check(self) -> dict[str, Any]:
        checks = self.product.api.get("/health").json()["checks"]
        return next(check for check in checks if check["name"] == "kubernetes")

    def _says(self, read: Callable[[], list[str]], words: Sequence[str]) -> None:
        end, said = time.monotonic() + HEALED_S, read()
        while not any(all(word in one for word in words) for one in said):
            assert time.monotonic() < end, f"{words} is not in {said}"
            time.sleep(LOOK_AGAIN_S)
            said = read()

    def _drifts(self) -> list[str]:
        targets = self.product.api.get(f"/api/rules/{self.rule}").json()["targets"]
        return [str(one["drift"]["summary"]) for one in targets if one["drift"]]

    def _waits_for(self, operation: Mapping[str, Any]) -> list[str]:
        stages = self.operation(operation["id"])["stages"]
        return [str(one["detail"]) for one in stages if one["state"] == "waiting"]

    def _deployed(self) -> Told:
        address = f"/api/rules/{self.rule}/revisions/{self.generation}"
        documents = self.product.api.get(address).json()["documents"]
        return told(next(one["content"] for one in documents if one["target"] == "cluster"))

    def _committed(self) -> Told:
        path = f"main:istio/{self.service.namespace}/{self.service.name}.yaml"
        return told(git(repository(self.product.folder), "show", path, check=False))

    def _applied(self) -> Told:
        found: list[Manifest | None] = []
        with suppress(httpx2.TransportError, AssertionError):
            for kind in ("DestinationRule", "VirtualService"):
                found.append(self.background.run(self.api.get(self.named(kind))))
        return said(one for one in found if one)

    def _obeyed(self) -> Shares:
        document = self.background.run(self.rig.gateway.held())
        found = config_dump.routes(document, self.service.host)
        return meaning(found[-1]).shares if found else {}

    def named(self, kind: str) -> Manifest:
        """Enough of a manifest to find an object of the rule."""
        metadata = {"name": self.service.name, "namespace": self.service.namespace}
        return {"apiVersion": "networking.istio.io/v1", "kind": kind, "metadata": metadata}


def told(text: str) -> Told:
    """What the documents of a file say."""
    return said(one for one in yaml.safe_load_all(text) if one)


def said(manifests: Iterable[Manifest]) -> Told:
    """What a rule's two objects say; of the subsets, the generation says nothing."""
    found = {one["kind"]: one for one in manifests}
    annotations = found.get("VirtualService", {}).get("metadata", {}).get("annotations", {})
    specs = {kind: one["spec"] for kind, one in found.items()}
    return {"generation": annotations.get(GENERATION_ANNOTATION), **specs}


def repository(folder: Path) -> Path:
    """Where a product that was given no remote keeps what it commits."""
    return folder / "data" / "git" / "repository.git"


def committed_generations(product: Product) -> list[int]:
    """The generations in Git, in the order of their commits."""
    log = git(repository(product.folder), "log", "--reverse", f"--format={TRAILER}", "main")
    return [int(line) for line in log.split()]


def account(rig: Rig) -> Path:
    """A kubeconfig of the account that Crossfade has by deploy/rbac, with no right beside it."""
    return rig.plane.kubeconfig_of_account(*ACCOUNT) if rig.plane else rig.kubeconfig


@contextmanager
def standing(
    rig: Rig, background: Background, database_url: str, folder: Path, **settings: str
) -> Iterator[Line]:
    """A line for a rule of a service with three versions, deployed as 80 to 20."""
    (folder / "weather").mkdir(parents=True)
    with ExitStack() as stack:
        api = stack.enter_context(background.held(Api.opened(rig.kubeconfig)))
        namespace = stack.enter_context(background.held(namespaces.fresh(api)))
        service = SampleService(api, namespace)
        background.run(service.create("v1", "v2", "v3"))
        background.run(shipped_rights.give(api, "managed-namespace", namespace))
        before = Weather.before(account(rig), folder / "weather")
        weather = stack.enter_context(background.held(before))
        settings = {"CROSSFADE_KUBECONFIG": str(weather.kubeconfig), **settings}
        crossfade = serving(rig, namespace, database_url, folder / "crossfade", **settings)
        product = stack.enter_context(crossfade)
        rule = a_rule(product, namespace, rig.gateway.reference, v1=80, v2=20)
        line = Line(rig, background, api, weather, product, service, rule)
        line.arrives(product.deploy(rule), v1=80, v2=20)
        yield line
