"""The two objects that carry a rule in Istio: as they are wanted, and as a cluster holds them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import yaml

from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind
from crossfade.manifests.canonical import (
    GENERATION,
    GENERATION_ANNOTATION,
    LOADER,
    canonical_yaml,
    digest_of,
)
from crossfade.manifests.istio import MANAGED_BY
from crossfade.manifests.present import present
from crossfade.manifests.reading import Manifest, at, items_at, mapping_at, text_at

KINDS: Final = ("DestinationRule", "VirtualService")  # in the order in which they are written
# Subsets that stay only until the proxies have let go of them. Named on the object itself, so
# that whoever reads it next tells them from a hand edit, however the writer ended.
LEAVING_ANNOTATION: Final = "crossfade.dev/leaving-subsets"

_MARK, _OURS = next(iter(MANAGED_BY.items()))
_KEPT = 256  # documents


def marked(live: Manifest | None) -> bool:
    """Whether an object carries our mark."""
    return text_at(live, "metadata", "labels", _MARK) == _OURS


def generation_of(manifest: Manifest | None) -> int | None:
    """The generation that an object carries; None where it carries none of ours."""
    found = text_at(manifest, "metadata", "annotations", GENERATION_ANNOTATION)
    return int(found) if GENERATION.fullmatch(found) else None


def leaving(destination_rule: Manifest | None) -> tuple[str, ...]:
    """The names of the subsets that wait for the proxies to let go of them."""
    named = text_at(destination_rule, "metadata", "annotations", LEAVING_ANNOTATION)
    return tuple(named.split(",")) if named else ()


def digest(manifest: Manifest | None) -> str:
    """The digest of what an object means, its generation left out."""
    return digest_of([manifest] if manifest is not None else [])


@dataclass(frozen=True, slots=True)
class Pair:
    """A rule's two objects: which pods make up each version, and where each request goes."""

    destination_rule: Manifest | None = None
    virtual_service: Manifest | None = None

    def __iter__(self) -> Iterator[Manifest]:
        """The objects that are there, in the order in which they are written."""
        both = (self.destination_rule, self.virtual_service)
        return (manifest for manifest in both if manifest is not None)

    @property
    def generation(self) -> int | None:
        """The highest generation of the two: what a writer with an older one must not touch."""
        carried = (generation_of(manifest) for manifest in self)
        return max((found for found in carried if found is not None), default=None)

    @property
    def picture(self) -> Picture:
        """The generation and the digest of what both mean together."""
        return Picture(self.generation, digest_of(self))

    @property
    def text(self) -> str:
        """Both as they stand in a file."""
        return canonical_yaml(self)


def pair_of(revision: Revision) -> Pair:
    """The pair that a revision asks for, read once for all the steps of a deploy."""
    return pair_in(revision.document(TargetKind.CLUSTER).content)


@lru_cache(_KEPT)
def pair_in(content: str) -> Pair:
    """The pair in a text."""
    by_kind = {at(found, "kind"): found for found in yaml.load_all(content, Loader=LOADER)}
    return Pair(*(by_kind.get(kind) for kind in KINDS))


def as_written(held: Pair) -> Pair:
    """What a cluster holds, as we would have written it: comparable with what is wanted.

    What the API server keeps beside it is left out, and so is whatever others hang on the
    metadata: a label or an annotation of theirs routes nothing, so it is no drift of the rule.
    A mark of ours that was changed or taken away stays visible.
    """
    destination_rule, virtual_service = held.destination_rule, held.virtual_service
    routed = generation_of(virtual_service)
    return Pair(
        destination_rule and _with_generation(_bare(_without_leaving(destination_rule)), routed),
        virtual_service and _bare(virtual_service),
    )


def _bare(live: Manifest) -> Manifest:
    labels = _only(at(live, "metadata", "labels"), _MARK)
    annotations = _only(at(live, "metadata", "annotations"), GENERATION_ANNOTATION)
    return present(
        apiVersion=live.get("apiVersion"),
        kind=live.get("kind"),
        metadata=present(
            name=at(live, "metadata", "name"),
            namespace=at(live, "metadata", "namespace"),
            labels=labels or None,
            annotations=annotations or None,
        ),
        spec=live.get("spec"),
    )


def _only(marks: object, name: str) -> Manifest:
    kept = at(marks, name)
    return {} if kept is None else {name: kept}


def _without_leaving(destination_rule: Manifest) -> Manifest:
    if not (gone := leaving(destination_rule)):
        return destination_rule
    subsets = items_at(destination_rule, "spec", "subsets")
    return with_subsets(destination_rule, [one for one in subsets if one.get("name") not in gone])


def with_subsets(destination_rule: Manifest, subsets: list[Manifest]) -> Manifest:
    """The destination rule with other subsets."""
    spec = {**mapping_at(destination_rule, "spec"), "subsets": subsets}
    return {**destination_rule, "spec": spec}


def _with_generation(destination_rule: Manifest, routed: int | None) -> Manifest:
    """The destination rule under the generation of the routes, where these are newer.

    It is not written when weights alone move, so it carries the generation that last changed it.
    """
    own = generation_of(destination_rule)
    if own is None or routed is None or routed <= own:
        return destination_rule
    return annotated(destination_rule, GENERATION_ANNOTATION, str(routed))


def annotated(manifest: Manifest, name: str, value: str) -> Manifest:
    """The manifest with one annotation more."""
    metadata = mapping_at(manifest, "metadata")
    annotations = {**mapping_at(metadata, "annotations"), name: value}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
