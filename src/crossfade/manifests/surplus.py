"""What an object says that its manifest does not.

No server-side apply takes away what somebody else added: it is theirs, and stays.
"""

from collections.abc import Iterator, Mapping

from crossfade.manifests.authorship import last_author
from crossfade.manifests.pair import LEAVING_ANNOTATION, Pair, leaving
from crossfade.manifests.reading import Manifest, mapping_at, text_at


def surplus(live: Manifest, manifest: Manifest) -> Manifest:
    """The merge patch that takes it away; empty where there is nothing to take.

    Labels and annotations of others route nothing, so they stay.
    """
    left_over = leaving(live) and not leaving(manifest)
    marks = {"metadata": {"annotations": {LEAVING_ANNOTATION: None}}} if left_over else {}
    beyond = _beyond(mapping_at(live, "spec"), mapping_at(manifest, "spec"))
    return {**marks, "spec": beyond} if beyond else marks


def added(wanted: Pair, held: Pair) -> str | None:
    """What others added to a rule's objects, and who, in a sentence; None where nothing."""
    pairs = (
        (held.destination_rule, wanted.destination_rule),
        (held.virtual_service, wanted.virtual_service),
    )
    fields = [
        f"{path} of {text_at(live, 'kind')} {text_at(live, 'metadata', 'name')}"
        for live, manifest in pairs
        if live is not None and manifest is not None
        for path in _paths("spec", mapping_at(surplus(live, manifest), "spec"))
    ]
    if not fields:
        return None
    hand = last_author(*held)
    who = f"{hand.manager} added" if hand else "Somebody added"
    return f"{who} {' and '.join(fields)}, of which Git says nothing: take that away by hand."


def _paths(place: str, patch: Manifest) -> Iterator[str]:
    for name, value in patch.items():
        if isinstance(value, Mapping):
            yield from _paths(f"{place}.{name}", value)
        else:
            yield f"{place}.{name}"


def _beyond(there: Manifest, wanted: Manifest) -> Manifest:
    patch: dict[str, object] = {}
    for name, value in there.items():
        if name not in wanted:
            patch[name] = None
        elif isinstance(value, Mapping) and (found := _beyond(value, mapping_at(wanted, name))):
            patch[name] = found
    return patch
