"""What the environment says: the only reader of it."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from crossfade_dummy.behaviour import Behaviour, of_version

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Settings:
    """Which version this is, how it behaves, and where it listens."""

    version: str
    behaviour: Behaviour
    host: str
    port: int
    pod: str
    upstream_url: str | None
    admin: bool


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings; ValueError says which variable is wrong."""
    version = environment.get("VERSION", "v1")
    usual = of_version(version)
    return Settings(
        version=version,
        behaviour=Behaviour(
            latency_ms=_number(environment, "LATENCY_MS", usual.latency_ms),
            error_rate=_number(environment, "ERROR_RATE", usual.error_rate),
        ),
        host=environment.get("HOST", LOOPBACK),
        port=int(_number(environment, "PORT", 8080)),
        pod=environment.get("POD_NAME") or socket.gethostname(),
        upstream_url=environment.get("UPSTREAM_URL") or None,
        admin=environment.get("DUMMY_ADMIN") == "1",
    )


def _number(environment: Mapping[str, str], name: str, usual: float) -> float:
    given = environment.get(name) or str(usual)
    try:
        return float(given)
    except ValueError:
        raise ValueError(f"{name} must be a number, got {given!r}") from None
