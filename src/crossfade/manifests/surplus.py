"""What an object says that its manifest does not.

No server-side apply takes away what somebody else added: it is theirs, and stays.
"""

from collections.abc import Iterator, Mapping

from crossfade.manifests.authorship import holder
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
    told = [
        f"{holder(live, *path) or 'somebody'} added {'.'.join(path)} to {_title(live)}"
        for live, manifest in pairs
        if live is not None and manifest is not None
        for path in _paths(("spec",), mapping_at(surplus(live, manifest), "spec"))
    ]
    return f"Git does not say it: {', '.join(told)}. Take that away by hand." if told else None


def _title(live: Manifest) -> str:
    return f"{text_at(live, 'kind')} {text_at(live, 'metadata', 'name')}"


def _paths(place: tuple[str, ...], patch: Manifest) -> Iterator[tuple[str, ...]]:
    for name, value in patch.items():
        if isinstance(value, Mapping):
            yield from _paths((*place, name), value)
        else:
            yield (*place, name)


def _beyond(there: Manifest, wanted: Manifest) -> Manifest:
    patch: dict[str, object] = {}
    for name, value in there.items():
        if name not in wanted:
            patch[name] = None
        elif isinstance(value, Mapping) and (found := _beyond(value, mapping_at(wanted, name))):
            patch[name] = found
    return patch
