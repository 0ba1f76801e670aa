"""What a VirtualService said, one state after the other."""

from dataclasses import dataclass, field
from itertools import pairwise

from crossfade.adapters.kubernetes.objects import Object, spec, version
from crossfade.manifests.pair import generation_of


@dataclass
class History:
    """States of a VirtualService, one for each resourceVersion; None where it was gone."""

    states: dict[str, tuple[int | None, int] | None] = field(default_factory=dict)

    def note(self, found: Object | None) -> None:
        """The object changed to this."""
        if found is None:
            self.states[f"gone after {len(self.states)}"] = None
        else:
            route = spec(found)["http"][0]["route"]
            self.states.setdefault(version(found), (generation_of(found), route[0].get("weight")))

    @property
    def generations(self) -> list[int]:
        """The generations in the order in which they were seen; 0 where there was none."""
        return [state[0] or 0 if state else 0 for state in self.states.values()]

    @property
    def steps_back(self) -> list[tuple[int, int]]:
        """Where an older picture came after a newer one, or other weights in the same."""
        told = [state or (0, 0) for state in self.states.values()]
        return [
            (before[0] or 0, after[0] or 0)
            for before, after in pairwise(told)
            if (after[0] or 0) < (before[0] or 0) or (after[0] == before[0] and after != before)
        ]
