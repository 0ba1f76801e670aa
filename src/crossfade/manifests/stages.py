"""What Git must hold next, where others bring a rule's two objects from there to the cluster."""

from crossfade.manifests.canonical import GENERATION_ANNOTATION
from crossfade.manifests.ordering import next_pair, routed, widened
from crossfade.manifests.pair import LEAVING_ANNOTATION, Pair, as_written, generation_of, leaving
from crossfade.manifests.present import present
from crossfade.manifests.reading import Manifest, at, items_at, mapping_at


def next_stage(desired: Pair, held: Pair, *, proven: bool) -> Pair:
    """The pair that Git must hold next on the way from what the cluster holds.

    New subsets first, then the routes, then, once the proxies route by these, what is left over
    goes. It is `desired` itself where nothing stands between.
    """
    ahead = next_pair(desired, held, proven=proven)
    if _staying(ahead.destination_rule) <= _staying(held.destination_rule):
        ahead = next_pair(desired, ahead, proven=proven)  # no route must wait for a subset
    there = as_written(ahead)
    if there.text == desired.text and not leaving(ahead.destination_rule):
        return desired
    return Pair(
        _as_committed(ahead.destination_rule, there.destination_rule),
        there.virtual_service,
    )


def halfway(desired: Pair, held: Pair) -> bool:
    """Whether the subsets of a picture have come to the cluster, and its routes have not."""
    own = generation_of(held.destination_rule)
    ready = own is not None and own == generation_of(desired.destination_rule)
    return ready and widened(desired, held) is None and routed(desired, held) is not None


def _staying(destination_rule: Manifest | None) -> frozenset[object]:
    """The subsets that are there to stay; those that leave may be gone by the next sync."""
    names = (one.get("name") for one in items_at(destination_rule, "spec", "subsets"))
    return frozenset(names).difference(leaving(destination_rule))


def _as_committed(live: Manifest | None, bare: Manifest | None) -> Manifest | None:
    """The destination rule with the subsets that wait for the proxies to let go of them."""
    if live is None or bare is None or not leaving(live):
        return bare
    names = (GENERATION_ANNOTATION, LEAVING_ANNOTATION)
    kept = {name: at(live, "metadata", "annotations", name) for name in names}
    metadata = {**mapping_at(bare, "metadata"), "annotations": present(**kept)}
    return {**bare, "metadata": metadata, "spec": live["spec"]}
