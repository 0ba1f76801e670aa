"""`crossfade local`: services on this machine."""

from collections import defaultdict
from typing import Annotated

import typer

from crossfade.entrypoints.cli.client import CommandError, Json, objects, service_named
from crossfade.entrypoints.cli.options import Output, Url, connect
from crossfade.entrypoints.cli.output import Format, say, show_document, show_table
from crossfade.entrypoints.cli.words import full_name, versions_words

local = typer.Typer(help="Services on this machine.", no_args_is_help=True)

ServiceName = Annotated[str, typer.Argument(metavar="SERVICE", help="service or namespace/service")]


@local.command("add")
def add(
    name: ServiceName,
    version: Annotated[
        list[str], typer.Option("--version", "-v", help="NAME=IP:PORT, once for each address")
    ],
    url: Url = None,
) -> None:
    """Tell where the versions of a service listen."""
    versions: dict[str, list[str]] = defaultdict(list)
    for word in version:
        label, separator, address = word.partition("=")
        if not separator:
            raise CommandError(f"expected NAME=IP:PORT such as v1=127.0.0.1:9001, found {word!r}.")
        versions[label].append(address)
    connect(url).send("PUT", _path(name), body={"versions": versions})
    say(f"{name}: {', '.join(versions)} can get traffic now; make a rule to send it there.")


@local.command("remove")
def remove(name: ServiceName, url: Url = None) -> None:
    """Forget where a service listens."""
    connect(url).send("DELETE", _path(name))
    say(f"{name} is forgotten.")


@local.command("list")
def list_services(output: Output = Format.TABLE, url: Url = None) -> None:
    """All services on this machine."""
    found = objects(connect(url).get("/api/services")["items"])
    if output is not Format.TABLE:
        show_document(found, output)
        return
    show_table(("SERVICE", "VERSIONS"), map(_row, found))


def _row(service: Json) -> list[str]:
    return [full_name(service), versions_words(service)]


def _path(name: str) -> str:
    namespace, service = service_named(name)
    return f"/api/local/{namespace}/{service}"
