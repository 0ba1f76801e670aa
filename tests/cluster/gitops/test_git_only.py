"""Git alone is written; a real Argo CD brings it to the cluster, and we wait for it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from statistics import median

import pytest
import yaml
from tests.cluster.api import Api
from tests.cluster.applications import REFRESH, KeptApplication
from tests.cluster.argocd import NAMESPACE, ArgoCD
from tests.cluster.gitops.repository import Repository, a_revision
from tests.cluster.gitops.site import PROOF, Site, application, released, until_seen
from tests.cluster.samples import SampleService
from tests.cluster.waiting import until
from tests.cluster.weather import Weather
from tests.contract.git_people import edit
from tests.integration.envoy_stack import doctored

from crossfade.adapters.kubernetes.passage import MOST_NUDGES
from crossfade.adapters.kubernetes.synced import SyncedMesh
from crossfade.domain.errors import HalfwayError, OutrunError, RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind

pytestmark = pytest.mark.cluster

SHORT_S = 1.5
UNREADABLE = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: [\n"
IMPOSSIBLE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: cart
  namespace: {namespace}
spec:
  hosts: 5
"""


@pytest.fixture
async def kept(
    argocd: ArgoCD,  # noqa: ARG001  it does the work
    api: Api,
    repository: Repository,
    namespace: str,
) -> AsyncIterator[KeptApplication]:
    """Our Application, on the way to its first commit."""
    kept = await application(api, repository, namespace)
    yield kept
    await kept.delete()


def shown(revision: Revision) -> Picture:
    return Picture(revision.generation, revision.document(TargetKind.CLUSTER).digest)


def impossible(revision: Revision) -> Revision:
    """The revision with a weight that no API server takes."""
    return doctored(revision, "weight: 80", "weight: much")


async def come(mesh: SyncedMesh, revision: Revision) -> int:
    """How many tries it took to wait as the worker does, through whatever passes."""
    tries = 0

    async def has_come() -> bool:
        nonlocal tries
        tries += 1
        with suppress(UnavailableError, HalfwayError):
            await mesh.apply(revision)
            return True
        return False

    await until(has_come, 30)
    return tries


async def cause(attempt: Callable[[], Awaitable[object]], told: str) -> None:
    """Come back when the wait is explained by this, at one try or the next."""

    async def is_so() -> bool:
        with pytest.raises((UnavailableError, HalfwayError)) as waiting:
            await attempt()
        return re.search(told, str(waiting.value)) is not None

    await until(is_so, 30)


@pytest.mark.usefixtures("kept")
async def test_a_commit_comes_to_the_cluster_and_is_seen_there(site: Site, key: ServiceKey) -> None:
    mesh = site.mesh()
    for generation, share in enumerate((8_000, 5_000, 9_990), start=1):
        revision = a_revision(key, generation, v1=share, v2=10_000 - share)
        revision = site.repository.commit(revision)

        await come(mesh, revision)

        assert await mesh.effective(revision) == f"{PROOF} generation {generation}"
        observed = await mesh.observe(key)
        assert observed
        assert observed.picture == shown(revision)
        assert observed.author == "argocd-controller"


async def test_nothing_is_written_but_one_nudge_for_each_commit(
    site: Site, weather: Weather, kept: KeptApplication, key: ServiceKey, namespace: str
) -> None:
    first = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))
    await until_seen(kept, first.commit)

    nudges = []
    for generation in (2, 3, 4):
        weather.calls.clear()
        revision = a_revision(key, generation, v1=10_000 - generation, v2=generation)
        tries = await come(site.mesh(), site.repository.commit(revision))
        written = [str(call) for call in weather.calls if call.writes]
        assert set(written) == {f"patch applications {NAMESPACE}/{namespace}"}
        assert len(written) <= MOST_NUDGES * tries
        nudges.append(len(written))

    assert median(nudges) == 1  # one that Argo CD overlooks is given again


async def test_a_commit_that_argo_cd_has_passed_is_there_too(
    site: Site, kept: KeptApplication, key: ServiceKey
) -> None:
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))
    later = edit(site.repository.path, "README.md", "Something else.")
    await until_seen(kept, later)

    await come(site.mesh(), revision)


