"""Crossfade shifts traffic between versions of a service, safely."""

__version__ = "0.1.0"
