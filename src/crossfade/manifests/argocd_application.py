"""An Argo CD Application as the API server shows it, read into what we need to know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crossfade.manifests.reading import Manifest, at, items_at, text_at, texts_at

REFRESH_ANNOTATION: Final = "argocd.argoproj.io/refresh"


@dataclass(frozen=True, slots=True, order=True)
class ApplicationName:
    """Which Application: its namespace and its name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def application_name(text: str) -> ApplicationName:
    """The name written as namespace/name; ValueError with a sentence where it is not."""
    namespace, _, name = text.partition("/")
    if not namespace or not name or "/" in name:
        raise ValueError(f"An Application is named as namespace/name, not {text!r}.")
    return ApplicationName(namespace, name)


class SyncState(StrEnum):
    """How the cluster compares with what Git asks for, as Argo CD says it."""

    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


class Phase(StrEnum):
    """How far Argo CD's last sync has come."""

    NONE = ""
    RUNNING = "Running"
    TERMINATING = "Terminating"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ERROR = "Error"

    @property
    def broken(self) -> bool:
        """Whether the sync ended without success."""
        return self in (Phase.FAILED, Phase.ERROR)


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of a repository at a revision that the Application reads."""

    repo_url: str
    path: str
    revision: str
    deep: bool  # folders below the path are read, too


@dataclass(frozen=True, slots=True, order=True)
class ObjectName:
    """An object that the Application speaks of."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Fields whose differences the Application leaves alone, in the objects that fit a name.

    Group and kind are patterns; an empty namespace or name fits any.
    """

    objects: ObjectName
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the Application does by itself."""

    automated: bool
    prunes: bool
    self_heals: bool
    options: frozenset[str]
    ignored: tuple[Ignored, ...]


@dataclass(frozen=True, slots=True)
class Sync:
    """The last sync: how it went, and what is said of each object that was refused."""

    phase: Phase
    message: str
    revisions: tuple[str, ...]
    refused: Mapping[ObjectName, str]


@dataclass(frozen=True, slots=True)
class Application:
    """One Application: what it is told to do, and what it has done."""

    name: ApplicationName
    sources: tuple[Source, ...]
    policy: Policy
    state: SyncState
    revisions: tuple[str, ...]  # what the cluster was last compared with, one for each source
    objects: Mapping[ObjectName, SyncState]
    surplus: frozenset[ObjectName]  # those of its objects that Git asks for no longer
    last_sync: Sync
    conditions: Mapping[str, str]  # kind to message
    looked_at: str  # when Argo CD last compared, as it wrote it; empty: never
    wish: str  # how somebody wishes that it looks again, where that still waits
    syncing: bool  # a sync is under way, or about to begin


def read_application(document: Manifest) -> Application:
    """The Application in an object of the API server; what is missing reads as empty."""
    objects = items_at(document, "status", "resources")
    conditions = items_at(document, "status", "conditions")
    return Application(
        name=ApplicationName(
            *(text_at(document, "metadata", key) for key in ("namespace", "name"))
        ),
        sources=_sources(document),
        policy=_policy(document),
        state=_state(at(document, "status", "sync")),
        revisions=_revisions(at(document, "status", "sync")),
        objects={_object(item): _state(item) for item in objects},
        surplus=frozenset(_object(item) for item in objects if item.get("requiresPruning") is True),
        last_sync=_last_sync(at(document, "status", "operationState")),
        conditions={text_at(one, "type"): text_at(one, "message") for one in conditions},
        looked_at=text_at(document, "status", "reconciledAt"),
        wish=text_at(document, "metadata", "annotations", REFRESH_ANNOTATION),
        syncing=_syncing(document),
    )


def _sources(document: Manifest) -> tuple[Source, ...]:
    # Where both are given, Argo CD reads `sources` alone.
    several = items_at(document, "spec", "sources")
    return tuple(map(_source, several)) or (_source(at(document, "spec", "source")),)


def _source(source: object) -> Source:
    # A tool that renders a folder may take in whatever lies below it.
    rendered = any(at(source, tool) is not None for tool in ("kustomize", "helm", "plugin"))
    return Source(
        repo_url=text_at(source, "repoURL"),
        path=text_at(source, "path").removeprefix(".").strip("/"),
        revision=text_at(source, "targetRevision"),
        deep=rendered or at(source, "directory", "recurse") is True,
    )


def _policy(document: Manifest) -> Policy:
    automated = at(document, "spec", "syncPolicy", "automated")
    active = isinstance(automated, Mapping) and automated.get("enabled") is not False
    return Policy(
        automated=active,
        prunes=active and at(automated, "prune") is True,
        self_heals=active and at(automated, "selfHeal") is True,
        options=frozenset(texts_at(document, "spec", "syncPolicy", "syncOptions")),
        ignored=tuple(_ignored(item) for item in items_at(document, "spec", "ignoreDifferences")),
    )


def _ignored(item: Manifest) -> Ignored:
    fields = (*texts_at(item, "jsonPointers"), *texts_at(item, "jqPathExpressions"))
    return Ignored(_object(item), frozenset(fields))


def _last_sync(state: object) -> Sync:
    tried = items_at(state, "syncResult", "resources")
    refused = [one for one in tried if one.get("status") == "SyncFailed"]
    return Sync(
        phase=next((one for one in Phase if one == text_at(state, "phase")), Phase.NONE),
        message=text_at(state, "message"),
        revisions=_revisions(at(state, "syncResult")) or _revisions(at(state, "operation", "sync")),
        refused={_object(one): text_at(one, "message") for one in refused},
    )


def _syncing(document: Manifest) -> bool:
    phase = text_at(document, "status", "operationState", "phase")
    return at(document, "operation") is not None or phase in (Phase.RUNNING, Phase.TERMINATING)


def _revisions(item: object) -> tuple[str, ...]:
    single = text_at(item, "revision")
    return texts_at(item, "revisions") or ((single,) if single else ())


def _object(item: Manifest) -> ObjectName:
    return ObjectName(*(text_at(item, key) for key in ("group", "kind", "namespace", "name")))


def _state(item: object) -> SyncState:
    return next((one for one in SyncState if one == text_at(item, "status")), SyncState.UNKNOWN)
