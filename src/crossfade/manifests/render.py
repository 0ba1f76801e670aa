"""A rule as the documents that carry it to each target, and the words of its commit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import yaml

from crossfade.domain.errors import InvalidRuleError
from crossfade.domain.intent import Intent
from crossfade.domain.names import ServiceKey
from crossfade.domain.operation import OperationKind
from crossfade.domain.revision import Document, Revision, TargetKind
from crossfade.domain.split import describe_change
from crossfade.manifests.canonical import LOADER, canonical_yaml, digest_of
from crossfade.manifests.envoy import cluster_policy, route_configuration, with_addresses
from crossfade.manifests.istio import destination_rule, virtual_service

RENDERER: Final = 1  # grows when the same intent renders to other documents
DEFAULT_PREFIX: Final = "istio"
LONGEST_SUBJECT: Final = 72

_FILE: Final = re.compile(r"(?P<namespace>[^/]+)/(?P<service>[^/]+)\.yaml")


def documents(
    intent: Intent,
    generation: int,
    prefix: str = DEFAULT_PREFIX,
    mesh: TargetKind = TargetKind.ENVOY,
) -> tuple[Document, ...]:
    """What Git and the mesh must hold for this intent, under this generation."""
    istio = destination_rule(intent, generation), virtual_service(intent, generation)
    in_git = _document(TargetKind.GIT, path_of(intent.key, prefix), *istio)
    if mesh is TargetKind.CLUSTER:
        return in_git, replace(in_git, target=mesh, path=str(intent.key))
    envoy = _envoy_document(intent, generation)
    return in_git, _document(mesh, str(intent.key), envoy)


def path_of(key: ServiceKey, prefix: str = DEFAULT_PREFIX) -> str:
    """The file of the repository that carries a service's rule."""
    return f"{_folder(prefix)}{key.namespace}/{key.service}.yaml"


def key_of(path: str, prefix: str, cluster: str) -> ServiceKey | None:
    """The service whose rule a file of the repository carries; None for any other file."""
    named = _FILE.fullmatch(path.removeprefix(_folder(prefix)))
    if named is None:
        return None
    try:
        key = ServiceKey(cluster, named["namespace"], named["service"])
    except InvalidRuleError:
        return None
    return key if path_of(key, prefix) == path else None


def _folder(prefix: str) -> str:
    return f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def route_configuration_of(document: Document) -> dict[str, object]:
    """The RouteConfiguration in a document for Envoy."""
    content: dict[str, dict[str, object]] = yaml.load(document.content, Loader=LOADER)
    return content["route_configuration"]


def clusters_of(
    document: Document, addresses: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, object]]:
    """The clusters in a document for Envoy, by version, with the versions' addresses."""
    content: dict[str, dict[str, dict[str, object]]] = yaml.load(document.content, Loader=LOADER)
    return {
        version: with_addresses(policy, addresses.get(version, ()))
        for version, policy in content["clusters"].items()
    }


def _document(target: TargetKind, path: str, *manifests: Mapping[str, object]) -> Document:
    return Document(target, path, canonical_yaml(manifests), digest_of(manifests))


def _envoy_document(intent: Intent, generation: int) -> dict[str, object]:
    return {
        "generation": generation,
        "route_configuration": route_configuration(intent, generation),
        "clusters": {arm.name: cluster_policy(intent, arm.name) for arm in intent.versions},
    }


_ACTS: Final = {
    OperationKind.DEPLOY: "Deploy",
    OperationKind.ROLLBACK: "Roll back",
    OperationKind.REPAIR: "Repair",
    OperationKind.RELEASE: "Release",
    OperationKind.REMOVE: "Remove",
}


def commit_message(revision: Revision, kind: OperationKind) -> str:
    """What, who, why, the rule and the generation, as a commit says it."""
    generation = str(revision.generation)
    if revision.origin is not None:
        generation += f" (the picture of generation {revision.origin})"
    body = (
        f"Split: {describe_change(None, revision.intent.split)}",
        f"Who: {_one_line(revision.author)}",
        f"Why: {_one_line(revision.reason or '') or 'no reason given'}",
        f"Rule: {revision.rule_id}",
        f"Generation: {generation}",
    )
    return "\n".join((_subject(revision, kind), "", *body))


def _subject(revision: Revision, kind: OperationKind) -> str:
    act = f"{_ACTS[kind]} {revision.key}"
    if kind.leaves:
        return act
    subject = f"{act}: {describe_change(None, revision.intent.split)}"
    return (
        subject if len(subject) <= LONGEST_SUBJECT else f"{act}: generation {revision.generation}"
    )


def _one_line(text: str) -> str:
    """The text on one line, so that nobody's reason can pass for a trailer of ours."""
    return " ".join(text.split())
