"""API documents in the words of the terminal."""

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
