"""Find where a target differs from what it should hold, and who made it so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crossfade.application.desire import live_revision, save_standing
from crossfade.application.ports import CommittedFile, Ports
from crossfade.application.work import Event, Work
from crossfade.domain.errors import RuleNotFoundError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.plan import Keep, Picture, Yield, plan
from crossfade.domain.revision import Revision, TargetKind, short
from crossfade.domain.rule import Rule
from crossfade.domain.target import Drift, Presence, Target
from crossfade.manifests.render import key_of


@dataclass(frozen=True, slots=True)
class Column:
    """What one place holds of a rule; `error` where it could not be asked."""

    place: str  # database, or a kind of target
    generation: int | None = None
    document: str | None = None
    differs: bool = False
    missing: bool = False
    author: str | None = None
    at: datetime | None = None
    summary: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What the repository held when it was last looked at."""

    head: str | None
    pictures: Mapping[str, Picture]


async def look_at_git(ports: Ports, last: Look | None) -> Look:
    """Compare files with what they should hold: all at first, then those that have changed.

    Answers the look, to be given as `last` to the next one.
    """
    head = await ports.repository.head()
    if last is not None and head == last.head:
        return last
    confirmed = await _confirmed(ports) if last is None else ()
    pictures = await ports.repository.pictures()
    if last is not None:
        confirmed = await _confirmed_of(ports, _changed_paths(last.pictures, pictures))
    for target, revision in confirmed:
        if _changed(target, revision, pictures):
            await keep_drift(ports, target, await _git_drift(ports, target, revision))
    return Look(head, pictures)


async def _confirmed(ports: Ports) -> Sequence[tuple[Target, Revision]]:
    async with ports.work() as work:
        return await work.targets.confirmed(TargetKind.GIT)


async def _confirmed_of(ports: Ports, paths: Iterable[str]) -> Sequence[tuple[Target, Revision]]:
    found: list[tuple[Target, Revision]] = []
    installation = ports.installation
    for path in paths:
        key = key_of(path, installation.prefix, installation.cluster)
        if key is not None:
            async with ports.work() as work:
                found += await confirmed_in(work, key, TargetKind.GIT)
    return found


async def confirmed_in(
    work: Work, key: ServiceKey, kind: TargetKind
) -> Sequence[tuple[Target, Revision]]:
    """A service's target of a kind with what it confirmed; nothing while it is on its way."""
    rule = await work.rules.find(key)
    targets = await work.targets.of(rule.id) if rule else ()
    return [
        (target, await work.revisions.get(key, target.confirmed_generation))
        for target in targets
        if target.kind is kind and target.confirmed and target.confirmed_generation is not None
    ]


def _changed_paths(before: Mapping[str, Picture], after: Mapping[str, Picture]) -> Sequence[str]:
    return [path for path in {**before, **after} if before.get(path) != after.get(path)]


def _changed(target: Target, revision: Revision, pictures: Mapping[str, Picture]) -> bool:
    document = revision.document(TargetKind.GIT)
    drifted = differs(target, revision, pictures.get(document.path))
    return drifted is not (target.drift is not None)


def differs(target: Target, revision: Revision, observed: Picture | None) -> bool:
    """Whether what is observed at a target is not what it confirmed, nor newer than that."""
    desired = Picture(revision.generation, revision.document(target.kind).digest)
    step = plan(desired, observed, presence=target.presence, confirmed=target.digest, forced=True)
    return not isinstance(step, Keep | Yield)


async def _git_drift(ports: Ports, target: Target, revision: Revision) -> Drift | None:
    """The difference as it is now, read again: the file may have been healed meanwhile."""
    path = revision.document(TargetKind.GIT).path
    found = await ports.repository.read(path)
    if not differs(target, revision, found.picture if found else None):
        return None
    if found is None:
        return Drift(f"{path} is gone from the repository", None, ports.clock.now())
    return Drift(_changed_by(path, found), found.author, found.at)


def _changed_by(path: str, found: CommittedFile) -> str:
    return f"{path} was changed by {found.author} in commit {short(found.commit)}"


async def keep_drift(ports: Ports, target: Target, drift: Drift | None) -> None:
    """Keep (or clear) how a target differs, unless it moved on meanwhile."""
    try:
        async with ports.work() as work:
            rule = await work.rules.get(target.rule_id, lock=True)
            await _keep_if_current(work, rule, target, drift)
    except RuleNotFoundError:
        return


async def _keep_if_current(work: Work, rule: Rule, seen: Target, drift: Drift | None) -> None:
    targets = await work.targets.of(rule.id)
    current = next((target for target in targets if target.kind is seen.kind), None)
    if current is None or not current.confirmed:
        return
    if current.confirmed_generation != seen.confirmed_generation:
        return
    await work.targets.drifted(rule.id, seen.kind, drift)
    work.announce(Event("drift", rule.id, rule.id))
    operation = await work.operations.newest(rule.id)
    live = await live_revision(work, rule)
    await save_standing(work, rule, live, operation, await work.targets.of(rule.id))


async def compare(ports: Ports, rule_id: str) -> Sequence[Column]:
    """What database, Git and mesh hold of a rule now, side by side."""
    async with ports.work() as work:
        rule = await work.rules.get(rule_id)
        revision = await live_revision(work, rule)
        targets = await work.targets.of(rule_id)
    if revision is None:
        return [Column("database")]
    present = {target.kind: target.presence for target in targets}
    desired = revision.document(TargetKind.GIT)
    database = Column("database", revision.generation, desired.content)
    return [
        database,
        await _git_column(ports, revision, present[TargetKind.GIT]),
        await _mesh_column(ports, revision, present[ports.installation.mesh]),
    ]


async def _git_column(ports: Ports, revision: Revision, presence: Presence) -> Column:
    try:
        found = await ports.repository.read(revision.document(TargetKind.GIT).path)
    except UnavailableError as error:
        return Column("git", error=str(error))
    document = revision.document(TargetKind.GIT)
    column = _column(TargetKind.GIT, revision, presence, found.picture if found else None)
    if found is None:
        return column
    summary = _changed_by(document.path, found) if column.differs else None
    return replace(
        column,
        document=found.content,
        author=found.author,
        at=found.at,
        summary=summary,
    )


async def _mesh_column(ports: Ports, revision: Revision, presence: Presence) -> Column:
    kind = ports.installation.mesh
    try:
        found = await ports.mesh.observe(revision.key)
    except UnavailableError as error:
        return Column(kind, error=str(error))
    column = _column(kind, revision, presence, found.picture if found else None)
    if found is None:
        return column
    if not column.differs:
        return replace(column, document=found.document)
    return replace(column, document=found.document, author=found.author, at=found.at)


def _column(
    kind: TargetKind, revision: Revision, presence: Presence, observed: Picture | None
) -> Column:
    desired = Picture(revision.generation, revision.document(kind).digest)
    step = plan(desired, observed, presence=presence, forced=True)
    return Column(
        kind,
        generation=observed.generation if observed else None,
        differs=not isinstance(step, Keep),
        missing=observed is None and presence is Presence.PRESENT,
    )
