"""The names of a rule's routes, the same in every mesh."""

from typing import Final

from crossfade.domain.cohort import Cohort

WEIGHTED_ROUTE: Final = "weighted"


def route_name(cohort: Cohort) -> str:
    """The name of a cohort's route; never that of the weighted route."""
    return f"cohort-{cohort.name}"
