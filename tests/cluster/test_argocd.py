"""The rig's Argo CD is a real one: it syncs what is committed, heals, prunes and can be absent."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cluster.api import Api
from tests.cluster.applications import KeptApplication, synced_at
from tests.cluster.argocd import NAMESPACE, ArgoCD
from tests.cluster.waiting import until
from tests.contract.git_people import bare_repository, edit

from crossfade.domain.delivery import Delivery
from crossfade.manifests.argocd import Destination, Place, application_manifest
from crossfade.manifests.argocd_application import ApplicationName

pytestmark = pytest.mark.cluster

WITHIN_S = 10.0  # of a commit and a nudge; a poll would take minutes
FILE = "istio/checkout.yaml"
Keep = Callable[..., Awaitable[KeptApplication]]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository without a rule; Argo CD takes a folder that is not there for an error."""
    made = bare_repository(tmp_path / "repository")
    edit(made, "istio/README.md", "Rules of traffic.")
    return made


@pytest.fixture
async def keep(
    argocd: ArgoCD,  # noqa: ARG001  it does the work
    api: Api,
    repository: Path,
    namespace: str,
) -> AsyncIterator[Keep]:
    """Lets Argo CD keep the repository's folder in the test's namespace."""
    kept: list[KeptApplication] = []

    async def make(*, self_heal: bool = True) -> KeptApplication:
        manifest = application_manifest(
            ApplicationName(NAMESPACE, namespace),
            Place(f"file://{repository}", "main", "istio"),
            Destination(namespace),
            Delivery.GIT_ONLY,
            self_heal=self_heal,
        )
        kept.append(await KeptApplication.create(api, manifest))
        return kept[-1]

    yield make
    for application in kept:
        await application.delete()


def virtual_service(namespace: str, v1: int) -> dict[str, Any]:
    shares = {"v1": v1, "v2": 100 - v1}
    route = [
        {"destination": {"host": "checkout", "subset": version}, "weight": share}
        for version, share in shares.items()
    ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "checkout", "namespace": namespace},
        "spec": {"hosts": ["checkout"], "http": [{"route": route}]},
    }


async def weight(api: Api, namespace: str) -> int | None:
    """What the cluster sends to v1; None where it holds no route."""
    found = await api.get(virtual_service(namespace, 0))
    return int(found["spec"]["http"][0]["route"][0]["weight"]) if found else None


async def test_a_commit_and_a_nudge_are_in_the_cluster_within_seconds(
    api: Api, keep: Keep, repository: Path, namespace: str
) -> None:
    first = edit(repository, FILE, yaml.safe_dump(virtual_service(namespace, 80)))
    application = await keep()
    await application.until_synced(first)

    second = edit(repository, FILE, yaml.safe_dump(virtual_service(namespace, 50)))

    await application.until_synced(second, WITHIN_S, nudged=True)
    assert await weight(api, namespace) == 50


async def test_while_the_controller_is_stopped_nothing_is_synced_and_afterwards_everything(
    api: Api, argocd: ArgoCD, keep: Keep, repository: Path, namespace: str
) -> None:
    first = edit(repository, FILE, yaml.safe_dump(virtual_service(namespace, 80)))
    application = await keep()
    await application.until_synced(first)
    await argocd.stop_controller()

    second = edit(repository, FILE, yaml.safe_dump(virtual_service(namespace, 50)))
    await application.refresh()

    assert synced_at(await application.status()) == first
    await argocd.start_controller()
    await application.until_synced(second)
    assert await weight(api, namespace) == 50


async def test_a_hand_edit_is_healed_where_that_is_wished(
    api: Api, keep: Keep, repository: Path, namespace: str
) -> None:
    commit = edit(repository, FILE, yaml.safe_dump(virtual_service(namespace, 80)))
    await (await keep()).until_synced(commit)

    await api.apply(virtual_service(namespace, 10))

    async def healed() -> bool:
        return await weight(api, namespace) == 80

    await until(healed)


async def test_a_hand_edit_stays_and_is_told_where_healing_is_not_wished(
    api: Api, keep: Keep, repository: Path, namespace: str
) -> None:
    commit = edit(repository, FILE, yaml.safe_dump(virtual_service(namespace, 80)))
    application = await keep(self_heal=False)
    await application.until_synced(commit)

    await api.apply(virtual_service(namespace, 10))

    await application.until(lambda status: status["sync"]["status"] == "OutOfSync")
    assert await weight(api, namespace) == 10


async def test_what_leaves_the_repository_leaves_the_cluster(
    api: Api, keep: Keep, repository: Path, namespace: str
) -> None:
    commit = edit(repository, FILE, yaml.safe_dump(virtual_service(namespace, 80)))
    application = await keep()
    await application.until_synced(commit)

    removal = edit(repository, FILE, None)

    await application.until_synced(removal, nudged=True)
    assert await weight(api, namespace) is None
