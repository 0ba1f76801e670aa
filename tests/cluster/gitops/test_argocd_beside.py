"""We write to the cluster ourselves, beside a real Argo CD that heals what differs from Git."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count

import pytest
import yaml
from tests.cluster.api import Api, Manifest
from tests.cluster.applications import KeptApplication, synced_at
from tests.cluster.argocd import NAMESPACE, ArgoCD
from tests.cluster.gitops.repository import Repository, a_revision
from tests.cluster.gitops.site import (
    CLUSTER,
    Site,
    application,
    released,
    until_at_rest,
    until_compared,
    until_seen,
)
from tests.cluster.samples import SampleService
from tests.cluster.waiting import until
from tests.contract.git_people import edit

from crossfade.adapters.kubernetes.covering import FIGHTS, IGNORES, UNNAMED, Covering
from crossfade.adapters.kubernetes.fenced import FencedMesh
from crossfade.adapters.kubernetes.objects import VirtualService, spec
from crossfade.domain.delivery import Delivery
from crossfade.domain.errors import RefusedError, UnavailableError
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision
from crossfade.manifests.pair import marked

pytestmark = pytest.mark.cluster

MOVES = 20


@pytest.fixture(params=["annotation", "label"])
async def tracked(
    request: pytest.FixtureRequest,
    argocd: ArgoCD,  # noqa: ARG001  it reads the setting
    api: Api,
) -> AsyncIterator[None]:
    """One way after the other in which Argo CD marks what it keeps."""
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "argocd-cm", "namespace": NAMESPACE},
    }
    await api.patch(settings, {"data": {"application.resourceTrackingMethod": request.param}})
    yield
    await api.patch(settings, {"data": {"application.resourceTrackingMethod": None}})


@asynccontextmanager
async def newcomers(
    repository: Repository, kept: KeptApplication, namespace: str
) -> AsyncIterator[None]:
    """Within, others commit rules of their own, and Argo CD is told of each."""

    async def come(number: int) -> None:
        key = ServiceKey(CLUSTER, namespace, f"other-{number}")
        revision = await repository.committed(a_revision(key, 1, v1=5_000, v2=5_000))
        await until_seen(kept, revision.commit)

    async def come_and_come() -> None:
        for number in count():
            await come(number)

    coming = asyncio.create_task(come_and_come())
    yield
    coming.cancel()
    with suppress(asyncio.CancelledError):
        await coming


async def deploy(mesh: FencedMesh, repository: Repository, revision: Revision) -> Revision:
    """Write and commit side by side, as the product does."""
    _, committed = await asyncio.gather(mesh.apply(revision), repository.committed(revision))
    return committed


async def test_weights_never_go_back_while_others_make_argo_cd_sync(
    tracked: None,  # noqa: ARG001  for each way
    api: Api,
    site: Site,
    key: ServiceKey,
) -> None:
    mesh = site.direct()
    first = await deploy(mesh, site.repository, a_revision(key, 1, v1=10_000, v2=0))
    kept = await application(api, site.repository, key.namespace, Delivery.APPLY)
    await until_seen(kept, first.commit)
    history = site.history(key)

    async with newcomers(site.repository, kept, key.namespace):
        for generation in range(2, 2 + MOVES):
            revision = a_revision(key, generation, v1=10_000 - generation, v2=generation)
            revision = await deploy(mesh, site.repository, revision)
            await kept.refresh()
    await kept.delete()
    assert await site.sight.until(lambda: history.generations[-1:] == [1 + MOVES], 10)

    assert history.steps_back == []
    assert history.generations == list(range(2, 2 + MOVES))


async def test_a_rule_that_is_new_to_argo_cd_may_change_at_once(
    tracked: None,  # noqa: ARG001  for each way
    api: Api,
    site: Site,
    namespace: str,
) -> None:
    mesh = site.direct()
    kept = await application(api, site.repository, namespace, Delivery.APPLY)
    await kept.until(lambda status: synced_at(status) is not None)
    histories = []
    for number in range(4):
        key = await a_service(api, site, namespace, f"new-{number}")
        histories.append(site.history(key))
        for generation in range(1, 8):
            revision = a_revision(key, generation, v1=10_000 - generation, v2=generation)
            revision = await deploy(mesh, site.repository, revision)
            await kept.refresh()
        await until_seen(kept, revision.commit)
    await kept.delete()
    assert await site.sight.until(lambda: all(7 in one.generations for one in histories), 10)

    assert [history.steps_back for history in histories] == [[]] * 4
    assert [sorted(set(history.generations)) for history in histories] == [[*range(1, 8)]] * 4


async def test_objects_are_met_when_the_sync_that_began_before_is_over(
    argocd: ArgoCD, api: Api, site: Site, key: ServiceKey
) -> None:
    covering, seconds = site.covering(), count()
    revision = await deploy(site.direct(), site.repository, a_revision(key, 1, v1=10_000))
    kept = await application(api, site.repository, key.namespace, Delivery.APPLY)
    await until_seen(kept, revision.commit)
    await until_at_rest(api, kept)
    await argocd.stop_controller()  # from here on we write what it would say

    async def unmet(operation: Manifest | None, *resources: Manifest) -> bool:
        looked_at = f"2026-11-24T10:00:{next(seconds):02}Z"
        status = {"reconciledAt": looked_at, "resources": list(resources)}
        await api.patch(kept.manifest, {"operation": operation, "status": status})

        async def heard() -> bool:
            return site.argocd.application.looked_at == looked_at

        await until(heard)
        return covering.unmet(key)

    synced = (await kept.status())["resources"]
    syncing = {"sync": {"revision": revision.commit}}
    assert await unmet(syncing, *synced)
    assert not await unmet(None, *synced)
    assert not await unmet(syncing, *synced)  # a later sync leaves them alone
    assert await unmet(None)
    await kept.delete()


async def a_service(api: Api, site: Site, namespace: str, name: str) -> ServiceKey:
    """One more service with two versions that are seen to be ready."""
    await SampleService(api, namespace, name).create("v1", "v2")
    key = ServiceKey(CLUSTER, namespace, name)
    assert await site.sight.until(lambda: site.ready(key), 10)
    return key


async def test_an_application_without_the_settings_is_an_obstacle_until_it_has_them(
    argocd: ArgoCD,  # noqa: ARG001  it is what would revert
    api: Api,
    site: Site,
    key: ServiceKey,
) -> None:
    covering, intent = site.covering(), a_revision(key, 1, v1=10_000).intent
    kept = await application(api, site.repository, key.namespace, Delivery.GIT_ONLY)
    await until(lambda: told(covering, intent))

    [obstacle] = covering.obstacles(intent)

    assert obstacle.code == FIGHTS
    _, _, lines = obstacle.message.partition("Add to the Application:\n")
    await api.apply(_with(kept.manifest, yaml.safe_load(lines)["spec"]))
    await until(lambda: told(covering, intent, ()))
    await kept.delete()


def _with(manifest: Manifest, added: Manifest) -> Manifest:
    """The Application with the lines put where they belong, as a person would."""
    spec = manifest["spec"]
    options = [*spec["syncPolicy"]["syncOptions"], *added["syncPolicy"]["syncOptions"]]
    policy = {**spec["syncPolicy"], "syncOptions": options}
    fields = added["ignoreDifferences"]
    return {**manifest, "spec": {**spec, "syncPolicy": policy, "ignoreDifferences": fields}}


async def told(covering: Covering, intent: Intent, codes: Sequence[str] = (FIGHTS,)) -> bool:
    """Whether these obstacles, and no others, are told."""
    with suppress(UnavailableError):
        return [obstacle.code for obstacle in covering.obstacles(intent)] == list(codes)
    return False


async def test_where_git_alone_is_written_ignored_fields_are_an_obstacle(
    argocd: ArgoCD,  # noqa: ARG001  it would ignore them
    api: Api,
    site: Site,
    key: ServiceKey,
) -> None:
    covering, intent = site.covering(Delivery.GIT_ONLY), a_revision(key, 1, v1=10_000).intent
    kept = await application(api, site.repository, key.namespace, Delivery.APPLY)

    await until(lambda: told(covering, intent, (IGNORES,)))
    await kept.delete()


async def test_objects_that_an_unnamed_application_keeps_are_an_obstacle(
    argocd: ArgoCD,  # noqa: ARG001  it marks them
    api: Api,
    site: Site,
    key: ServiceKey,
) -> None:
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))
    kept = await application(api, site.repository, key.namespace, Delivery.GIT_ONLY)
    await until_seen(kept, revision.commit)
    covering = site.covering(named=False)

    await until(lambda: told(covering, revision.intent, (UNNAMED,)))

    [obstacle] = covering.obstacles(revision.intent)
    assert f"application {key.namespace} keeps" in obstacle.message
    assert "CROSSFADE_ARGOCD_APPLICATION" in obstacle.message
    assert not [*site.covering(Delivery.GIT_ONLY, named=False).obstacles(revision.intent)]
    await kept.delete()


async def test_a_removed_rule_is_not_made_anew(
    argocd: ArgoCD,  # noqa: ARG001  it would
    api: Api,
    site: Site,
    key: ServiceKey,
) -> None:
    mesh = site.direct(patience_s=2)
    revision = await deploy(mesh, site.repository, a_revision(key, 1, v1=8_000, v2=2_000))
    kept = await application(api, site.repository, key.namespace, Delivery.APPLY)
    await until_seen(kept, revision.commit)
    await until_at_rest(api, kept)
    history = site.history(key)

    with pytest.raises(UnavailableError, match="Git still holds"):
        await mesh.release(key, 2, remove=True)
    commit = site.repository.remove(revision)
    await released(mesh, key, 2, remove=True)
    assert await mesh.observe(key) is None

    await until_seen(kept, commit)
    later = edit(site.repository.path, "README.md", "Something else.")
    await until_seen(kept, later)
    assert await site.sight.until(lambda: bool(history.states), 10)
    assert list(history.states.values()) == [None]
    await kept.delete()


async def test_a_released_rule_stays_as_it_was(
    argocd: ArgoCD,  # noqa: ARG001  it would mark it again
    api: Api,
    site: Site,
    key: ServiceKey,
) -> None:
    mesh = site.direct()
    revision = await deploy(mesh, site.repository, a_revision(key, 1, v1=8_000, v2=2_000))
    kept = await application(api, site.repository, key.namespace, Delivery.APPLY)
    await until_seen(kept, revision.commit)

    commit = site.repository.remove(revision)
    await released(mesh, key, 2, remove=False)

    # Where Argo CD was quick to mark the objects as its own, they are surplus to it from now on.
    await until_compared(kept, commit)
    later = edit(site.repository.path, "README.md", "Something else.")
    await until_compared(kept, later)
    await until_at_rest(api, kept)
    found = site.sight.find(VirtualService, key.namespace, key.service)
    assert found
    assert not marked(found)
    assert spec(found)["http"][0]["route"][0]["weight"] == 80
    await kept.delete()


async def test_what_an_application_would_prune_cannot_be_released(
    argocd: ArgoCD,  # noqa: ARG001  it prunes
    api: Api,
    site: Site,
    key: ServiceKey,
) -> None:
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))
    kept = await application(api, site.repository, key.namespace, Delivery.GIT_ONLY)
    await until_seen(kept, revision.commit)
    await until(lambda: told(site.covering(named=False), revision.intent, (UNNAMED,)))

    with pytest.raises(RefusedError, match="would delete them"):
        await site.direct().release(key, 2, remove=False)
    await kept.delete()


@pytest.mark.usefixtures("argocd")
async def test_an_application_that_is_not_there_stands_in_nobodys_way(
    site: Site, key: ServiceKey
) -> None:
    async def known() -> bool:
        return site.argocd.absent

    await until(known)
    mesh, revision = site.direct(), a_revision(key, 1, v1=8_000, v2=2_000)

    assert [*site.covering().obstacles(revision.intent)] == []
    await mesh.apply(revision)
    await mesh.release(key, 2, remove=False)
