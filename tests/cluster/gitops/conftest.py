"""A service in a cluster, a repository for its rules, and our eyes on both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.cluster.api import Api
from tests.cluster.argocd import NAMESPACE
from tests.cluster.gitops.repository import Repository
from tests.cluster.gitops.site import CLUSTER, Site, watching
from tests.cluster.rig import Rig
from tests.cluster.samples import NAME, SampleService
from tests.cluster.weather import Weather

from crossfade.domain.names import ServiceKey
from crossfade.manifests.argocd_application import ApplicationName


@pytest.fixture
def key(namespace: str) -> ServiceKey:
    return ServiceKey(CLUSTER, namespace, NAME)


@pytest.fixture
async def service(api: Api, namespace: str) -> SampleService:
    """A service with two versions that are ready."""
    service = SampleService(api, namespace)
    await service.create("v1", "v2")
    return service


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.made(tmp_path / "repository")


@pytest.fixture
async def weather(rig: Rig, tmp_path: Path) -> AsyncIterator[Weather]:
    """What stands between us and the API server, and counts our calls."""
    (tmp_path / "weather").mkdir()
    async with Weather.before(rig.kubeconfig, tmp_path / "weather") as weather:
        yield weather


@pytest.fixture
async def site(
    weather: Weather,
    repository: Repository,
    namespace: str,
    service: SampleService,  # noqa: ARG001  it is to be seen
    key: ServiceKey,
) -> AsyncIterator[Site]:
    """Our eyes on the cluster, once they see it."""
    name = ApplicationName(NAMESPACE, namespace)
    async with watching(weather.kubeconfig, namespace, name, repository) as site:
        assert await site.sight.until(lambda: site.sight.synced, 10)
        assert await site.sight.until(lambda: site.ready(key), 10)
        yield site
