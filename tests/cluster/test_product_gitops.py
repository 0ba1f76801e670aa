"""The whole product beside a real Argo CD, through its API: what it says, commits and does."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cluster.api import Api
from tests.cluster.argocd import NAMESPACE, PROJECT, ArgoCD, prepare
from tests.cluster.background import Background
from tests.cluster.gitops.delivered import Delivered, answered, delivered
from tests.cluster.recording import State, pictures, subsets_of, weights_of
from tests.cluster.rig import Rig
from tests.cluster.serving import effective, shift
from tests.contract.git_people import edit
from tests.e2e.product import until

from crossfade.adapters.processes.children import Children
from crossfade.domain.delivery import Delivery

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]

MOVES = 20
WAITS = {"Prefer": "wait=10"}
UNREADABLE = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: [\n"
Delivering = Callable[..., AbstractContextManager[Delivered]]


@asynccontextmanager
async def keeping(rig: Rig, folder: Path) -> AsyncIterator[ArgoCD]:
    """A running Argo CD."""
    async with Api.opened(rig.kubeconfig) as api:
        await prepare(api, rig.programs)
    async with Children(folder / "run") as children:
        started = await ArgoCD.start(folder / "argocd", rig.programs, rig.kubeconfig, children)
        yield started
        await started.stop()


@pytest.fixture(scope="module")
def keeper(
    rig: Rig, background: Background, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ArgoCD]:
    """One Argo CD for all of these tests."""
    with background.held(keeping(rig, tmp_path_factory.mktemp("argocd"))) as up:
        yield up


@pytest.fixture
def delivering(
    rig: Rig,
    background: Background,
    keeper: ArgoCD,  # noqa: ARG001  it does the work
    database_url: str,
    tmp_path: Path,
) -> Delivering:
    """How a product is put beside Argo CD."""
    return partial(delivered, rig, background, database_url, tmp_path)


@pytest.fixture
def git_only(delivering: Delivering) -> Iterator[Delivered]:
    """A product that writes to Git alone."""
    with delivering() as up:
        yield up


def test_git_alone_carries_every_change_to_the_traffic_in_order(git_only: Delivered) -> None:
    git_only.place("v3")
    product, load = git_only.product, git_only.rig.gateway.caller.load(git_only.service.host)
    rule = git_only.first(v1=80, v2=20)
    git_only.divides(v1=80, v2=20)

    with git_only.recorded() as told, git_only.background.held(load) as replies:
        shift(product, rule, v1=50, v2=50)
        git_only.synced(rule)
        shift(product, rule, v1=40, v2=40, v3=20)
        shift(product, rule, v1=30, v3=70)
        states = git_only.background.run(told.states())
    git_only.divides(v1=30, v3=70)
    git_only.synced(rule)

    assert git_only.committed() == [
        "v1 v2",  # subsets first
        "v1 v2: v1=80 v2=20",
        "v1 v2: v1=50 v2=50",  # weights alone: one commit
        "v1 v2 v3: v1=50 v2=50",
        "v1 v2 v3: v1=40 v2=40 v3=20",
        "v1 v2 v3: v1=30 v3=70",
        "v1 v3: v1=30 v3=70",  # what the proxies let go of
    ]
    assert pictures(states)[-5:] == git_only.committed()[-5:]
    assert known_before_routed(states)
    assert set(answered(replies)) == {"v1", "v2", "v3"}


def test_a_rollback_while_a_version_leaves_brings_it_back_before_it_gets_traffic(
    git_only: Delivered,
) -> None:
    git_only.place("v3")
    product, load = git_only.product, git_only.rig.gateway.caller.load(git_only.service.host)
    rule = git_only.first(v1=80, v2=20)

    with git_only.recorded() as told, git_only.background.held(load) as replies:
        replaced = git_only.deploy(rule, v1=30, v3=70)
        until(lambda: git_only.in_git() == "v1 v3: v1=30 v3=70", "v2 to go from Git")
        answer = product.api.post(f"/api/rules/{rule}/rollback", json={}, headers=WAITS)
        effective(product, answer.json())
        states = git_only.background.run(told.states())

    assert git_only.operation(replaced["id"])["state"] == "superseded"
    assert git_only.committed()[2:] == [
        "v1 v2 v3: v1=80 v2=20",
        "v1 v2 v3: v1=30 v3=70",
        "v1 v3: v1=30 v3=70",
        "v1 v2 v3: v1=30 v3=70",
        "v1 v2 v3: v1=80 v2=20",
        "v1 v2: v1=80 v2=20",
    ]
    assert known_before_routed(states)
    assert set(answered(replies)) == {"v1", "v2", "v3"}


def test_a_rollback_is_as_quick_as_a_deploy_and_a_removed_rule_is_pruned(
    git_only: Delivered,
) -> None:
    product, rule = git_only.product, git_only.first(v1=80, v2=20)
    deploys = [shift(product, rule, v1=80 - turn, v2=20 + turn) for turn in (10, 20, 30)]

    answer = product.api.post(f"/api/rules/{rule}/rollback", json={}, headers=WAITS)
    rolled_back = effective(product, answer.json())
    git_only.divides(v1=60, v2=40)

    assert took(rolled_back) <= 2 * max(map(took, deploys))
    assert git_only.committed()[1:] == [
        "v1 v2: v1=80 v2=20",
        "v1 v2: v1=70 v2=30",
        "v1 v2: v1=60 v2=40",
        "v1 v2: v1=50 v2=50",
        "v1 v2: v1=60 v2=40",
    ]

    headers = {"If-Match": f'"{git_only.read(rule)["edition"]}"', **WAITS}
    answer = product.api.delete(f"/api/rules/{rule}", params={"mode": "remove"}, headers=headers)
    assert answer.status_code in (200, 202), answer.text
    removed = effective(product, answer.json())
    assert "gone from the cluster" in removed["outcome"]
    assert product.api.get(f"/api/rules/{rule}").status_code == 404
    assert git_only.committed()[-1] == ""
    assert git_only.objects() == []
    git_only.synced(rule)


def test_a_hand_edit_is_shown_with_its_author_until_argo_cd_heals_it(git_only: Delivered) -> None:
    rule = git_only.first(v1=80, v2=20)
    before = git_only.read(rule)["generation"]
    git_only.synced(rule)

    drift = git_only.edited_until_shown(rule, "jane", v1=10, v2=90)

    assert drift["author"] == "jane"
    assert drift["summary"] == "it was changed by jane"
    until(lambda: git_only.drift(rule) is None, "no drift any more")
    found = until(lambda: shown(git_only, rule, "live"), "a rule that is live again")
    assert found["generation"] == before
    git_only.until_divided(v1=80, v2=20)


def test_a_stopped_argo_cd_is_waited_for_and_the_deploy_ends_after_its_return(
    git_only: Delivered, keeper: ArgoCD
) -> None:
    product, rule = git_only.product, git_only.first(v1=80, v2=20)
    with stopped(git_only.background, keeper):
        operation = git_only.deploy(rule, v1=50, v2=50)
        git_only.tells(
            operation, f"Argo CD ({NAMESPACE}/", "has not looked since", "is it running?"
        )
        git_only.divides(v1=80, v2=20)
    assert effective(product, operation)["kind"] == "deploy"
    git_only.divides(v1=50, v2=50)
    assert git_only.committed()[-2:] == ["v1 v2: v1=80 v2=20", "v1 v2: v1=50 v2=50"]


def test_what_others_broke_in_git_is_told_in_argo_cds_words_and_waited_for(
    git_only: Delivered,
) -> None:
    product, rule = git_only.product, git_only.first(v1=80, v2=20)
    edit(git_only.repository.path, "istio/cart.yaml", UNREADABLE)
    operation = git_only.deploy(rule, v1=50, v2=50)
    git_only.tells(operation, "Argo CD", "cart.yaml")
    edit(git_only.repository.path, "istio/cart.yaml", None)
    effective(product, operation)
    git_only.divides(v1=50, v2=50)


def test_a_sync_that_argo_cd_refuses_fails_in_its_words_and_the_last_split_is_restored(
    git_only: Delivered,
) -> None:
    product, rule = git_only.product, git_only.first(v1=80, v2=20)
    with forbidden(git_only, "VirtualService"):
        failed = git_only.ended(git_only.deploy(rule, v1=50, v2=50))
        assert failed["state"] == "failed"
        assert "VirtualService is not permitted in project default" in failed["outcome"]
        git_only.divides(v1=80, v2=20)
    effective(product, product.deploy(rule))
    git_only.divides(v1=50, v2=50)


def test_beside_an_argo_cd_that_heals_our_own_writes_never_go_back(
    delivering: Delivering,
) -> None:
    with delivering(Delivery.APPLY, kept_as=Delivery.GIT_ONLY) as direct:
        product, rule = direct.product, direct.rule(v1=80, v2=20)
        lines = refused(direct, rule)
        direct.background.run(direct.add(yaml.safe_load(lines)["spec"]))
        until(lambda: not blockers(direct, rule), "a deploy that is let through")
        effective(product, product.deploy(rule))
        with direct.recorded() as told:
            for turn in range(1, MOVES + 1):
                shift(product, rule, v1=80 - turn, v2=20 + turn)
            direct.synced(rule)
            states = direct.background.run(told.states())

    weights = [weights_of(one.object)["v2"] for one in states if routes(one.object)]
    assert sorted(weights) == weights
    assert sorted(set(weights)) == list(range(21, 21 + MOVES))


def test_a_hand_edit_is_healed_until_the_same_hand_has_undone_two_repairs(
    delivering: Delivering,
) -> None:
    with delivering(Delivery.APPLY, CROSSFADE_DRIFT="heal") as direct:
        rule = direct.first(v1=80, v2=20)
        for turn in (1, 2):
            direct.edited("jane", v1=10, v2=90)
            healed = until(partial(healing, direct, rule, 1 + turn), f"repair {turn}")
            assert (healed["kind"], healed["actor"]) == ("repair", "crossfade")
            assert healed["reason"] == "healed: it was changed by jane"
            direct.until_divided(v1=80, v2=20)

        direct.edited("jane", v1=10, v2=90)
        drift = until(lambda: direct.drift(rule), "a drift that is left")
        assert drift["summary"] == (
            "it was changed by jane; jane has undone 2 repairs, so Crossfade leaves it"
        )
        direct.until_divided(v1=10, v2=90)
        assert direct.read(rule)["generation"] == 3


@contextmanager
def stopped(background: Background, keeper: ArgoCD) -> Iterator[None]:
    """Argo CD's controller is away until the block ends."""
    background.run(keeper.stop_controller())
    try:
        yield
    finally:
        background.run(keeper.start_controller())


