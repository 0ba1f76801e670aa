"""Argo CD beside us: the Application that we write, and when one would undo what we write."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from crossfade.domain.delivery import Delivery
from crossfade.domain.names import ServiceKey
from crossfade.manifests.argocd_application import (
    Application,
    ApplicationName,
    Ignored,
    ObjectName,
    Source,
    SyncState,
)
from crossfade.manifests.authorship import TRACKING_ANNOTATION
from crossfade.manifests.canonical import GENERATION_ANNOTATION, canonical_yaml
from crossfade.manifests.pair import KINDS
from crossfade.manifests.reading import Manifest, at, items_at, text_at

API_VERSION: Final = "argoproj.io/v1alpha1"
IN_CLUSTER: Final = "https://kubernetes.default.svc"
GROUP: Final = "networking.istio.io"

RESPECTS: Final = "RespectIgnoreDifferences=true"
ONLY_WHAT_DIFFERS: Final = "ApplyOutOfSyncOnly=true"
AT_ONCE: Final = "PrunePropagationPolicy=background"  # nothing depends on our objects

INSTANCE_LABEL: Final = "app.kubernetes.io/instance"


def _pointer(*steps: str) -> str:
    return "".join(f"/{step.replace('/', '~1')}" for step in steps)


# What Argo CD must leave to us. Its own marks are among it: an object that we made lacks them,
# and the sync that adds them writes back whatever the object said when that sync began.
LEFT_TO_US: Final = (
    _pointer("spec"),
    _pointer("metadata", "annotations", GENERATION_ANNOTATION),
    _pointer("metadata", "annotations", TRACKING_ANNOTATION),
    _pointer("metadata", "labels", INSTANCE_LABEL),
)
# The former leaves those fields alone in a sync; the latter leaves out of a sync, which others'
# commits bring about, every object in which nothing else differs.
OPTIONS: Final = (RESPECTS, ONLY_WHAT_DIFFERS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Git our files live: a folder, or one file, on a branch."""

    repo_url: str
    branch: str
    path: str


@dataclass(frozen=True, slots=True)
class Destination:
    """The cluster that an Application writes to, and the namespace of objects that name none."""

    namespace: str
    server: str = IN_CLUSTER


def object_names(key: ServiceKey) -> tuple[ObjectName, ...]:
    """The objects of a rule, as Argo CD names them."""
    return tuple(ObjectName(GROUP, kind, key.namespace, key.service) for kind in KINDS)


def application_manifest(
    name: ApplicationName,
    place: Place,
    destination: Destination,
    delivery: Delivery,
    *,
    self_heal: bool = True,
    prune: bool | None = None,
) -> dict[str, object]:
    """The Application that brings our folder to the cluster and leaves to us what is ours.

    It prunes unless told otherwise where Git alone says what goes; beside our own hand it does
    not, as what we release must stay.
    """
    prunes = delivery is Delivery.GIT_ONLY if prune is None else prune
    spec: dict[str, object] = {
        "project": "default",
        "source": {
            "repoURL": place.repo_url,
            "targetRevision": place.branch,
            **_folder(place.path),
        },
        "destination": {"server": destination.server, "namespace": destination.namespace},
        "syncPolicy": _sync_policy(delivery, self_heal=self_heal, prune=prunes),
    }
    if delivery is Delivery.APPLY:
        spec["ignoreDifferences"] = [_left_to_us(kind) for kind in KINDS]
    metadata = {"name": name.name, "namespace": name.namespace}
    return {"apiVersion": API_VERSION, "kind": "Application", "metadata": metadata, "spec": spec}


def _folder(path: str) -> dict[str, object]:
    """Our folder, read from the top of the repository.

    With the last rule its folder goes from Git, and a path that is not there is an error to Argo
    CD, which then would not take that rule away.
    """
    if not path.strip("/"):
        return {"path": ".", "directory": {"recurse": True}}
    pattern = _SPECIAL.sub(r"\\\g<0>", path.strip("/"))
    return {"path": ".", "directory": {"recurse": True, "include": f"{pattern}/*"}}


_SPECIAL: Final = re.compile(r"[*?\[\]{}!\\]")  # what means something in a pattern


def _sync_policy(delivery: Delivery, *, self_heal: bool, prune: bool) -> dict[str, object]:
    options = OPTIONS if delivery is Delivery.APPLY else (ONLY_WHAT_DIFFERS,)
    return {
        # The last rule may go, too, which is an empty folder.
        "automated": {"prune": prune, "selfHeal": self_heal, "allowEmpty": prune},
        "syncOptions": [*options, AT_ONCE],
        # While a failed sync is tried again no newer commit is looked at: a rollback would wait.
        "retry": {"limit": 2, "backoff": {"duration": "1s", "factor": 2, "maxDuration": "3s"}},
    }


def _left_to_us(kind: str) -> dict[str, object]:
    return {"group": GROUP, "kind": kind, "jsonPointers": list(LEFT_TO_US)}


def covers(application: Application, place: Place) -> bool:
    """Whether the Application reads this place of the repository."""
    return any(_reads(source, place) for source in application.sources)


def _reads(source: Source, place: Place) -> bool:
    return (
        _same_repository(source.repo_url, place.repo_url)
        and source.revision.removeprefix("refs/heads/") in ("", "HEAD", place.branch)
        and _holds(source, place.path)
    )


def _holds(source: Source, path: str) -> bool:
    folder = f"{source.path}/" if source.path else ""
    if not f"{path.strip('/')}/".startswith(folder):
        return False
    return source.deep or "/" not in path.removeprefix(folder).strip("/")


