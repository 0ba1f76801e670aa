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
    digest = errand.revision.document(ports.installation.mesh).digest
    try:
        proof = await _proof(ports, errand, applied_at)
    except UnavailableError as error:
        if ports.installation.mesh is TargetKind.ENVOY:
            raise
        if ports.clock.now() - applied_at < PATIENCE:
            return Waiting(str(error), applied_at)
        told = f"nobody could tell within {PATIENCE.total_seconds() / 60:.0f} minutes: {error}"
        return Confirmed(told, Verdict.NOT_PROVEN, digest=digest, applied_at=applied_at)
    return Confirmed(proof, digest=digest, applied_at=applied_at)


async def _proof(ports: Ports, errand: Errand, applied_at: datetime) -> str:
    """What the proxies say; where nobody can be asked, what traffic shows; UnavailableError."""
    try:
        return await ports.mesh.effective(errand.revision)
    except UntoldError:
        if (seen := await seen_in_traffic(ports, errand, applied_at)) is None:
            raise
        return seen
