"""How it is known that the proxies obey: they say so, or traffic shows it, or time is up."""

from datetime import datetime, timedelta

from crossfade.application.ports import Ports
from crossfade.application.traffic_proof import seen_in_traffic
from crossfade.application.work import Errand
from crossfade.domain.errors import UnavailableError, UntoldError
from crossfade.domain.outcome import Confirmed, Waiting
from crossfade.domain.revision import TargetKind, Verdict

PATIENCE = timedelta(minutes=10)


async def prove(ports: Ports, errand: Errand, applied_at: datetime) -> Confirmed | Waiting:
    """What is known of a revision that was applied, once it is known or must be known.

    The local Envoy always says, sooner or later; a cluster may have nobody who can.
    """
    revision = errand.revision
    digest = revision.document(ports.installation.mesh).digest
    try:
        proof = await ports.mesh.effective(revision)
    except UnavailableError as error:
        if ports.installation.mesh is TargetKind.ENVOY:
            raise
        missing, asked = str(error), not isinstance(error, UntoldError)
    else:
        return Confirmed(proof, digest=digest, applied_at=applied_at)
    if not asked and (seen := await seen_in_traffic(ports, errand, applied_at)) is not None:
        return Confirmed(seen, digest=digest, applied_at=applied_at)
    if ports.clock.now() - applied_at < PATIENCE:
        return Waiting(missing, applied_at)
    return Confirmed(
        f"nobody could tell within {PATIENCE.total_seconds() / 60:.0f} minutes: {missing}",
        verdict=Verdict.NOT_PROVEN,
        digest=digest,
        applied_at=applied_at,
    )
