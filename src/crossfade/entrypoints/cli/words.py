"""API documents in the words of the terminal."""

from collections.abc import Sequence
from typing import cast

from crossfade.entrypoints.cli.client import Json, objects

_MARKS = {"done": "✓", "waiting": "…", "pending": "·", "failed": "✗", "skipped": "-"}


def full_name(document: Json) -> str:
    """The service that a document is about: "namespace/service"."""
    return f"{document['namespace']}/{document['serviceName']}"


def moment_words(at: object) -> str:
    """A moment to the second: "2026-03-01 12:00:00"."""
    return str(at)[:19].replace("T", " ")


def split_words(versions: object) -> str:
    """The split: "v1 80%, v2 20%"."""
    if not versions:
        return "-"
    return ", ".join(f"{version['name']} {version['weight']}%" for version in objects(versions))


def rule_row(rule: Json) -> list[str]:
    """A rule as a row of the list."""
    generation = rule["generation"]
    return [
        full_name(rule),
        split_words(rule["versions"]),
        split_words(rule["liveVersions"]),
        "-" if generation is None else str(generation),
        str(rule["state"]),
    ]


def stage_rows(operation: Json) -> list[list[str]]:
    """The stages of an operation, one a row."""
    return [
        [
            _MARKS[str(stage["state"])],
            str(stage["name"]),
            str(stage["detail"] or ""),
        ]
        for stage in objects(operation["stages"])
    ]


def revision_row(revision: Json) -> list[str]:
    """A revision as a row of the history."""
    operation = revision["operation"]
    verdict = f"{operation['kind']}: {operation['state']}" if isinstance(operation, dict) else "-"
    return [
        f"{revision['generation']}{' *' if revision['current'] else ''}",
        moment_words(revision["createdAt"]),
        str(revision["author"]),
        str(revision["summary"]),
        str(revision["commit"] or "-")[:7],
        verdict,
        str(revision["reason"] or ""),
    ]


def connection_row(connection: Json) -> list[str]:
    """A connection as a row of the status."""
    return [
        _MARKS["done" if connection["ok"] else "failed"],
        str(connection["name"]),
        str(connection["address"] or "-"),
        str(connection["detail"]),
        moment_words(connection["since"]) if connection["since"] else "-",
    ]


def service_row(service: Json) -> list[str]:
    """A service as a row of the list."""
    return [full_name(service), versions_words(service), "yes" if service["ruleId"] else "-"]


def versions_words(service: Json) -> str:
    """The versions of a service, each with its pods or its addresses."""
    return ", ".join(map(_version_words, objects(service["versions"]))) or "none found"


def _version_words(version: Json) -> str:
    if version["known"] is None:
        addresses = cast(Sequence[str], version["addresses"])
        return f"{version['name']}={'+'.join(addresses)}"
    return f"{version['name']} ({version['ready']} of {version['known']} ready)"
