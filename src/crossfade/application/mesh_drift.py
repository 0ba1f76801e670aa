"""Find where the mesh differs from what it confirmed, and heal it where that is the policy."""

from collections.abc import Iterable, Sequence

from crossfade.application.convergence import pursue
from crossfade.application.deployments import heal
from crossfade.application.drift import confirmed_in, differs, keep_drift
from crossfade.application.ports import Observed, Ports
from crossfade.domain.names import ServiceKey
from crossfade.domain.revision import Revision
from crossfade.domain.target import Drift, Presence, Target
from crossfade.manifests.pair import KINDS, pair_in
from crossfade.manifests.reading import at

MOST_REVERTS = 2

Held = tuple[Target, Revision]


async def look_at_mesh(
    ports: Ports, services: Iterable[ServiceKey] | None = None
) -> frozenset[ServiceKey]:
    """Compare services (all, where none are named) with what the mesh should hold of them.

    Answers those that are to be looked at again: they are on their way just now, or could not be
    healed yet.
    """
    if services is None:
        found = await _all(ports)
        return frozenset([held[0].key for held in found if not await _compare(ports, held)])
    return frozenset([key for key in services if not await _look_at(ports, key)])


async def _all(ports: Ports) -> Sequence[Held]:
    async with ports.work() as work:
        return await work.targets.confirmed(ports.installation.mesh)


async def _look_at(ports: Ports, key: ServiceKey) -> bool:
    """Whether the service needs no second look: it was compared, or nothing of it is deployed."""
    async with ports.work() as work:
        rule = await work.rules.find(key)
        found = await confirmed_in(work, key, ports.installation.mesh)
    if found:
        return all([await _compare(ports, held) for held in found])
    return rule is None or rule.generation is None


async def _compare(ports: Ports, held: Held) -> bool:
    """Keep what is found, and heal it where that is the policy; whether all that is done."""
    target, revision = held
    observed = await ports.mesh.observe(target.key)
    if not differs(target, revision, observed.picture if observed else None):
        if target.drift is not None:
            await keep_drift(ports, target, None)
        return True
    drift = _drift(ports, target, observed)
    if not _same(target.drift, drift):
        await keep_drift(ports, target, drift)
    if not ports.installation.heals or _gives_up(target, drift.author):
        return True
    accepted = await heal(ports, target, drift)
    if accepted is not None:
        await pursue(ports, accepted)
    return accepted is not None


def _drift(ports: Ports, target: Target, observed: Observed | None) -> Drift:
    if observed is None:
        return Drift("it is gone from the cluster", None, ports.clock.now())
    author = observed.author
    summary = _gone_in_part(observed) or (
        f"it was changed by {author}" if author else "it was changed"
    )
    if target.presence is not Presence.PRESENT:
        summary = "it is back, though it was taken away"
    if ports.installation.heals and _gives_up(target, author):
        summary += f"; {author} has undone {target.reverts} repairs, so Crossfade leaves it"
    return Drift(summary, author, observed.at or ports.clock.now())


def _gone_in_part(observed: Observed) -> str | None:
    """Which of the rule's two objects somebody took away; None where both are there."""
    kinds = [at(manifest, "kind") for manifest in pair_in(observed.document)]
    gone = [kind for kind in KINDS if kind not in kinds]
    return f"its {gone[0]} is gone from the cluster" if len(gone) == 1 else None


def _same(known: Drift | None, found: Drift) -> bool:
    return known is not None and (known.summary, known.author) == (found.summary, found.author)


def _gives_up(target: Target, author: str | None) -> bool:
    return target.reverts >= MOST_REVERTS and target.reverted_by == author