@contextmanager
def forbidden(site: Delivered, kind: str) -> Iterator[None]:
    """Argo CD's project lets nobody sync objects of a kind, until the block ends."""
    forbids = [{"group": "networking.istio.io", "kind": kind}]
    project = {**PROJECT, "spec": {**PROJECT["spec"], "namespaceResourceBlacklist": forbids}}
    site.background.run(site.api.apply(project))
    try:
        yield
    finally:
        site.background.run(site.api.apply(PROJECT))


def refused(site: Delivered, rule: str) -> str:
    """The lines that an Application lacks, by which a deploy is refused."""
    [found] = until(lambda: blockers(site, rule), "a finding that blocks")
    assert found["code"] == "argocd-would-revert"
    answer = site.product.api.post(f"/api/deploy-rule/{rule}", json={})
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith("/deploy-blocked")
    assert [one["detail"] for one in answer.json()["errors"]] == [found["message"]]
    assert site.objects() == []
    lines: str = found["message"].partition("Add to the Application:\n")[2]
    return lines


def blockers(site: Delivered, rule: str) -> list[dict[str, Any]]:
    """What keeps a rule from being deployed."""
    found = site.product.api.get(f"/api/rules/{rule}/preview").json()["findings"]
    return [one for one in found if one["severity"] == "blocker"]


def healing(site: Delivered, rule: str, generation: int) -> dict[str, Any] | None:
    """The operation by which a rule has come to a generation, once it is effective."""
    found = site.read(rule)["operation"]
    done = found["state"] == "effective" and found["generation"] == generation
    return found if done else None


def shown(site: Delivered, rule: str, state: str) -> dict[str, Any] | None:
    """The rule, once it is in a state."""
    found = site.read(rule)
    return found if found["state"] == state else None


def known_before_routed(states: Iterable[State[Mapping[str, float]]]) -> bool:
    """Whether the proxies never gave traffic to a version that was not known, or not any more."""
    rules = [one for one in states if not routes(one.object)]
    return all(one.beside.keys() <= set(subsets_of(one.object)) for one in rules)


def routes(found: Mapping[str, Any]) -> bool:
    """Whether an object carries the weights."""
    return bool(found["kind"] == "VirtualService")


def took(operation: Mapping[str, Any]) -> float:
    """How many seconds an operation took from its acceptance to its end."""
    first, last = (datetime.fromisoformat(operation[at]) for at in ("createdAt", "endedAt"))
    return (last - first).total_seconds()
