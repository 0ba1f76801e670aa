"""How a revision comes to a mesh that is also kept in Git."""

from enum import StrEnum


class Delivery(StrEnum):
    """Whose hand writes to the mesh: ours, beside the commit, or a GitOps controller's after it."""

    APPLY = "apply"
    GIT_ONLY = "git-only"
