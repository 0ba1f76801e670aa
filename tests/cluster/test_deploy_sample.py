"""deploy/sample on a real API server: taken whole in a namespace that forbids all it can."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from tests.cluster.api import Api, Manifest, path_of

pytestmark = pytest.mark.cluster

FOLDER = Path(__file__).parents[2] / "deploy" / "sample"
VERSIONS = ("v1", "v2")


def resources() -> list[str]:
    """The files that `kubectl apply -k` takes."""
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    return list(kustomization["resources"])


def documents(namespace: str) -> Iterator[dict[str, Any]]:
    """All documents, for this namespace in place of the one they are written for."""
    for name in resources():
        for document in yaml.safe_load_all((FOLDER / name).read_text()):
            if document["kind"] == "Namespace":
                document["metadata"]["name"] = namespace
            else:
                document["metadata"]["namespace"] = namespace
            yield document


def pod(namespace: str, version: str) -> dict[str, Any]:
    """What a controller would make of a version's Deployment."""
    name = f"dummy-service-{version}"
    deployment = next(
        one
        for one in documents(namespace)
        if (one["kind"], one["metadata"]["name"]) == ("Deployment", name)
    )
    template = deepcopy(deployment["spec"]["template"])
    template["metadata"] |= {"name": f"{name}-0", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", **template}


@pytest.fixture
async def strict(api: Api, namespace: str) -> str:
    """A namespace with everything of deploy/sample in it."""
    await api.apply_all(documents(namespace))
    return namespace


async def created(api: Api, manifest: Manifest) -> httpx2.Response:
    """What the API server says to a new object."""
    collection = path_of(manifest).rpartition("/")[0]
    return await api.client.post(collection, json=dict(manifest))


def test_every_file_is_among_those_that_are_applied() -> None:
    files = {path.name for path in FOLDER.iterdir()} - {"kustomization.yaml"}

    assert files == set(resources())


async def test_both_versions_stand_behind_one_service_with_two_replicas_each(
    api: Api, strict: str
) -> None:
    kept = [await api.get(one) for one in documents(strict)]

    found = {(one["kind"], one["metadata"]["name"]): one for one in kept if one}
    selector = found["Service", "dummy-service"]["spec"]["selector"]
    for version in VERSIONS:
        spec = found["Deployment", f"dummy-service-{version}"]["spec"]
        assert spec["replicas"] == 2
        assert selector.items() <= spec["template"]["metadata"]["labels"].items()
        assert spec["template"]["metadata"]["labels"]["version"] == version


@pytest.mark.parametrize("version", VERSIONS)
async def test_its_pods_are_admitted_where_only_restricted_ones_are(
    api: Api, strict: str, version: str
) -> None:
    answer = await created(api, pod(strict, version))

    assert answer.status_code == 201, answer.text
    assert "warning" not in answer.headers


LAXER: Mapping[str, Mapping[str, Any]] = {
    "privileged": {"privileged": True, "allowPrivilegeEscalation": True},
    "may become more": {"allowPrivilegeEscalation": True},
    "keeps rights": {"capabilities": {}},
    "root": {"runAsUser": 0},
}


@pytest.mark.parametrize("laxity", LAXER.values(), ids=LAXER)
async def test_a_pod_that_asks_for_more_is_refused(
    api: Api, strict: str, laxity: Mapping[str, Any]
) -> None:
    manifest = pod(strict, "v1")
    manifest["spec"]["containers"][0]["securityContext"] |= laxity

    answer = await created(api, manifest)

    assert answer.status_code == 403
    assert 'violates PodSecurity "restricted' in answer.json()["message"]


@pytest.mark.parametrize("version", VERSIONS)
def test_it_writes_nowhere_holds_no_token_and_tells_when_it_is_well(version: str) -> None:
    spec = pod("any", version)["spec"]
    container = spec["containers"][0]

    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert spec["automountServiceAccountToken"] is False
    assert set(container["resources"]) == {"requests", "limits"}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": "/health", "port": "http"}
