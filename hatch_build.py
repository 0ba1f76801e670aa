"""Builds the dashboard into sdist and wheel, where they were not made with it already.

CROSSFADE_DASHBOARD=skip makes a package with the API alone. An editable install never builds:
from a checkout, `make dashboard` or `crossfade up` does.
"""

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).with_name("scripts")))

import dashboard  # the folder of scripts is no package
from toolbox import ROOT


class DashboardHook(BuildHookInterface):  # type: ignore[type-arg]  # needs no configuration
    """The step of a build that makes the dashboard."""

    def dependencies(self) -> list[str]:
        """Node, only when there is something to build: it is a download of 60 MB."""
        if self._skipped or dashboard.in_place(dashboard.source_digest()):
            return []
        pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
        return list(pyproject["dependency-groups"]["node"])

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Build, unless told not to."""
        if version != "editable" and not self._skipped:
            dashboard.ensure()

    @property
    def _skipped(self) -> bool:
        return os.environ.get("CROSSFADE_DASHBOARD") == "skip"
