"""Kinds of objects that a cluster does not know by itself."""

import asyncio
from pathlib import Path

import yaml
from tests.cluster.api import Api, Manifest
from tests.cluster.waiting import until


async def install(api: Api, path: Path) -> None:
    """Make the API server know the kinds of a file, and come back when it serves them all."""
    manifests = [one for one in yaml.load_all(path.read_text(), yaml.CSafeLoader) if one]
    async with asyncio.TaskGroup() as group:
        for manifest in manifests:
            group.create_task(api.apply(manifest))
    for manifest in manifests:
        await _served(api, manifest)


async def _served(api: Api, manifest: Manifest) -> None:
    spec = manifest["spec"]
    collections = [
        f"/apis/{spec['group']}/{version['name']}/{spec['names']['plural']}"
        for version in spec["versions"]
        if version["served"]
    ]

    async def answered() -> bool:
        answers = [await api.client.get(path, params={"limit": 1}) for path in collections]
        return all(answer.is_success for answer in answers)

    await until(answered)
