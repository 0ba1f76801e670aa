"""Argo CD's Application and the objects it marks, as an API server shows them."""

from collections.abc import Mapping, Sequence

from crossfade.domain.delivery import Delivery
from crossfade.domain.names import ServiceKey
from crossfade.manifests.argocd import (
    GROUP,
    KINDS,
    Destination,
    Place,
    application_manifest,
)
from crossfade.manifests.argocd_application import (
    Application,
    ApplicationName,
    application_name,
    read_application,
)

NAME: ApplicationName = application_name("argocd/crossfade")
SHOP = ServiceKey("local", "shop", "checkout")
REPOSITORY = "https://git.example.com/team/traffic.git"
FOLDER = Place(REPOSITORY, "main", "istio")
FILE = Place(REPOSITORY, "main", "istio/shop/checkout.yaml")

OURS, LATER, OLDER = "a" * 40, "b" * 40, "c" * 40


def written(delivery: Delivery = Delivery.GIT_ONLY) -> dict[str, object]:
    """The Application as we write it."""
    return application_manifest(NAME, FOLDER, Destination("shop"), delivery)


def reading(**spec: object) -> Application:
    """An Application with this specification, which has not run yet."""
    metadata = {"name": NAME.name, "namespace": NAME.namespace}
    return read_application({"metadata": metadata, "spec": spec})


def source(path: str = "istio", revision: str = "main", *, deep: bool = False) -> dict[str, object]:
    """A source of our repository, with or without the folders below its path."""
    found: dict[str, object] = {"repoURL": REPOSITORY, "path": path, "targetRevision": revision}
    return found | ({"directory": {"recurse": True}} if deep else {})


HEALING: Mapping[str, object] = {"automated": {"selfHeal": True}}


def ran(
    revision: str,
    state: str,
    operation: Mapping[str, object] | None = None,
    conditions: Mapping[str, str] | None = None,
    objects: Sequence[Mapping[str, object]] = (),
) -> Application:
    """The Application that we write, after Argo CD compared and perhaps synced."""
    status: dict[str, object] = {
        "sync": {"status": state, "revision": revision},
        "reconciledAt": "2026-11-24T10:00:00Z",
        "resources": list(objects),
        "conditions": [{"type": k, "message": v} for k, v in (conditions or {}).items()],
    }
    if operation:
        status["operationState"] = operation
    return read_application({**written(), "status": status})


def sync_of(
    revision: str, phase: str, message: str, refused: Sequence[Mapping[str, object]] = ()
) -> dict[str, object]:
    """A sync that went so far."""
    result = {"revision": revision, "resources": list(refused)}
    return {"phase": phase, "message": message, "syncResult": result}


def standing_of(kind: str, status: str, name: str = "checkout") -> dict[str, object]:
    """What an Application says of one object."""
    return {"group": GROUP, "kind": kind, "namespace": "shop", "name": name, "status": status}


def both(status: str) -> list[dict[str, object]]:
    """The same said of both objects of the rule."""
    return [standing_of(kind, status) for kind in KINDS]
