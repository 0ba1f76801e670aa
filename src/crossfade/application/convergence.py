"""Make every target hold what is desired: observe, decide, record, for one errand or a batch."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from crossfade.application.desire import Accepted
from crossfade.application.ports import Change, Committed, Ports, Uncommitted
from crossfade.application.proving import prove
from crossfade.application.recording import record
from crossfade.application.work import Errand
from crossfade.domain.delivery import Delivery
from crossfade.domain.errors import (
    HalfwayError,
    OutrunError,
    RefusedError,
    UnavailableError,
)
from crossfade.domain.operation import OperationKind
from crossfade.domain.outcome import Confirmed, Outcome, Outrun, Refused, Staged, Waiting
from crossfade.domain.plan import Picture
from crossfade.domain.revision import Revision, TargetKind, short
from crossfade.domain.target import Presence
from crossfade.manifests.canonical import picture
from crossfade.manifests.render import commit_message

MESH_BATCH = 64
GIT_BATCH = 250


async def pursue(ports: Ports, accepted: Accepted) -> None:
    """Run the mesh's part of an accepted operation at once, where it is ours to run."""
    if accepted.errand is not None:
        await fulfil_at_mesh(ports, accepted.errand)


async def converge_mesh(ports: Ports) -> int:
    """How many mesh targets this pass worked on; other processes' and later ones stay."""
    if not ports.mesh.held:
        return 0
    async with ports.work() as work:
        here = ports.installation
        errands = await work.targets.claim(here.mesh, here.holder, MESH_BATCH)
    await asyncio.gather(*(fulfil_at_mesh(ports, errand) for errand in errands))
    return len(errands)


async def converge_git(ports: Ports) -> int:
    """How many files this pass brought to the repository: one commit each, one push for all."""
    async with ports.work() as work:
        errands = await work.targets.claim(TargetKind.GIT, ports.installation.holder, GIT_BATCH)
    if not errands:
        return 0
    outcomes = await _commit(ports, errands)
    for errand, outcome in zip(errands, outcomes, strict=True):
        await record(ports, errand, outcome)
    return len(errands)


async def fulfil_at_mesh(ports: Ports, errand: Errand) -> None:
    """Make one errand true at the mesh and record what came of it."""
    await record(ports, errand, await _at_mesh(ports, errand))


async def _at_mesh(ports: Ports, errand: Errand) -> Outcome:
    try:
        return await _try_at_mesh(ports, errand)
    except RefusedError as error:
        return Refused(str(error))
    except OutrunError as error:
        return Outrun(error.generation)
    except UnavailableError as error:
        return Waiting(str(error))


async def _try_at_mesh(ports: Ports, errand: Errand) -> Confirmed | Staged | Waiting:
    if ports.installation.delivery is Delivery.GIT_ONLY and errand.revision.commit is None:
        return Waiting("Git has to hold it first.")
    if errand.target.presence is not Presence.PRESENT:
        return await _let_go(ports, errand)
    try:
        await ports.mesh.apply(errand.revision)
    except HalfwayError as error:
        return Staged(str(error))
    applied_at = errand.target.applied_at or ports.clock.now()
    proven = await prove(ports, errand, applied_at)
    if isinstance(proven, Confirmed) and await _is_to_be_tidied(ports, errand.revision):
        return Staged(proven.proof, proven=True)
    return proven


async def _is_to_be_tidied(ports: Ports, revision: Revision) -> bool:
    """Whether Git still holds what only an older picture needed."""
    if ports.stages is None:
        return False
    before = await ports.stages.document(revision, proven=False)
    return before != await ports.stages.document(revision, proven=True)


async def _let_go(ports: Ports, errand: Errand) -> Confirmed:
    revision, remove = errand.revision, errand.target.presence is Presence.ABSENT
    return Confirmed(await ports.mesh.release(revision.key, revision.generation, remove=remove))


async def _commit(ports: Ports, errands: Sequence[Errand]) -> Sequence[Outcome]:
    head = await ports.chain.head()
    try:
        changes = [await _change(ports, errand) for errand in errands]
        answers = await ports.repository.commit(changes, head)
    except UnavailableError as error:
        return [Waiting(str(error))] * len(errands)
    branch = ports.installation.branch
    return [
        _committed(errand, answer, change, branch)
        for errand, answer, change in zip(errands, answers, changes, strict=True)
    ]


async def _change(ports: Ports, errand: Errand) -> Change:
    document = errand.revision.document(TargetKind.GIT)
    present = errand.target.presence is Presence.PRESENT
    if present and ports.stages is not None:
        content = await ports.stages.document(errand.revision, proven=errand.target.proven)
        document = replace(document, content=content, digest=picture(content).digest)
    kind = errand.operation.kind if errand.operation else OperationKind.DEPLOY
    return Change(
        path=document.path,
        content=document.content if present else None,
        desired=Picture(errand.revision.generation, document.digest),
        confirmed=errand.target.digest,
        forced=kind is OperationKind.REPAIR or kind.leaves,
        message=commit_message(errand.revision, kind),
    )


def _committed(
    errand: Errand, answer: Committed | Uncommitted, change: Change, branch: str
) -> Outcome:
    if isinstance(answer, Committed):
        digest = change.desired.digest if change.content is not None else None
        proof = f"commit {short(answer.commit)} on {branch}"
        if digest not in (None, errand.revision.document(TargetKind.GIT).digest):
            return Staged(proof, digest=digest, commit=answer.commit)
        return Confirmed(proof, digest=digest, commit=answer.commit)
    if answer.outrun_by is not None:
        return Outrun(answer.outrun_by)
    return Refused(answer.reason, answer.author)
