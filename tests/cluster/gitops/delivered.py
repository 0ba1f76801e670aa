"""The whole product beside a real Argo CD that brings its repository to the cluster."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml
from tests.cluster import config_dump, namespaces
from tests.cluster.api import Api, Manifest
from tests.cluster.applications import KeptApplication
from tests.cluster.argocd import NAMESPACE
from tests.cluster.background import Background
from tests.cluster.gitops.repository import FOLDER, Repository
from tests.cluster.gitops.site import application, until_seen
from tests.cluster.recording import KINDS, Recording, in_words, named, recording
from tests.cluster.rig import Rig
from tests.cluster.routes import meaning
from tests.cluster.samples import SampleService
from tests.cluster.serving import a_rule, effective, resplit, serving
from tests.contract.git_people import git
from tests.e2e.product import Product, until
from tests.integration.envoy_traffic import Reply, bodies
from tests.integration.test_envoy_split import plausible

from crossfade.domain.delivery import Delivery

REQUESTS = 1_000
HEALED_S = 30.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """A product, the repository it commits to, and the Application that keeps it."""

    rig: Rig
    background: Background
    api: Api
    product: Product
    service: SampleService
    repository: Repository
    kept: KeptApplication

    def first(self, **weights: float) -> str:
        """The id of a rule that is deployed for the first time, and effective."""
        rule = self.rule(**weights)
        effective(self.product, self.product.deploy(rule))
        return rule

    def rule(self, **weights: float) -> str:
        """The id of a rule that is not deployed yet."""
        gateway = self.rig.gateway.reference
        return a_rule(self.product, self.service.namespace, gateway, **weights)

    def place(self, *names: str) -> None:
        """Further versions of the service, which answer."""
        for name in names:
            self.background.run(self.service.add(name))
            ports = self.background.run(self.rig.backends.ports(name))
            self.background.run(self.service.route(**{name: ports}))

    def deploy(self, rule: str, **weights: float) -> dict[str, Any]:
        """Draft and deploy a split; the operation, which is on its way."""
        resplit(self.product, rule, **weights)
        return self.product.deploy(rule, wait_s=0)

    def read(self, rule: str) -> dict[str, Any]:
        """The rule as the API shows it."""
        found: dict[str, Any] = self.product.api.get(f"/api/rules/{rule}").json()
        return found

    def operation(self, id: str) -> dict[str, Any]:
        """An operation as it stands."""
        found: dict[str, Any] = self.product.api.get(f"/api/operations/{id}").json()
        return found

    def ended(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """The operation as it ended, however that was."""

        def done() -> dict[str, Any] | None:
            found = self.operation(operation["id"])
            return None if found["state"] == "running" else found

        return until(done, f"an end of {operation}")

    def tells(self, operation: Mapping[str, Any], *words: str) -> str:
        """What the operation waits for, as soon as it says so in these words."""
        said: list[str] = []

        def told() -> str | None:
            stages = self.operation(operation["id"])["stages"]
            waiting = [str(one["detail"]) for one in stages if one["state"] == "waiting"]
            said.extend(one for one in waiting if one not in said[-1:])
            return next((one for one in waiting if all(word in one for word in words)), None)

        try:
            return until(told, f"{words}", HEALED_S)
        except AssertionError as error:
            raise AssertionError(f"{error}, and it said {said}") from None

    def drift(self, rule: str) -> dict[str, Any] | None:
        """How the cluster is shown to differ."""
        targets = self.read(rule)["targets"]
        found: dict[str, Any] | None = next(
            one["drift"] for one in targets if one["kind"] == "cluster"
        )
        return found

    def edited_until_shown(self, rule: str, editor: str, **weights: int) -> dict[str, Any]:
        """The drift that an edit is shown as; it is made again where Argo CD was quicker."""

        def told() -> dict[str, Any] | None:
            self.edited(editor, **weights)
            with suppress(AssertionError):
                return until(lambda: self.drift(rule), "a drift", 1)
            return None

        return until(told, f"an edit of {editor} that is shown")

    def edited(self, editor: str, **weights: int) -> None:
        """Somebody changes the weights in the cluster by hand."""
        found = named("VirtualService", self.service.namespace, self.service.name)
        spec = (self.background.run(self.api.get(found)) or {})["spec"]
        entry = dict(spec["http"][-1])
        entry["route"] = [
            {**arm, "weight": weights[arm["destination"]["subset"]]} for arm in entry["route"]
        ]
        changed = {**found, "spec": {**spec, "http": [*spec["http"][:-1], entry]}}
        self.background.run(self.api.apply(changed, manager=editor))

    def committed(self, author: str = "crossfade") -> list[str]:
        """What each commit of an author made of the rule's file, in words, oldest first."""
        listing = ("log", "--reverse", "--format=%H", f"--author={author}", "main")
        return [self.in_git(one) for one in git(self.repository.path, *listing).split()]

    def in_git(self, commit: str = "main") -> str:
        """What a commit holds of the rule, in words."""
        path = f"{FOLDER}/{self.service.namespace}/{self.service.name}.yaml"
        return _in_words(git(self.repository.path, "show", f"{commit}:{path}", check=False))

    def synced(self, rule: str) -> None:
        """Come back when Argo CD says that the cluster is as the rule's last commit."""
        until(lambda: self._confirmed(rule), f"a rule that is everywhere: {rule}")
        commit = git(self.repository.path, "rev-parse", "main")
        self.background.run(until_seen(self.kept, commit))

    def _confirmed(self, rule: str) -> bool:
        return all(one["state"] == "confirmed" for one in self.read(rule).get("targets", ()))

    def objects(self) -> list[Manifest]:
        """What the cluster holds of the rule."""
        place = (self.service.namespace, self.service.name)
        found = [self.background.run(self.api.get(named(kind, *place))) for kind in KINDS]
        return [one for one in found if one]

    async def add(self, lines: Manifest) -> None:
        """Put lines where they belong in the Application, as a person would."""
        spec = self.kept.manifest["spec"]
        options = [*spec["syncPolicy"]["syncOptions"], *lines["syncPolicy"]["syncOptions"]]
        policy = {**spec["syncPolicy"], "syncOptions": options}
        fields = lines["ignoreDifferences"]
        wished = {**spec, "syncPolicy": policy, "ignoreDifferences": fields}
        await self.api.apply({**self.kept.manifest, "spec": wished})

    def until_divided(self, **weights: int) -> None:
        """Come back when the gateway says that it divides so, whoever made it."""
        until(lambda: self.background.run(self.obeyed()) == weights, f"a gateway with {weights}")

    def divides(self, **weights: float) -> None:
        """Assert that real traffic lies within the 99.99% interval of a split."""
        calls = self.rig.gateway.caller.calls(REQUESTS, self.service.host)
        counted = answered(self.background.run(calls))
        assert set(counted) <= {name for name, weight in weights.items() if weight}, counted
        for name, weight in weights.items():
            assert plausible(counted[name], REQUESTS, weight / 100), (weights, counted)

    async def obeyed(self) -> Mapping[str, float]:
        """How the gateway divides the traffic, in percent, as it says itself."""
        found = config_dump.routes(await self.rig.gateway.held(), self.service.host)
        shares = meaning(found[-1]).shares if found else {}
        return {name: share / 100 for name, share in shares.items()}

    @contextmanager
    def recorded(self) -> Iterator[Recording[Mapping[str, float]]]:
        """Every state of the rule's objects, and what the proxies obeyed when it was heard."""
        place = (self.service.namespace, self.service.name)
        with self.background.held(recording(self.api, *place, self.obeyed)) as told:
            yield told


