"""Options that many commands share."""

from typing import Annotated

import httpx
import typer

from crossfade.entrypoints.cli.client import Client
from crossfade.entrypoints.cli.output import Format
from crossfade.settings import Settings

TIMEOUT_S = 40.0

RuleName = Annotated[
    str, typer.Argument(metavar="RULE", help="service, namespace/service, or the rule's id")
]
Output = Annotated[Format, typer.Option("--output", "-o", help="table, json or yaml")]
Reason = Annotated[str | None, typer.Option("--reason", "-r", help="why, for the audit")]
Url = Annotated[str | None, typer.Option("--url", help="address of the API (or CROSSFADE_URL)")]
Timeout = Annotated[float, typer.Option("--timeout", help="seconds to wait for the end")]


def connect(url: str | None) -> Client:
    """A client of the Crossfade at an address, by default the one of the settings."""
    address = url or Settings().url
    return Client(httpx.Client(base_url=address, timeout=TIMEOUT_S, trust_env=False))
