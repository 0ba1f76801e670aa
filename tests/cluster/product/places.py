"""What a rule is in each of the four places that must agree on it, each read where it is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from tests.cluster import config_dump
from tests.cluster.api import Manifest
from tests.cluster.routes import meaning

from crossfade.manifests.canonical import GENERATION_ANNOTATION

KINDS = ("DestinationRule", "VirtualService")

Shares = Mapping[str, float]  # in hundredths of a percent
Picture = Mapping[str, Any]  # the specs by kind, and the generation that the routes carry


@dataclass(frozen=True, slots=True)
class Held:
    """What the four places hold of a rule."""

    database: Picture
    git: Picture
    cluster: Picture
    proxies: Shares

    def agrees_on(self, generation: int, shares: Shares) -> bool:
        """Whether all hold this generation, and thereby this split."""
        alike = self.database == self.git == self.cluster
        newest = self.database["generation"] == str(generation)
        return alike and newest and self.proxies == shares


def picture_in(text: str) -> Picture:
    """The picture in the documents of a file."""
    return picture_of(one for one in yaml.safe_load_all(text) if one)


def picture_of(manifests: Iterable[Manifest]) -> Picture:
    """The picture in a rule's two objects; the generation of the subsets says nothing."""
    found = {one["kind"]: one for one in manifests}
    specs = {kind: one["spec"] for kind, one in found.items()}
    return {"generation": mark(found.get("VirtualService", {"metadata": {}})), **specs}


def mark(manifest: Manifest) -> str | None:
    """The generation that an object carries."""
    annotations: Mapping[str, str] = manifest["metadata"].get("annotations", {})
    return annotations.get(GENERATION_ANNOTATION)


def obeyed(document: object, host: str) -> Shares:
    """How a proxy divides the traffic to a host, by its own words."""
    found = config_dump.routes(document, host)
    return meaning(found[-1]).shares if found else {}
