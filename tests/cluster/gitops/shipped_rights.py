"""The Roles under deploy/rbac, given to our account on a real API server, whole or with a lack."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.cluster.api import Api

FOLDER = Path(__file__).parents[3] / "deploy" / "rbac"
ACCOUNT = ("crossfade", "crossfade")  # namespace and name


@dataclass(frozen=True, slots=True)
class Lack:
    """A right that is not given, though it is shipped."""

    resource: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"


async def give(
    api: Api, folder: str, namespace: str, lack: Lack | None = None, application: str | None = None
) -> None:
    """Give the rights of a folder in a namespace; in Argo CD's, for one Application."""
    for document in _documents(folder):
        document["metadata"]["namespace"] = namespace
        if document["kind"] == "Role":
            document["rules"] = [*_rules(document["rules"], lack)]
            if application:
                document["rules"][0]["resourceNames"] = [application]
        await api.apply(document)


async def take(api: Api, folder: str, namespace: str) -> None:
    """Take the rights of a folder away again."""
    for document in _documents(folder):
        document["metadata"]["namespace"] = namespace
        await api.delete(document)


def _documents(folder: str) -> Iterator[dict[str, Any]]:
    for name in ("role.yaml", "role-binding.yaml"):
        yield yaml.safe_load((FOLDER / folder / name).read_text())


def _rules(rules: list[dict[str, Any]], lack: Lack | None) -> Iterator[dict[str, Any]]:
    """The rules, one resource each, without the verb that is lacking."""
    for rule in rules:
        for resource in rule["resources"]:
            verbs = [verb for verb in rule["verbs"] if lack != Lack(resource, verb)]
            yield {**deepcopy(rule), "resources": [resource], "verbs": verbs}
