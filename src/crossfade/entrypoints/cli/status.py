"""`crossfade status` and `services`: what is connected, and what rules can be made for."""

from typing import Annotated

import typer

from crossfade.entrypoints.cli.client import Client, Json, objects
from crossfade.entrypoints.cli.options import Output, Url, connect
from crossfade.entrypoints.cli.output import Format, say, show_document, show_table
from crossfade.entrypoints.cli.words import connection_row, service_row

SURROUNDINGS = {
    "embedded": "the local Envoy divides traffic",
    "cluster": "traffic is divided in a cluster, by our own hand",
    "git-only": "traffic is divided in a cluster, by whoever brings Git there",
}


def status(output: Output = Format.TABLE, url: Url = None) -> None:
    """What is connected, and where; exits with 1 where something is not well."""
    found = standing(connect(url))
    if output is Format.TABLE:
        say(f"Crossfade {found['version']}: {SURROUNDINGS[str(found['surrounding'])]}.")
        headings = ("", "NAME", "ADDRESS", "DETAIL", "SINCE (UTC)")
        show_table(headings, map(connection_row, objects(found["connections"])))
    else:
        show_document(found, output)
    raise typer.Exit(0 if found["status"] == "ok" else 1)


def services(
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="only of this namespace")
    ] = None,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """Services that a rule can be made for, with their versions."""
    everything = objects(connect(url).get("/api/services")["items"])
    found = [one for one in everything if namespace in (None, one["namespace"])]
    if output is not Format.TABLE:
        show_document(found, output)
    elif not found:
        say("No service was found.")
    else:
        show_table(("SERVICE", "VERSIONS", "RULE"), map(service_row, found))


def standing(client: Client) -> Json:
    """How an installation is: every connection, and the addresses of all by name."""
    me, health = client.get("/api/me"), client.get("/health")
    connections = [*_ours(client, me), *objects(health["checks"])]
    named = ((str(one["name"]), one["address"]) for one in connections)
    return {
        "status": health["status"],
        "version": me["version"],
        "surrounding": me["surrounding"],
        "addresses": {name: address for name, address in named if address},
        "connections": connections,
    }


def _ours(client: Client, me: Json) -> list[Json]:
    """The ways in: to the API, and where it is known to the mesh."""
    api = _way_in("api", client.address, f"acts as {me['name']}")
    if not me["entrance"]:
        return [api]
    return [api, _way_in("entrance", me["entrance"], "where traffic enters the mesh")]


def _way_in(name: str, address: object, detail: str) -> Json:
    return {"name": name, "ok": True, "detail": detail, "address": address, "since": None}
