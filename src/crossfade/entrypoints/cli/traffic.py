"""`crossfade deploy`, `rollback`, `history`, `diff`: live traffic."""

import difflib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated
from uuid import uuid4

import typer

from crossfade.entrypoints.cli.client import Client, CommandError, Json, objects
from crossfade.entrypoints.cli.options import (
    Output,
    Reason,
    RuleName,
    Timeout,
    Url,
    connect,
)
from crossfade.entrypoints.cli.output import Format, console, say, show_document, show_table
from crossfade.entrypoints.cli.progress import follow
from crossfade.entrypoints.cli.rules import if_match
from crossfade.entrypoints.cli.words import revision_row

Weights = Annotated[
    list[str] | None,
    typer.Argument(metavar="[VERSION=WEIGHT]...", help="a new split first: v1=50 v2=50"),
]


def deploy(
    name: RuleName,
    weights: Weights = None,
    reason: Reason = None,
    timeout: Timeout = 60.0,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """Make a rule's draft true everywhere, and watch until the proxies obey."""
    wanted = dict(map(_weight, weights or ()))
    client = connect(url)
    rule = client.rule(name)
    if wanted:
        rule = _resplit(client, rule, wanted)
    headers = {**if_match(rule), **_once()}
    path = f"/api/deploy-rule/{rule['id']}"
    operation = client.send("POST", path, body={"reason": reason}, headers=headers)
    follow(client, operation, output, timeout)


def rollback(
    name: RuleName,
    to: Annotated[int | None, typer.Option("--to", help="revision to go back to")] = None,
    reason: Reason = None,
    timeout: Timeout = 60.0,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """Go back to an earlier revision; by default to the newest proven one that differs."""
    client = connect(url)
    rule = client.rule(name)
    body = {"generation": to, "reason": reason}
    path = f"/api/rules/{rule['id']}/rollback"
    operation = client.send("POST", path, body=body, headers=_once())
    follow(client, operation, output, timeout)


def repair(
    name: RuleName,
    reason: Reason = None,
    timeout: Timeout = 60.0,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """Make every target hold the live revision again, over whatever somebody else wrote."""
    client = connect(url)
    path = f"/api/rules/{client.rule(name)['id']}/repair"
    operation = client.send("POST", path, body={"reason": reason}, headers=_once())
    follow(client, operation, output, timeout)


def history(
    name: RuleName,
    limit: Annotated[int, typer.Option("--limit", help="how many revisions")] = 20,
    output: Output = Format.TABLE,
    url: Url = None,
) -> None:
    """The revisions of a rule, newest first, with their commits."""
    client = connect(url)
    page = client.get(f"/api/rules/{client.rule(name)['id']}/revisions", limit=limit)
    if output is not Format.TABLE:
        show_document(page["items"], output)
        return
    headings = ("REVISION", "AT (UTC)", "BY", "CHANGE", "COMMIT", "VERDICT", "WHY")
    show_table(headings, map(revision_row, objects(page["items"])))


def diff(name: RuleName, output: Output = Format.TABLE, url: Url = None) -> None:
    """What a deploy of the draft would change, before anything happens."""
    client = connect(url)
    preview = client.get(f"/api/rules/{client.rule(name)['id']}/preview")
    if output is not Format.TABLE:
        show_document(preview, output)
        return
    say(str(preview["summary"]))
    for finding in objects(preview["findings"]):
        say(f"{finding['severity']}: {finding['message']}")
    for document in objects(preview["documents"]) if preview["changes"] else ():
        _show_diff(document)


def _show_diff(document: Json) -> None:
    current = str(document["current"] or "").splitlines()
    proposed = str(document["proposed"]).splitlines()
    path = f"{document['target']}:{document['path']}"
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in difflib.unified_diff(current, proposed, path, path, lineterm="", n=2):
        console.print(line, style=colours.get(line[0]), markup=False, highlight=False)


def _once() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def _resplit(client: Client, rule: Json, wanted: Mapping[str, float]) -> Json:
    known = [str(version["name"]) for version in objects(rule["versions"])]
    if unknown := sorted(set(wanted) - set(known)):
        raise CommandError(
            f"expected versions of the rule ({', '.join(known)}), found {', '.join(unknown)}."
        )
    versions = [
        {**version, "weight": wanted.get(str(version["name"]), 0)}
        for version in objects(rule["versions"])
    ]
    body = {**rule, "versions": versions}
    return client.send("PUT", f"/api/rules/{rule['id']}", body=body, headers=if_match(rule))


def _weight(word: str) -> tuple[str, int | float]:
    name, _, text = word.partition("=")
    try:
        weight = Decimal(text.removesuffix("%"))
    except InvalidOperation:
        weight = Decimal("nan")
    if not weight.is_finite():
        raise CommandError(f"expected VERSION=WEIGHT such as v2=20, found {word!r}.")
    return name, int(weight) if weight == weight.to_integral_value() else float(weight)
