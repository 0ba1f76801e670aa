"""With the shipped Roles all of it works on a real API server, and what is missing is named."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest
from tests.cluster.api import Api
from tests.cluster.argocd import NAMESPACE, prepare
from tests.cluster.gitops.repository import Repository, a_revision
from tests.cluster.gitops.shipped_rights import ACCOUNT, Lack, give, take
from tests.cluster.gitops.site import Site, application, proof, watching
from tests.cluster.rig import Rig
from tests.cluster.samples import SampleService
from tests.cluster.waiting import until

from crossfade.adapters.kubernetes.holding import Holdings
from crossfade.adapters.kubernetes.mesh import KubernetesMesh
from crossfade.domain.errors import UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.manifests.argocd_application import ApplicationName

pytestmark = pytest.mark.cluster

ROUTING = ("virtualservices", "destinationrules")
WATCHED = (*ROUTING, "services", "pods", "endpointslices")
UNSEEN = [Lack(*one) for one in product(WATCHED, ("list", "watch"))]
UNWRITTEN = [Lack(*one) for one in product(ROUTING, ("create", "patch"))]


@pytest.fixture
def account(rig: Rig) -> Path:
    """The way to the API server of the account that deploy/rbac makes."""
    if rig.plane is None:
        pytest.skip("it takes an API server of our own")
    return rig.plane.kubeconfig_of_account(*ACCOUNT)


@pytest.fixture
async def few(
    account: Path,
    repository: Repository,
    namespace: str,
    service: SampleService,  # noqa: ARG001  it is to be seen
) -> AsyncIterator[Site]:
    """Our eyes and hands, with no rights yet."""
    name = ApplicationName(NAMESPACE, namespace)
    async with watching(account, namespace, name, repository) as site:
        yield site


def mesh_of(site: Site) -> KubernetesMesh:
    return KubernetesMesh(site.connection, site.sight, site.surroundings, proof)


async def seen(site: Site, key: ServiceKey) -> None:
    """Come back when all is seen, whose rights may have been given this moment."""

    async def all_is() -> bool:
        with suppress(UnavailableError):
            return site.sight.synced and site.ready(key)
        return False

    await until(all_is)


async def test_with_the_shipped_rights_rules_are_deployed_and_released(
    few: Site, api: Api, key: ServiceKey
) -> None:
    await give(api, "managed-namespace", key.namespace)
    await seen(few, key)
    mesh = mesh_of(few)

    for generation in (1, 2):
        revision = a_revision(key, generation, v1=10_000 - generation, v2=generation)
        await mesh.apply(revision)
        assert await mesh.effective(revision)
    await mesh.release(key, 3, remove=False)

    assert await Holdings(few.connection, few.sight).fresh(key)


async def test_a_rule_is_removed_only_with_the_right_to_delete(
    few: Site, api: Api, key: ServiceKey
) -> None:
    await give(api, "managed-namespace", key.namespace)
    await seen(few, key)
    mesh = mesh_of(few)
    await mesh.apply(a_revision(key, 1, v1=8_000, v2=2_000))

    with pytest.raises(UnavailableError, match="not allowed to delete virtualservices"):
        await mesh.release(key, 2, remove=True)

    await give(api, "delete", key.namespace)
    await until(lambda: removed(mesh, key))
    assert await mesh.observe(key) is None


async def removed(mesh: KubernetesMesh, key: ServiceKey) -> bool:
    with suppress(UnavailableError):
        return bool(await mesh.release(key, 2, remove=True))
    return False


@pytest.mark.parametrize("lack", UNSEEN, ids=str)
async def test_what_may_not_be_seen_is_named(
    few: Site, api: Api, key: ServiceKey, lack: Lack
) -> None:
    await give(api, "managed-namespace", key.namespace, lack)

    told = f"not allowed to {lack} in namespace {key.namespace}"
    async with asyncio.timeout(20):
        while told not in (few.sight.trouble or ""):
            await few.sight.until(lambda: told in (few.sight.trouble or ""), 1)
    await give(api, "managed-namespace", key.namespace)
    await seen(few, key)


@pytest.mark.parametrize("lack", UNWRITTEN, ids=str)
async def test_what_may_not_be_written_is_named(
    few: Site, api: Api, key: ServiceKey, lack: Lack
) -> None:
    await give(api, "managed-namespace", key.namespace, lack)
    await seen(few, key)

    with pytest.raises(UnavailableError, match=f"not allowed to {lack} in namespace"):
        await mesh_of(few).apply(a_revision(key, 1, v1=8_000, v2=2_000))


@pytest.mark.parametrize("resource", ROUTING)
async def test_what_may_not_be_read_again_is_named(
    few: Site, api: Api, key: ServiceKey, resource: str
) -> None:
    await give(api, "managed-namespace", key.namespace, Lack(resource, "get"))
    await seen(few, key)

    with pytest.raises(UnavailableError, match=f"not allowed to get {resource}"):
        await Holdings(few.connection, few.sight).fresh(key)


@pytest.fixture
async def kept(rig: Rig, api: Api, repository: Repository, namespace: str) -> AsyncIterator[str]:
    """An Application; nobody works on it."""
    await prepare(api, rig.programs)
    kept = await application(api, repository, namespace)
    yield namespace
    await kept.delete()
    await take(api, "argocd", NAMESPACE)


async def test_one_application_is_watched_and_nudged_by_its_name(
    few: Site, api: Api, kept: str
) -> None:
    await give(api, "argocd", NAMESPACE, application=kept)
    await until(lambda: known(few))

    await few.argocd.nudge()

    assert few.argocd.asked
    assert few.argocd.application.name == few.argocd.name


async def known(site: Site) -> bool:
    with suppress(UnavailableError):
        return bool(site.argocd.application)
    return False


@pytest.mark.parametrize("verb", ["list", "watch", "patch"])
async def test_what_may_not_be_done_to_the_application_is_named(
    few: Site, api: Api, kept: str, verb: str
) -> None:
    lack = Lack("applications", verb)
    await give(api, "argocd", NAMESPACE, lack, kept)

    async def told() -> bool:
        said = few.argocd.health
        with suppress(UnavailableError):
            _ = few.argocd.application
            said = await refused(few)
        return f"not allowed to {lack} in namespace {NAMESPACE}" in said

    await until(told)


async def refused(site: Site) -> str:
    """What is said to a nudge that may not be given, or of what is not heard."""
    try:
        await site.argocd.nudge()
    except UnavailableError as error:
        return str(error)
    return site.argocd.health


@pytest.mark.usefixtures("kept")
async def test_the_right_to_another_application_is_none_to_this_one(few: Site, api: Api) -> None:
    await give(api, "argocd", NAMESPACE, application="another")

    async def told() -> bool:
        return f"not allowed to list applications in namespace {NAMESPACE}" in few.argocd.health

    await until(told)
