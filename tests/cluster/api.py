"""The Kubernetes API in plain documents: an eye and a hand of the tests' own, not the product's."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import yaml
from lightkube.config.client_adapter import AsyncClient, ConnectionParams
from lightkube.config.kubeconfig import KubeConfig

MANAGER = "rig"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
ANSWERS_WITHIN_S = 30
WITHOUT_NAMESPACE = {
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "Namespace",
    "Node",
}

Manifest = Mapping[str, Any]


class Api:
    """Reads and writes objects of any kind, named by manifests."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client

    @classmethod
    @asynccontextmanager
    async def opened(cls, kubeconfig: Path) -> AsyncIterator["Api"]:
        """The API of whom the kubeconfig names."""
        config = KubeConfig.from_file(kubeconfig).get()
        assert config is not None, f"{kubeconfig} has no current context"
        params = ConnectionParams(timeout=httpx2.Timeout(ANSWERS_WITHIN_S), trust_env=False)
        async with AsyncClient(config, params) as client:
            yield cls(client)

    async def apply(
        self, manifest: Manifest, *, manager: str = MANAGER, subresource: str = ""
    ) -> Manifest:
        """The object, after a server-side apply that wins every conflict."""
        return await self._sent(
            "PATCH",
            path_of(manifest, subresource),
            params={"fieldManager": manager, "force": "true", "fieldValidation": "Strict"},
            content=yaml.safe_dump(dict(manifest)),
            headers={"Content-Type": APPLY},
        )

    async def apply_all(self, manifests: Iterable[Manifest], *, manager: str = MANAGER) -> None:
        """Apply one after the other."""
        for manifest in manifests:
            await self.apply(manifest, manager=manager)

    async def patch(self, manifest: Manifest, changes: Manifest, subresource: str = "") -> Manifest:
        """The object, after a merge patch, as a hand with an editor makes it."""
        return await self._sent(
            "PATCH",
            path_of(manifest, subresource),
            json=dict(changes),
            headers={"Content-Type": MERGE},
        )

    async def get(self, manifest: Manifest) -> Manifest | None:
        """The object as it is now; None where there is none."""
        answer = await self.client.get(path_of(manifest))
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return None
        return _content(answer)

    async def delete(self, manifest: Manifest) -> None:
        """Take the object away; one that is not there is fine."""
        answer = await self.client.delete(path_of(manifest))
        if answer.status_code != httpx2.codes.NOT_FOUND:
            _content(answer)

    async def _sent(self, method: str, path: str, **request: Any) -> Manifest:  # noqa: ANN401
        return _content(await self.client.request(method, path, **request))


def path_of(manifest: Manifest, subresource: str = "") -> str:
    """Where an object is found."""
    version, kind, metadata = manifest["apiVersion"], manifest["kind"], manifest["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    if kind not in WITHOUT_NAMESPACE:
        root = f"{root}/namespaces/{metadata.get('namespace', 'default')}"
    tail = f"/{subresource}" if subresource else ""
    return f"{root}/{_plural(kind)}/{metadata['name']}{tail}"


def _plural(kind: str) -> str:
    name = kind.lower()
    if name.endswith("s"):
        return name if name.endswith("endpoints") else f"{name}es"
    return f"{name[:-1]}ies" if name.endswith(("cy", "ry")) else f"{name}s"


def _content(answer: httpx2.Response) -> Manifest:
    if answer.is_error:
        raise AssertionError(f"{answer.request.method} {answer.request.url}: {answer.text}")
    content: Manifest = answer.json()
    return content
