"""Other people's DestinationRules for the service of a rule.

Istio merges those of one namespace and host: of two subsets of one name it keeps the older, and of
their policies those of the oldest. Callers in a namespace that has one of its own, be it for a
wildcard, go by that alone; so do the workloads that one is for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crossfade.domain.around import Around, Obstacle
from crossfade.domain.intent import Intent
from crossfade.manifests.hosts import covers, full_name
from crossfade.manifests.istio import destination_rule
from crossfade.manifests.reading import Manifest, at, items_at, text_at

# Istio's own namespace, as it is named by default: what stands there is for those who have nothing.
ROOT = "istio-system"
SUBSET_ELSEWHERE = "subset-elsewhere"
POLICIES_ELSEWHERE = "policies-elsewhere"
_RIVALRY = (SUBSET_ELSEWHERE, POLICIES_ELSEWHERE)


def rivals(intent: Intent, others: Iterable[Manifest]) -> tuple[Obstacle, ...]:
    """Why the rule's subsets or policies would not be what proxies go by, for each reason."""
    key = intent.key
    host = full_name(key.service, key.namespace)
    found: list[Obstacle] = []
    for other in others:
        namespace, name = _place(other)
        theirs = full_name(text_at(other, "spec", "host"), namespace)
        if namespace == key.namespace and at(other, "spec", "workloadSelector") is None:
            found += _beside(intent, other) if theirs == host and name != key.service else ()
        elif namespace != ROOT and covers(theirs, host):
            found += _instead(intent, other)
    return tuple(found)


def as_for_weights(around: Around) -> Around:
    """What of a rule's surroundings can forbid a move of weights alone.

    What others have put in its way since it was first written is there before and after the move:
    it must not hold traffic on a version that has to lose it.
    """
    kept = (one for one in around.obstacles if one.code not in _RIVALRY)
    return replace(around, claims=(), obstacles=tuple(kept))


def _beside(intent: Intent, other: Manifest) -> Iterator[Obstacle]:
    theirs = _subsets(other)
    for position, arm in enumerate(intent.versions):
        if theirs.get(arm.name, dict(arm.labels)) != dict(arm.labels):
            message = (
                f"{_title(other)} gives {arm.name} of {intent.key.service} other labels, and Istio "
                "keeps the older of the two."
            )
            yield Obstacle(SUBSET_ELSEWHERE, message, f"/versions/{position}")
    ours = at(destination_rule(intent, 0), "spec", "trafficPolicy")
    if ours is not None:
        message = (
            f"{_title(other)} is for {intent.key.service} too, and Istio takes the limits and the "
            "outlier detection of one of the two only."
        )
        yield Obstacle(POLICIES_ELSEWHERE, message, "/policies")


def _instead(intent: Intent, other: Manifest) -> Iterator[Obstacle]:
    theirs = _subsets(other)
    missing = [arm.name for arm in intent.versions if theirs.get(arm.name) != dict(arm.labels)]
    if missing:
        message = (
            f"{_title(other)} is what callers in {_place(other)[0]} go by, and it does not have "
            f"{', '.join(missing)} of {intent.key.service} with the rule's labels."
        )
        yield Obstacle(SUBSET_ELSEWHERE, message, "/versions")


def _subsets(other: Manifest) -> dict[object, object]:
    subsets = items_at(other, "spec", "subsets")
    return {one.get("name"): one.get("labels") for one in subsets}


def _title(other: Manifest) -> str:
    return f"DestinationRule {'/'.join(_place(other))}"


def _place(other: Manifest) -> tuple[str, str]:
    return text_at(other, "metadata", "namespace"), text_at(other, "metadata", "name")
