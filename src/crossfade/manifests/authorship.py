"""Whose hand is on an object of a cluster: read from what its API server keeps beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crossfade.manifests.reading import Manifest, at, items_at, mapping_at, text_at

FIELD_MANAGER: Final = "crossfade"
TRACKING_ANNOTATION: Final = "argocd.argoproj.io/tracking-id"

# Whom an API server says to have written what nobody claimed, when it is first applied to.
_NOBODY = "before-first-apply"
_MANAGED_BY = "app.kubernetes.io/managed-by"
_FLUX = ("kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io")
_APPLY = "Apply"


@dataclass(frozen=True, slots=True, order=True)
class Hand:
    """A manager that wrote to an object, and when it did so last."""

    at: datetime
    manager: str


def last_author(*objects: Manifest) -> Hand | None:
    """The newest hand, other than ours, on what the objects say, since ours was last on them.

    Whoever takes a field away leaves no trace there: then nobody is named, rather than a
    co-owner from before our last write.
    """
    hands = [hand for live in objects for hand in _others_since_ours(live)]
    return max(hands, default=None)


def holder(live: Manifest, *path: str) -> str | None:
    """Who, other than us, owns the field at a path; None where nobody is known to."""
    marks = [f"f:{name}" for name in path]
    others = [entry for entry in _entries(live) if not _is_ours(entry)]
    owning = (entry for entry in others if at(entry, "fieldsV1", *marks) is not None)
    return next((text_at(entry, "manager") for entry in owning), None)


def _others_since_ours(live: Manifest) -> Iterable[Hand]:
    entries = [(entry, hand) for entry in _entries(live) if (hand := _hand(entry))]
    since = max((hand.at for entry, hand in entries if _is_ours(entry)), default=None)
    for entry, hand in entries:
        if not _is_ours(entry) and _speaks(entry) and (since is None or hand.at >= since):
            yield hand


def _hand(entry: Manifest) -> Hand | None:
    try:
        return Hand(datetime.fromisoformat(text_at(entry, "time")), text_at(entry, "manager"))
    except ValueError:
        return None


def _entries(live: Manifest) -> list[Manifest]:
    """The entries of those who wrote the object itself; its status is another matter."""
    entries = items_at(live, "metadata", "managedFields")
    return [entry for entry in entries if not text_at(entry, "subresource")]


def _is_ours(entry: Manifest) -> bool:
    return text_at(entry, "manager") == FIELD_MANAGER


def _is_held(entry: Manifest) -> bool:
    """Whether it is our own entry, or one of nobody in particular."""
    return text_at(entry, "manager") in (FIELD_MANAGER, _NOBODY)


def _speaks(entry: Manifest) -> bool:
    """Whether a manager owns some of what routes, or the mark that makes it ours."""
    marks = f"f:{_MANAGED_BY}" in mapping_at(entry, "fieldsV1", "f:metadata", "f:labels")
    return marks or at(entry, "fieldsV1", "f:spec") is not None


def owner(live: Manifest) -> str | None:
    """Whose else an object is, in words a person can look up; None where nobody else claims it.

    Nobody claims what we released: our mark and our entry went, and no hand was on it since.
    """
    claims = (
        _controller(live),
        _argo_application(live),
        _flux_object(live),
        _declared(live),
        _writer(live),
    )
    return next((claim for claim in claims if claim), None)


def _controller(live: Manifest) -> str | None:
    for reference in items_at(live, "metadata", "ownerReferences"):
        if reference.get("controller") is True:
            return f"{text_at(reference, 'kind')} {text_at(reference, 'name')}"
    return None


def _argo_application(live: Manifest) -> str | None:
    tracked = text_at(live, "metadata", "annotations", TRACKING_ANNOTATION)
    return f"Argo CD's application {tracked.split(':')[0]}" if tracked else None


def _flux_object(live: Manifest) -> str | None:
    for kind, prefix in zip(("Kustomization", "HelmRelease"), _FLUX, strict=True):
        if name := text_at(live, "metadata", "labels", f"{prefix}/name"):
            namespace = text_at(live, "metadata", "labels", f"{prefix}/namespace")
            return f"Flux's {kind} {namespace}/{name}"
    return None


def _declared(live: Manifest) -> str | None:
    return text_at(live, "metadata", "labels", _MANAGED_BY) or None


def _writer(live: Manifest) -> str | None:
    others = [entry for entry in _entries(live) if _speaks(entry) and not _is_held(entry)]
    hands = [hand for entry in others if (hand := _hand(entry))]
    return max(hands).manager if hands else None


def without_ours(live: Manifest) -> list[Manifest]:
    """The entries of an object's managers, ours left out."""
    entries = items_at(live, "metadata", "managedFields")
    return [entry for entry in entries if not _is_held(entry)]


def as_applied(live: Manifest) -> list[Manifest] | None:
    """The managers' entries with ours made the one of an apply; None where they are so already.

    What an update owns, no later apply takes away: neither what we created, by the one request
    that cannot overwrite, nor what nobody owned when we first applied to it.
    """
    entries = items_at(live, "metadata", "managedFields")
    held = [entry for entry in entries if _is_held(entry) and not text_at(entry, "subresource")]
    if all(entry.get("operation") == _APPLY for entry in held):
        return None
    fields: Manifest = {}
    for entry in held:
        fields = _union(fields, at(entry, "fieldsV1"))
    others = [entry for entry in entries if entry not in held]
    applied = {"manager": FIELD_MANAGER, "operation": _APPLY, "fieldsV1": fields}
    return [*others, {**held[0], **applied}]


def _union(first: object, second: object) -> Manifest:
    one, other = mapping_at(first), mapping_at(second)
    return {name: _union(one.get(name), other.get(name)) for name in {**one, **other}}
