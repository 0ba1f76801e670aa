"""Who may write to a service's objects: whoever is not outrun, and only to what is ours."""

from crossfade.adapters.kubernetes.objects import Object, being_deleted, title
from crossfade.domain.errors import OutrunError, RefusedError, UnavailableError
from crossfade.domain.names import ServiceKey
from crossfade.domain.plan import Picture, Yield, plan
from crossfade.manifests.authorship import owner
from crossfade.manifests.pair import Pair, marked


class Fence:
    """Stops a writer with an older generation than what is there, or what was there."""

    def __init__(self) -> None:
        # Objects that are gone or handed back tell no generation any more.
        self._left: dict[ServiceKey, int] = {}

    def stop_outrun(self, key: ServiceKey, generation: int, held: Pair) -> None:
        """OutrunError where a higher generation was here."""
        wanted, left = Picture(generation, ""), self._left.get(key)
        for found in (held.generation, left):
            step = plan(wanted, Picture(found, ""), forced=True)
            if isinstance(step, Yield):
                raise OutrunError(step.generation)

    def note_left(self, key: ServiceKey, generation: int) -> None:
        """From now on only a higher generation may write there again."""
        self._left[key] = generation


def foreign(found: Object) -> str | None:
    """Why an object is not ours to write, in a sentence; None where it is.

    What nobody claims may be taken: that is how we leave what we release.
    """
    if marked(found) or not (whose := owner(found)):
        return None
    return f"{title(found)} belongs to {whose}; Crossfade does not overwrite it."


def need_ours(held: Pair) -> None:
    """RefusedError with the owner's name where either object is another's."""
    for found in held:
        if reason := foreign(found):
            raise RefusedError(reason)
        if being_deleted(found):
            raise UnavailableError(f"{title(found)} is being deleted, but its finalizers hold it.")
