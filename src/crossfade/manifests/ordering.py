"""In which order a rule's two objects change, so that no request meets a version without pods.

A subset exists before a route names it, and goes only after the proxies have let go of it.
"""

from crossfade.manifests.pair import (
    LEAVING_ANNOTATION,
    Pair,
    annotated,
    as_written,
    digest,
    generation_of,
    leaving,
    with_subsets,
)
from crossfade.manifests.reading import Manifest, items_at, mapping_at


def widened(desired: Pair, held: Pair) -> Manifest | None:
    """The destination rule to be written before the routes; None where what is held will do.

    It knows the subsets of both pictures: the proxies route by the older one a while longer.
    """
    wanted = desired.destination_rule
    if wanted is None:
        return None
    staying = _only_in(held.destination_rule, wanted)
    names = tuple(str(one["name"]) for one in staying)
    if _unchanged(wanted, held) and names == leaving(held.destination_rule):
        return None
    if not staying:
        return wanted
    wide = with_subsets(wanted, [*items_at(wanted, "spec", "subsets"), *staying])
    return annotated(wide, LEAVING_ANNOTATION, ",".join(names))


def routed(desired: Pair, held: Pair) -> Manifest | None:
    """The virtual service to be written; None where it is already there, as it should be."""
    wanted = desired.virtual_service
    there = as_written(held).virtual_service
    same = digest(wanted) == digest(there) and generation_of(wanted) == generation_of(there)
    return None if same else wanted


def trimmed(desired: Pair, held: Pair) -> Manifest | None:
    """The destination rule without what only the older picture needed; None where it is so.

    To be written once the proxies are known to route by the desired picture.
    """
    wanted = desired.destination_rule
    if wanted is None or (_unchanged(wanted, held) and not leaving(held.destination_rule)):
        return None
    return wanted


def next_pair(desired: Pair, held: Pair, *, proven: bool) -> Pair:
    """The pair that is to be there next on the way from `held` to `desired`.

    It is `held` itself where nothing more can be done until the proxies have proven the routes.
    """
    if (destination_rule := widened(desired, held)) is not None:
        return Pair(destination_rule, held.virtual_service)
    if (virtual_service := routed(desired, held)) is not None:
        return Pair(held.destination_rule, virtual_service)
    if proven and (destination_rule := trimmed(desired, held)) is not None:
        return Pair(destination_rule, held.virtual_service)
    return held


def moves_weights_alone(desired: Pair, held: Pair) -> bool:
    """Whether nothing but weights differs: such a write needs no rehearsal."""
    there = as_written(held).virtual_service
    if there is None or desired.virtual_service is None or widened(desired, held) is not None:
        return False
    return digest(_unweighted(desired.virtual_service)) == digest(_unweighted(there))


def _unchanged(wanted: Manifest, held: Pair) -> bool:
    """Whether the destination rule may stay: an older generation on it says when it last changed.

    One that is gone, or higher than any of ours, is another's hand on our mark.
    """
    own, due = generation_of(held.destination_rule), generation_of(wanted)
    if own is None or due is None or own > due:
        return False
    return digest(wanted) == digest(as_written(held).destination_rule)


def _only_in(there: Manifest | None, wanted: Manifest) -> list[Manifest]:
    known = {one.get("name") for one in items_at(wanted, "spec", "subsets")}
    return [one for one in items_at(there, "spec", "subsets") if one.get("name") not in known]


def _unweighted(virtual_service: Manifest) -> Manifest:
    entries = [
        {**entry, "route": [_without_weight(arm) for arm in items_at(entry, "route")]}
        for entry in items_at(virtual_service, "spec", "http")
    ]
    spec = {**mapping_at(virtual_service, "spec"), "http": entries}
    return {**virtual_service, "spec": spec}


def _without_weight(arm: Manifest) -> Manifest:
    return {name: value for name, value in arm.items() if name != "weight"}
