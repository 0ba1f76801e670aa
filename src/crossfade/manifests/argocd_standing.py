"""Where Argo CD stands with a commit: at it, before it, or unable to bring it to the cluster."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import short
from crossfade.manifests.argocd import object_names
from crossfade.manifests.argocd_application import Application, Phase, Sync, SyncState

_BROKEN_COMPARISON: Final = ("ComparisonError", "InvalidSpecError", "UnknownError")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Synced:
    """The service's objects are what Git asks for at our commit or a later one."""

    revision: str


@dataclass(frozen=True, slots=True)
class Behind:
    """Argo CD is not there yet; a sentence says where it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The sync of our commit or a later one failed, in Argo CD's own words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Argo CD cannot tell, in its own words, and it need not be about our commit."""

    reason: str


SyncStanding = Synced | Behind | Failed | Unknown


def mentioned(application: Application) -> frozenset[str]:
    """Every commit that the Application speaks of; a branch that it could not read is none."""
    named = (*application.revisions, *application.last_sync.revisions)
    return frozenset(name for name in named if _COMMIT.fullmatch(name))


def sync_standing(
    application: Application, key: ServiceKey, reached: Collection[str]
) -> SyncStanding:
    """Where the Application stands; `reached` are its commits that are ours or follow it."""
    compared = _first(application.revisions, reached)
    if compared is not None and _agrees(application, key):
        return Synced(compared)
    return (
        _broken_sync(application, key, reached)
        or _broken_comparison(application, compared)
        or Behind(_way(application, compared))
    )


def _first(commits: Collection[str], reached: Collection[str]) -> str | None:
    return next((commit for commit in commits if commit in reached), None)


def _agrees(application: Application, key: ServiceKey) -> bool:
    """Whether the service's objects are as Git asks, whatever the others are."""
    found = [application.objects.get(name) for name in object_names(key)]
    ours = [state for state in found if state is not None]
    if not ours:
        return application.state is SyncState.SYNCED
    return all(state is SyncState.SYNCED for state in ours)


def _broken_sync(
    application: Application, key: ServiceKey, reached: Collection[str]
) -> Failed | Unknown | None:
    """What became of the last sync, where it was of our commit or a later one."""
    sync = application.last_sync
    tried = _first(sync.revisions, reached)
    if tried is None or not (sync.phase.broken or sync.refused):
        return None
    reason = f"{_who(application)} could not sync {short(tried)}: {_said(sync)}"
    # Others' objects are others' to mend, and a sync that still runs is being tried again.
    ours = not sync.refused or not sync.refused.keys().isdisjoint(object_names(key))
    return Failed(reason) if ours and sync.phase.broken else Unknown(reason)


def _said(sync: Sync) -> str:
    """What is said of a sync; where it does not tell why, what is said of an object."""
    why = next((one for one in sync.refused.values() if one), "")
    return sync.message if why in sync.message else f"{sync.message} {why}"


def _broken_comparison(application: Application, compared: str | None) -> Failed | Unknown | None:
    """What keeps Argo CD from comparing or from syncing, where it says so."""
    if reason := _condition(application, "InvalidSpecError", "UnknownError"):
        return Unknown(f"{_who(application)} cannot compare: {reason}")
    reason = _condition(application, "ComparisonError", "SyncError")
    if reason and compared:
        return Failed(f"{_who(application)} does not sync {short(compared)}: {reason}")
    # Where it could not read the repository at all, it names no commit that this would be about.
    reason = _condition(application, "ComparisonError")
    return Unknown(f"{_who(application)} cannot compare: {reason}") if reason else None


def removal_standing(application: Application, key: ServiceKey) -> str:
    """Why a service's objects are still there after their file went."""
    who = _who(application)
    if reason := _condition(application, "SyncError", *_BROKEN_COMPARISON):
        return f"{who} does not remove {key}: {reason}"
    if not application.policy.prunes:
        return f"{who} removes nothing: spec.syncPolicy.automated.prune is not true."
    if not any(name in application.objects for name in object_names(key)):
        return f"{who} does not keep the objects of {key}, so it will not remove them."
    sync = application.last_sync
    said = "" if sync.phase in (Phase.NONE, Phase.SUCCEEDED) else sync.message
    return f"{who} has not removed {key} yet{': ' if said else '.'}{said}"


def _condition(application: Application, *kinds: str) -> str | None:
    found = (application.conditions.get(kind) for kind in kinds)
    return next((message for message in found if message), None)


def _way(application: Application, compared: str | None) -> str:
    if compared is None:
        return _elsewhere(application)
    if not application.policy.automated:
        return f"{_at(compared, application)} and is not told to sync by itself."
    sync = application.last_sync
    said = sync.message if sync.phase in (Phase.RUNNING, Phase.TERMINATING) else ""
    return f"{_at(compared, application)}: {said or 'it has not synced it yet.'}"


def _elsewhere(application: Application) -> str:
    if not application.revisions:
        return f"{_who(application)} has compared no commit yet."
    return f"{_at(application.revisions[0], application)}, which does not hold ours."


def unheard(application: Application) -> str:
    """What to say where Argo CD was asked to look and does not."""
    since = f"since {application.looked_at}" if application.looked_at else "yet"
    return f"{_who(application)} has not looked {since}, though it was asked to: is it running?"


def _at(commit: str, application: Application) -> str:
    return f"{_who(application)} is at commit {short(commit)}"


def _who(application: Application) -> str:
    return f"Argo CD ({application.name})"
