"""Where the programs of a cluster come from: a folder that is named, our cache, or Go."""

from collections.abc import Mapping
from pathlib import Path

from tests.cluster.building import Builder, Say
from tests.cluster.environment import Environment
from tests.cluster.toolchain import Toolchain

OTHER_NAMES = {"etcd": "server"}  # as Go names it, for the last part of its package


def found(chain: Toolchain, environment: Environment, say: Say) -> Mapping[str, Path]:
    """All that a tool chain yields, by name; built first where it is nowhere yet."""
    named = _in_assets(chain, environment.assets)
    missing = [name for name in chain.names if name not in named]
    if not missing:
        return named
    folder = Builder(environment.cache, environment.variables, say).built(chain)
    return {**{name: folder / name for name in missing}, **named}


def _in_assets(chain: Toolchain, folder: Path | None) -> dict[str, Path]:
    """What is in the folder that is named by KUBEBUILDER_ASSETS."""
    if folder is None:
        return {}
    places = {
        name: [folder / name, folder / OTHER_NAMES.get(name, name)] for name in chain.programs
    }
    return {
        name: place
        for name, candidates in places.items()
        if (place := next((one for one in candidates if one.is_file()), None))
    }
