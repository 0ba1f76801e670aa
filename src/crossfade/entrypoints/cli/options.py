"""Options that many commands share."""

from typing import Annotated

import httpx
import typer

from crossfade.entrypoints.cli.client import Client, CommandError
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
    address = _address(url or Settings().url)
    return Client(httpx.Client(base_url=address, timeout=TIMEOUT_S, trust_env=False))


def _address(text: str) -> httpx.URL:
    try:
        address = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise CommandError(f"{text} is no address: {error}.") from None
    if address.scheme not in ("http", "https") or not address.host:
        raise CommandError(f"expected an address such as http://localhost:4000, found {text}.")
    return address
