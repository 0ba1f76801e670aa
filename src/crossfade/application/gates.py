"""What must be well around a rule before traffic is given by it."""

from collections.abc import Sequence

from crossfade.application.ports import Cluster, Ports
from crossfade.domain.addresses import LocalService
from crossfade.domain.around import Around, Backing
from crossfade.domain.errors import BlockedError, Fault, UnavailableError
from crossfade.domain.intent import Intent
from crossfade.manifests.findings import Finding, Severity, blockers, findings
from crossfade.manifests.rivals import as_for_weights


def look_around(
    ports: Ports, intent: Intent, live: Intent | None, service: LocalService | None
) -> Sequence[Finding]:
    """Everything to know of an intent before it is deployed, gravest first.

    A cluster that was not heard yet stops nobody here: the mesh asks again before it writes.
    """
    if ports.cluster is None:
        return findings(intent, live, _on_this_machine(intent, service))
    try:
        around = _heard(ports.cluster, intent, live)
    except UnavailableError as error:
        message = f"What stands around {intent.key} is not known yet: {error}"
        unheard = Finding(Severity.WARNING, "cluster-unheard", message, "")
        return (unheard, *findings(intent, live, None))
    return findings(intent, live, around)


def pass_gates(found: Sequence[Finding]) -> None:
    """BlockedError with every blocker, where there is one."""
    if stopping := blockers(found):
        raise BlockedError(Fault(blocker.pointer, blocker.message) for blocker in stopping)


def _heard(cluster: Cluster, intent: Intent, live: Intent | None) -> Around:
    around = cluster.around(intent)
    alone = live is not None and intent.moves_weights_of(live)
    return as_for_weights(around) if alone else around


def _on_this_machine(intent: Intent, service: LocalService | None) -> Around:
    known = dict(service.versions) if service else {}
    counts = {arm.name: len(known.get(arm.name, ())) for arm in intent.versions}
    backing = {name: Backing(count, count) for name, count in counts.items()}
    return Around(backing=backing, local=True)