def _same_repository(one: str, other: str) -> bool:
    """Whether two addresses may be of one repository: inside a cluster it may have another host."""
    first, second = normal_url(one), normal_url(other)
    return first == second or first.split("/")[-2:] == second.split("/")[-2:]


_SCP_LIKE: Final = re.compile(r"(?P<user>[^/:@]+@)?(?P<host>[^/:@]{2,}):(?P<path>(?!//).+)")


def normal_url(url: str) -> str:
    """A repository's address, without what may differ from one writing of it to the next."""
    address = url.strip().lower().rstrip("/").removesuffix(".git")
    if "://" not in address and (named := _SCP_LIKE.fullmatch(address)):
        address = f"{named['user'] or ''}{named['host']}/{named['path'].lstrip('/')}"
    return re.sub(r"^(?:ssh|file)://", "", address)


def fights(application: Application, place: Place, key: ServiceKey) -> tuple[str, ...]:
    """The lines of YAML that the Application lacks, so that it leaves a direct write alone.

    None where it does not sync the service's objects by itself, or has them already. Healing is
    not all: a sync that another file's commit brings about writes back older weights, too.
    """
    if not minds(application, place, key):
        return ()
    missing = _missing(application, key)
    return tuple(canonical_yaml([{"spec": missing}]).splitlines()) if missing else ()


def keeps(application: Application, place: Place, key: ServiceKey) -> bool:
    """Whether the Application is about the service's objects, be they there or not yet."""
    # Its own list of objects tells even where it reads the repository under another address.
    listed = any(name in application.objects for name in object_names(key))
    return listed or covers(application, place)


def _missing(application: Application, key: ServiceKey) -> dict[str, object]:
    fields = [_left_to_us(name.kind) for name in object_names(key) if _touches(application, name)]
    options = [one for one in OPTIONS if one not in application.policy.options]
    missing: dict[str, object] = {"ignoreDifferences": fields} if fields else {}
    return missing | ({"syncPolicy": {"syncOptions": options}} if options else {})


def _touches(application: Application, name: ObjectName) -> bool:
    """Whether the Application minds a field that must be ours."""
    ignored = _ignored(application, name)
    return not all(any(_includes(field, ours) for field in ignored) for ours in LEFT_TO_US)


def _includes(field: str, pointer: str) -> bool:
    """Whether a field, as a JSON pointer or a jq path, is this one or one around it."""
    return field == _jq(pointer) or pointer == field or pointer.startswith(f"{field}/")


def _jq(pointer: str) -> str:
    steps = (step.replace("~1", "/") for step in pointer.split("/")[1:])
    return "".join(f".{step}" if step.isalpha() else f'."{step}"' for step in steps)


def _ignored(application: Application, name: ObjectName) -> frozenset[str]:
    entries = (one for one in application.policy.ignored if _concerns(one, name))
    return frozenset[str]().union(*(one.fields for one in entries))


def overlooks(application: Application, key: ServiceKey) -> tuple[str, ...]:
    """The fields of the service's objects in which the Application ignores what Git says."""
    ignored = (_ignored(application, name) for name in object_names(key))
    fields = frozenset[str]().union(*ignored)
    return tuple(sorted(one for one in fields if one.lstrip("/.").startswith("spec")))


def _concerns(entry: Ignored, name: ObjectName) -> bool:
    fitting = entry.objects
    return (
        fnmatchcase(name.group, fitting.group)
        and fnmatchcase(name.kind, fitting.kind)
        and fitting.name in ("", name.name)
        and fitting.namespace in ("", name.namespace)
    )


def wants(application: Application, key: ServiceKey) -> bool:
    """Whether the Application would make the service's objects anew if they were gone."""
    listed = application.objects.keys() - application.surplus
    return not listed.isdisjoint(object_names(key))


def minds(application: Application, place: Place, key: ServiceKey) -> bool:
    """Whether the Application makes the service's objects by itself."""
    return application.policy.automated and keeps(application, place, key)


def compared(application: Application, key: ServiceKey) -> bool:
    """Whether the Application has looked at the service's objects, and found them in order."""
    found = (application.objects.get(one) for one in object_names(key))
    return all(state is SyncState.SYNCED for state in found)


def tracked_by(live: Manifest) -> str | None:
    """The Application that keeps an object, as the mark on it says; None without such a mark."""
    if mark := text_at(live, "metadata", "annotations", TRACKING_ANNOTATION):
        return _owner(mark, live)
    # Helm and others set this label, too: it is Argo CD's only where Argo CD wrote it.
    label = text_at(live, "metadata", "labels", INSTANCE_LABEL)
    entries = items_at(live, "metadata", "managedFields")
    return label if label and any(_labelled_by_argocd(entry) for entry in entries) else None


def _owner(mark: str, live: Manifest) -> str | None:
    """The Application in the mark; None where the mark was copied from another object."""
    owner, _, rest = mark.partition(":")
    group = text_at(live, "apiVersion").rpartition("/")[0]
    namespace, name = (text_at(live, "metadata", key) for key in ("namespace", "name"))
    here = f"{group}/{text_at(live, 'kind')}:{namespace}/{name}"
    return owner if owner and rest == here else None


def _labelled_by_argocd(entry: Manifest) -> bool:
    label = at(entry, "fieldsV1", "f:metadata", "f:labels", f"f:{INSTANCE_LABEL}")
    return label is not None and text_at(entry, "manager").startswith("argocd")