def answered(replies: Counter[Reply]) -> Counter[str]:
    """How often each version of the sample service answered; whatever else came is a failure."""
    found: Counter[str] = Counter()
    for body, count in bodies(replies).items():
        found[orjson.loads(body)["version"]] += count
    return found


def _in_words(text: str) -> str:
    found = {one["kind"]: one for one in yaml.safe_load_all(text) if one}
    return in_words(found.get("DestinationRule"), found.get("VirtualService"))


@contextmanager
def delivered(
    rig: Rig,
    background: Background,
    database_url: str,
    folder: Path,
    delivery: Delivery = Delivery.GIT_ONLY,
    *,
    kept_as: Delivery | None = None,
    **settings: str,
) -> Iterator[Delivered]:
    """A product that delivers so, with a service of two versions, and an Application for it."""
    with ExitStack() as stack:
        api = stack.enter_context(background.held(Api.opened(rig.kubeconfig)))
        namespace = stack.enter_context(background.held(namespaces.fresh(api)))
        service, repository = SampleService(api, namespace), Repository.made(folder / "repository")
        background.run(service.create("v1", "v2"))
        ports = {name: background.run(rig.backends.ports(name)) for name in ("v1", "v2")}
        background.run(service.route(**ports))
        kept = background.run(application(api, repository, namespace, kept_as or delivery))
        stack.callback(lambda: background.run(kept.delete()))
        ours = {
            "CROSSFADE_DELIVERY": delivery.value,
            "CROSSFADE_ARGOCD_APPLICATION": f"{NAMESPACE}/{namespace}",
            "CROSSFADE_GIT_REMOTE": repository.place.repo_url,
            "CROSSFADE_GIT_ALLOW_FILE": "true",
            **settings,
        }
        crossfade = serving(rig, namespace, database_url, folder / "crossfade", **ours)
        product = stack.enter_context(crossfade)
        yield Delivered(rig, background, api, product, service, repository, kept)
