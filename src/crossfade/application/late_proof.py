"""The proof of what was applied, where it comes only after its operation has ended."""

from crossfade.application.ports import Ports
from crossfade.application.work import Event
from crossfade.domain.errors import CrossfadeError
from crossfade.domain.revision import Revision, Verdict
from crossfade.domain.target import Target


async def prove_late(ports: Ports) -> None:
    """Ask again for each revision that is applied and not proven."""
    async with ports.work() as work:
        unproven = await work.targets.unproven(ports.installation.mesh)
    for target, revision in unproven:
        await _prove(ports, target, revision)


async def _prove(ports: Ports, target: Target, revision: Revision) -> None:
    try:
        proof = await ports.mesh.effective(revision)
    except CrossfadeError:
        return
    async with ports.work() as work:
        await work.targets.proven(target, proof)
        await work.revisions.judge(revision.key, revision.generation, Verdict.EFFECTIVE)
        work.announce(Event("rule", target.rule_id, target.rule_id))