@pytest.mark.usefixtures("kept")
async def test_a_commit_that_a_newer_generation_passed_is_outrun(
    site: Site, key: ServiceKey
) -> None:
    older = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))
    newer = site.repository.commit(a_revision(key, 2, v1=5_000, v2=5_000))
    await come(site.mesh(), newer)

    with pytest.raises(OutrunError) as outrun:
        await site.mesh().apply(older)
    assert outrun.value.generation == 2


@pytest.mark.usefixtures("kept")
async def test_a_sync_that_the_api_server_refuses_fails_in_argo_cds_words(
    site: Site, key: ServiceKey
) -> None:
    mesh = site.mesh()
    good = site.repository.commit(a_revision(key, 1, v1=5_000, v2=5_000))
    await come(mesh, good)
    bad = site.repository.commit(impossible(a_revision(key, 2, v1=8_000, v2=2_000)))

    with pytest.raises(RefusedError, match=r"could not sync .*spec\.http.*weight"):
        await come(mesh, bad)

    observed = await mesh.observe(key)
    assert observed
    assert observed.picture.digest == shown(good).digest
    await come(mesh, site.repository.commit(a_revision(key, 3, v1=5_000, v2=5_000)))


@pytest.mark.usefixtures("kept")
async def test_what_others_broke_for_all_is_waited_for_in_argo_cds_words(
    site: Site, key: ServiceKey
) -> None:
    edit(site.repository.path, "istio/cart.yaml", UNREADABLE)
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))

    waiting = partial(site.mesh(patience_s=SHORT_S).apply, revision)
    await cause(waiting, r"cannot compare: .*cart\.yaml")

    edit(site.repository.path, "istio/cart.yaml", None)
    await come(site.mesh(), revision)


async def test_what_others_broke_for_themselves_is_no_matter(
    site: Site, kept: KeptApplication, key: ServiceKey
) -> None:
    edit(site.repository.path, "istio/cart.yaml", IMPOSSIBLE.format(namespace=key.namespace))
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))

    await come(site.mesh(), revision)

    await kept.until(lambda status: status["operationState"].get("retryCount"))
    assert (await kept.status())["sync"]["status"] == "OutOfSync"


async def test_a_stopped_controller_is_waited_for_and_named(
    site: Site, argocd: ArgoCD, kept: KeptApplication, key: ServiceKey
) -> None:
    mesh = site.mesh(patience_s=SHORT_S)
    await come(mesh, site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000)))
    await argocd.stop_controller()
    looked_at = (await kept.status())["reconciledAt"]
    revision = site.repository.commit(a_revision(key, 2, v1=5_000, v2=5_000))

    for _ in range(2):
        await cause(partial(mesh.apply, revision), f"has not looked since {looked_at}")

    async def is_told() -> bool:
        return site.argocd.unanswered

    await until(is_told, 30)
    assert f"has not looked since {looked_at}" in site.argocd.health

    await argocd.start_controller()
    await come(mesh, revision)
    assert not site.argocd.unanswered


async def test_a_nudge_that_is_overlooked_is_given_again_as_another_one(
    site: Site, argocd: ArgoCD, api: Api, kept: KeptApplication, key: ServiceKey
) -> None:
    mesh, wishes = site.mesh(patience_s=SHORT_S), []
    await come(mesh, site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000)))
    await argocd.stop_controller()  # to it, no nudge is one
    revision = site.repository.commit(a_revision(key, 2, v1=5_000, v2=5_000))

    async def overlooked() -> bool:
        return site.argocd.overlooked

    for _ in range(3):
        with pytest.raises(UnavailableError, match="is it running"):
            await mesh.apply(revision)
        found = await api.get(kept.manifest)
        wishes.append((found or {})["metadata"]["annotations"][REFRESH])
        await until(overlooked)

    await argocd.start_controller()
    assert wishes == ["normal", "hard", "normal"]
    await come(mesh, revision)


