"""What an object says that its manifest does not.

No server-side apply takes away what somebody else added: it is theirs, and stays.
"""

from collections.abc import Mapping

from crossfade.manifests.pair import LEAVING_ANNOTATION, leaving
from crossfade.manifests.reading import Manifest, mapping_at


def surplus(live: Manifest, manifest: Manifest) -> Manifest:
    """The merge patch that takes it away; empty where there is nothing to take.

    Labels and annotations of others route nothing, so they stay.
    """
    left_over = leaving(live) and not leaving(manifest)
    marks = {"metadata": {"annotations": {LEAVING_ANNOTATION: None}}} if left_over else {}
    beyond = _beyond(mapping_at(live, "spec"), mapping_at(manifest, "spec"))
    return {**marks, "spec": beyond} if beyond else marks


def _beyond(there: Manifest, wanted: Manifest) -> Manifest:
    patch: dict[str, object] = {}
    for name, value in there.items():
        if name not in wanted:
            patch[name] = None
        elif isinstance(value, Mapping) and (found := _beyond(value, mapping_at(wanted, name))):
            patch[name] = found
    return patch
