"""What the environment says about the cluster tests: their only reader of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the parts of a cluster may be found, and whether they must be."""

    kubeconfig: Path | None = None
    assets: Path | None = None
    cache: Path = Path()
    required: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


def from_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """What the variables say; an empty one says nothing."""
    caches = _path(variables, "XDG_CACHE_HOME") or Path.home() / ".cache"
    return Environment(
        kubeconfig=_path(variables, "CROSSFADE_TEST_KUBECONFIG"),
        assets=_path(variables, "KUBEBUILDER_ASSETS"),
        cache=caches / "crossfade" / "cluster",
        required=variables.get("CROSSFADE_CLUSTER_REQUIRED") == "1",
        variables=dict(variables),
    )


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    given = variables.get(name)
    return Path(given).expanduser().absolute() if given else None