@pytest.mark.usefixtures("kept")
async def test_what_argo_cd_leaves_as_others_made_it_is_named(
    site: Site, api: Api, key: ServiceKey
) -> None:
    mesh = site.mesh(patience_s=SHORT_S)
    first = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))
    await come(mesh, first)
    _, routes = yaml.safe_load_all(first.document(TargetKind.GIT).content)
    await api.patch(routes, {"spec": {"exportTo": ["."]}})
    revision = site.repository.commit(a_revision(key, 2, v1=5_000, v2=5_000))

    await cause(
        partial(mesh.apply, revision), r"python-httpx2 added spec\.exportTo to VirtualService"
    )

    await api.patch(routes, {"spec": {"exportTo": None}})
    await come(mesh, revision)


@pytest.mark.usefixtures("kept")
async def test_a_rule_that_leaves_git_leaves_the_cluster(site: Site, key: ServiceKey) -> None:
    mesh = site.mesh()
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))
    await come(mesh, revision)

    with pytest.raises(RefusedError, match="prunes"):
        await mesh.release(key, 2, remove=False)
    with pytest.raises(OutrunError):
        await mesh.release(key, 0, remove=True)
    site.repository.remove(revision)
    told = await released(mesh, key, 2, remove=True)

    assert "gone from the cluster" in told
    assert await mesh.observe(key) is None


@pytest.mark.usefixtures("kept")
async def test_objects_stay_and_it_is_said_while_their_file_is_in_git(
    site: Site, key: ServiceKey
) -> None:
    await come(site.mesh(), site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000)))

    release = site.mesh(patience_s=SHORT_S).release
    await cause(partial(release, key, 2, remove=True), "has not removed")


async def test_where_no_application_is_named_whoever_applies_git_is_waited_for(
    site: Site, api: Api, key: ServiceKey
) -> None:
    mesh = site.mesh(named=False, patience_s=SHORT_S)
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))
    with pytest.raises(UnavailableError, match="Nobody has brought commit"):
        await mesh.apply(revision)

    await api.apply_all(yaml.safe_load_all(revision.document(TargetKind.GIT).content))
    await come(mesh, revision)

    with pytest.raises(UnavailableError, match="Nobody has removed"):
        await mesh.release(key, 2, remove=True)


async def test_an_application_that_is_not_there_is_named(site: Site, key: ServiceKey) -> None:
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))

    with pytest.raises(UnavailableError, match=f"no Application {NAMESPACE}/{key.namespace}"):
        await site.mesh(patience_s=SHORT_S).apply(revision)


async def test_a_version_without_ready_endpoints_gets_no_traffic(
    site: Site, service: SampleService, key: ServiceKey
) -> None:
    await service.set_ready("v2", 0)
    assert await site.sight.until(lambda: not site.ready(key), 10)
    revision = site.repository.commit(a_revision(key, 1, v1=8_000, v2=2_000))

    with pytest.raises(RefusedError, match="v2 of dummy-service has 0 of 1 endpoints ready"):
        await site.mesh().apply(revision)


async def test_what_git_does_not_hold_yet_is_waited_for(site: Site, key: ServiceKey) -> None:
    with pytest.raises(UnavailableError, match="Git does not hold generation 1 yet"):
        await site.mesh().apply(a_revision(key, 1, v1=8_000, v2=2_000))


@pytest.mark.usefixtures("kept")
async def test_a_hand_edit_is_seen_with_its_author_until_argo_cd_heals_it(
    site: Site, api: Api, key: ServiceKey
) -> None:
    mesh, revision = site.mesh(), a_revision(key, 1, v1=8_000, v2=2_000)
    await come(mesh, site.repository.commit(revision))
    seen: list[tuple[Picture, str | None]] = []

    async def look() -> None:
        if observed := await mesh.observe(key):
            seen.append((observed.picture, observed.author))

    site.sight.on_change(lambda _: looks.append(asyncio.create_task(look())))
    looks: list[asyncio.Task[None]] = []
    document = yaml.safe_load_all(
        a_revision(key, 1, v1=1_000, v2=9_000).document(TargetKind.GIT).content
    )
    await api.apply(list(document)[1], manager="jane")

    async def healed() -> bool:
        return len(seen) > 1 and seen[-1][0] == shown(revision)

    await until(healed)
    await asyncio.gather(*looks)
    assert any(picture != shown(revision) and author == "jane" for picture, author in seen)
