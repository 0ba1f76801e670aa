"""Objects as an API server shows them: what we wrote, and what it keeps beside that."""

from collections.abc import Mapping
from typing import Any

from crossfade.domain.intent import Intent, Version
from crossfade.domain.names import ServiceKey
from crossfade.manifests.istio import destination_rule, virtual_service
from crossfade.manifests.pair import Pair
from crossfade.manifests.reading import Manifest

CHECKOUT = ServiceKey("local", "shop", "checkout")
Written = dict[str, Any]


def intent_of(**weights: int) -> Intent:
    """The checkout, divided so, in hundredths of a percent."""
    return Intent(CHECKOUT, tuple(Version(name, weight) for name, weight in weights.items()))


def wanted(intent: Intent, generation: int) -> Pair:
    """What a revision of the intent asks for."""
    return Pair(destination_rule(intent, generation), virtual_service(intent, generation))


def live(manifest: Manifest | None, **metadata: object) -> Written:
    """A manifest as it is read back, with more in its metadata."""
    assert manifest is not None
    known: Any = manifest["metadata"]
    kept = {"uid": "7", "resourceVersion": "41", "generation": 3, "managedFields": []}
    return {**manifest, "metadata": {**known, **kept, **metadata}, "status": {"conditions": []}}


def held(pair: Pair) -> Pair:
    """A pair as a cluster holds it."""
    return Pair(
        pair.destination_rule and live(pair.destination_rule),
        pair.virtual_service and live(pair.virtual_service),
    )


def entry(manager: str, time: str = "2026-11-24T09:00:00Z", **more: object) -> Mapping[str, object]:
    """A manager's entry: it applied what stands under spec, where nothing else is said."""
    fields = {"f:spec": {"f:hosts": {}}}
    return {
        "manager": manager,
        "operation": "Apply",
        "time": time,
        "fieldsV1": fields,
        **more,
    }
