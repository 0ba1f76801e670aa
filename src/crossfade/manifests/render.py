"""A rule as the documents that carry it to each target, and the words of its commit."""

from collections.abc import Mapping, Sequence
from typing import Final

import yaml

from crossfade.domain.intent import Intent
from crossfade.domain.operation import OperationKind
from crossfade.domain.revision import Document, Revision, TargetKind
from crossfade.domain.split import describe_change
from crossfade.manifests.canonical import canonical_yaml, document_digest
from crossfade.manifests.envoy import cluster_policy, route_configuration, with_addresses
from crossfade.manifests.istio import destination_rule, virtual_service

RENDERER: Final = 1  # grows when the same intent renders to other documents
DEFAULT_PREFIX: Final = "istio"
LONGEST_SUBJECT: Final = 72


def documents(
    intent: Intent, generation: int, prefix: str = DEFAULT_PREFIX
) -> tuple[Document, ...]:
    """What each target must hold for this intent, under this generation."""
    key = intent.key
    istio = canonical_yaml(
        [destination_rule(intent, generation), virtual_service(intent, generation)]
    )
    envoy = canonical_yaml([_envoy_document(intent, generation)])
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return (
        _document(TargetKind.GIT, f"{folder}{key.namespace}/{key.service}.yaml", istio),
        _document(TargetKind.ENVOY, str(key), envoy),
    )


def route_configuration_of(document: Document) -> dict[str, object]:
    """The RouteConfiguration in a document for Envoy."""
    content: dict[str, dict[str, object]] = yaml.safe_load(document.content)
    return content["route_configuration"]


def clusters_of(
    document: Document, addresses: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, object]]:
    """The clusters in a document for Envoy, by version, with the versions' addresses."""
    content: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(document.content)
    return {
        version: with_addresses(policy, addresses.get(version, ()))
        for version, policy in content["clusters"].items()
    }


def _document(target: TargetKind, path: str, content: str) -> Document:
    return Document(target, path, content, document_digest(content))


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
    if kind in (OperationKind.RELEASE, OperationKind.REMOVE):
        return act
    subject = f"{act}: {describe_change(None, revision.intent.split)}"
    return (
        subject if len(subject) <= LONGEST_SUBJECT else f"{act}: generation {revision.generation}"
    )


def _one_line(text: str) -> str:
    """The text on one line, so that nobody's reason can pass for a trailer of ours."""
    return " ".join(text.split())
